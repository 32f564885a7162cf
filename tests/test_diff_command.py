"""`lorelens diff`: text, document and page out of a series' mails, and clear words where there is nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from history_patches import added_file, mbox, posting, series_of, small
from lorelens.diff_pipeline import find_revision
from lorelens.reports.schema import schema_path

PRE = "int take(int n)\n{\n\tif (n > 4)\n\t\treturn -1;\n\treturn n;\n}\n"
HOSTILE = "mm: <script>alert(1)</script> \u202e pool"
FIRST = (
    ("mm: pool: count pages", small("mm/pool.c", 1)),
    ("mm: pool: lock the list", small("mm/list.c", 2)),
    ("mm: take", added_file("mm/take.c", PRE)),
    ("mm: pool: drop the cache", small("mm/cache.c", 3)),
)
SECOND = (
    ("mm: pool: count pages", small("mm/pool.c", 1)),
    ("mm: take", added_file("mm/take.c", PRE.replace("n > 4", "n > 5"))),
    ("mm: pool: lock the list", small("mm/list.c", 2)),
    (HOSTILE, small("mm/new.c", 8)),
)


def lorelens(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "lorelens", *map(str, arguments)], cwd=cwd, capture_output=True
    )


@pytest.fixture(scope="module")
def thread(tmp_path_factory):
    path = tmp_path_factory.mktemp("thread") / "thread.mbox"
    path.write_text(mbox(*posting(*FIRST), *posting(*SECOND, version=2)))
    return path


def test_text_folds_what_is_unchanged(thread, tmp_path):
    done = lorelens("diff", thread, "v1", "v2", "--no-behaviour", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode()
    assert "v1 (2024-01-01, 4 patches) to v2 (2024-01-02, 4 patches)" in text
    assert "2 unchanged, 1 modified, 1 moved, 1 dropped, 1 new." in text
    assert "Unchanged: 1, 3 (was 2)." in text
    assert "3 -> 2 mm: take\n" in text
    assert "      -+        if (n > 4)\n      ++        if (n > 5)\n" in text
    assert "4 -> mm: pool: drop the cache\n    dropped: no like patch in the later revision" in text
    assert "<U+202E>" in text
    assert not any(tmp_path.iterdir())
    again = lorelens("diff", thread, "v1", "v2", "--no-behaviour", "-o", "d", cwd=tmp_path)
    assert (tmp_path / "d" / "diff.txt").read_bytes() == done.stdout
    assert len(again.stdout) < len(done.stdout)


@pytest.mark.slow
def test_behaviour_stands_in_text_and_document(thread, tmp_path):
    done = lorelens("diff", thread, 1, 2, "--jobs", "1", "--no-cache", cwd=tmp_path)
    assert "> when n > 4 and n <= 5: return -1 -> return n" in done.stdout.decode()
    assert b"take changed" in done.stderr
    done = lorelens("diff", thread, 1, 2, "--format", "json", "--jobs", "1", cwd=tmp_path)
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(schema_path("diff").read_text()))
    (function,) = document["series"][0]["pairs"][1]["functions"]
    assert function["delta"]["verdict"] == "changed"


def test_the_document_holds_to_its_schema(thread, tmp_path):
    done = lorelens("diff", thread, "v1", "v2", "--format", "json", "--no-behaviour", cwd=tmp_path)
    assert done.returncode == 0
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(schema_path("diff").read_text()))
    assert document["schema"] == "lorelens/diff/1"
    (series,) = document["series"]
    places = [(pair["before"]["position"], pair["after"]["position"]) for pair in series["pairs"]]
    assert places == [(1, 1), (3, 2), (2, 3)]
    assert [lone["kind"] for lone in (*series["gone"], *series["come"])] == ["dropped", "new"]
    again = lorelens(
        "diff", thread, "v1", "v2", "--format", "json", "--no-behaviour", "-o", "d", cwd=tmp_path
    )
    assert (tmp_path / "d" / "diff.json").read_bytes() == done.stdout
    assert again.stdout.startswith(b"mm: pool: account\n")


class Tags(HTMLParser):
    """The tags of a page, and what its policy allows."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.policy = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = dict(attrs)["content"]


def test_the_page_escapes_mail_and_allows_its_own_script_alone(thread, tmp_path):
    done = lorelens("diff", thread, "v1", "v2", "--format", "html", "-o", "r", "--no-behaviour", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "r" / "index.html").read_text()
    read = Tags()
    read.feed(page)
    assert read.tags.count("script") == 1
    assert "default-src 'none'" in read.policy
    assert "unsafe" not in read.policy
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_revisions_of_two_series_go_by_message_id(thread, tmp_path):
    other = [text.replace("<v", "<other-v").replace("pool", "tank") for text in posting(*SECOND, version=2)]
    mails = [*posting(*FIRST), *(text.replace("/mm: ", "/fs: ").replace(" mm: ", " fs: ") for text in other)]
    (tmp_path / "t.mbox").write_text(mbox(*mails))
    names = ("v1-0@example.org", "<other-v2-1@example.org>")
    done = lorelens("diff", "t.mbox", *names, "--no-behaviour", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"v1 (2024-01-01, 4 patches) to v2 (2024-01-02, 4 patches)" in done.stdout


def test_a_revision_that_is_not_there(thread, tmp_path):
    done = lorelens("diff", thread, "v1", "v7", cwd=tmp_path)
    assert done.returncode == 2
    assert b"no series at hand has both revisions" in done.stderr
    assert b"has v1, v2" in done.stderr


def test_an_incomplete_revision_ends_with_3(tmp_path):
    mails = [*posting(*FIRST), *posting(*SECOND, version=2)[:-1]]
    (tmp_path / "t.mbox").write_text(mbox(*mails))
    done = lorelens("diff", "t.mbox", "1", "2", "--no-behaviour", cwd=tmp_path)
    assert done.returncode == 3
    assert b"1 new" not in done.stdout


def test_revisions_go_by_number_and_by_what_the_mails_say():
    series = series_of(*posting(*FIRST), *posting(*SECOND, version=2))
    for name, number in (("1", 1), ("v1", 1), ("V2", 2), ("2", 2), (" v2 ", 2)):
        assert find_revision(series, name).number == number
    for name in ("3", "v", "", "RFC", "v2.1", "two"):
        assert find_revision(series, name) is None
