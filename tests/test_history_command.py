"""`review` with a store, `history` and `doctor --store`: served only where nothing changed."""

from __future__ import annotations

import difflib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from lorelens.cli import main
from lorelens.config import Options
from lorelens.errors import NetworkError
from lorelens.fetch.source.sources import RawMail
from lorelens.fetch.tree.source_tree import blob_id
from lorelens.history import NOT_IN_KEY, Keeper
from lorelens.reports.history_page import render_history
from lorelens.reports.history_text import history_text
from lorelens.reports.schema import schema_path
from lorelens.reports.store.query import find_history
from lorelens.reports.store.record import record_run
from lorelens.reports.store.store import open_store
from lorelens.reports.store.values import Question
from store_samples import POSTGRES, comment, document, finding, function, new_database, revision, run

BASE = """#include <linux/pond.h>

int pond_fill(struct pond *pond, int frogs)
{
	if (frogs < 0)
		return -EINVAL;
	pond->frogs += frogs;
	return 0;
}
"""
V1 = BASE.replace("frogs < 0", "frogs <= 0")
V2 = V1.replace("	pond->frogs += frogs;\n", "	pond->frogs += frogs;\n	pond->full = 1;\n")
HEADER = "#define POND_FROGS 10\n\nstruct pond {\n\tint frogs;\n};\n"
"""Only the header's pre-image is at hand, so that no function is compared, which takes seconds."""
HEADERS = {V1: HEADER.replace("10", "20"), V2: HEADER.replace("10", "30")}
UNCHANGED = b"unchanged since"


def diff(before: str, after: str, path: str = "mm/pond.c") -> str:
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{path}", f"b/{path}")
    ids = blob_id(before.encode())[:12], blob_id(after.encode())[:12]
    return f"diff --git a/{path} b/{path}\nindex {ids[0]}..{ids[1]} 100644\n" + "".join(lines)


def as_mail(name: str, subject: str, day: int, body: str, parent: str = "", who: str = "Ida Lind") -> str:
    address = who.split()[0].lower() + "@pond.example.org"
    reply = f"In-Reply-To: <{parent}>\nReferences: <{parent}>\n" if parent else ""
    return (
        f"From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: {who} <{address}>\nMessage-ID: <{name}>\n{reply}"
        f"Date: {day} Mar 2026 10:00:00 +0000\nSubject: {subject}\n\n{body}\n"
    )


def as_patch(name: str, version: str, day: int, after: str) -> str:
    signed = "Frogs are counted.\n\nSigned-off-by: Ida Lind <ida@pond.example.org>\n---\n"
    header = diff(HEADER, HEADERS[after], "mm/pond.h")
    body = f"{signed}{diff(BASE, after)}{header}-- \n2.39\n"
    return as_mail(name, f"[PATCH{version}] mm/pond: count frogs", day, body)


V1_MAIL = as_patch("v1@pond.example.org", "", 2, V1)
REPLY = as_mail(
    "r1@pond.example.org",
    "Re: [PATCH] mm/pond: count frogs",
    3,
    "> +\tif (frogs <= 0)\n\nCould you keep zero allowed?\n",
    "v1@pond.example.org",
    "Ove Berg",
)
V2_MAIL = as_patch("v2@pond.example.org", " v2", 5, V2)
LATER = as_mail(
    "r2@pond.example.org", "Re: [PATCH v2] mm/pond: count frogs", 6, "Looks good.\n", "v2@pond.example.org"
)


@pytest.fixture
def place(tmp_path):
    """A folder with pond.mbox, a plain tree, and a store that is not there yet."""
    (tmp_path / "pond.mbox").write_text(V1_MAIL + REPLY + V2_MAIL)
    (tmp_path / "tree" / "mm").mkdir(parents=True)
    (tmp_path / "tree" / "mm" / "pond.h").write_text(HEADER)
    return tmp_path


def start(place, *arguments, store="store.sqlite3", **more):
    environment = os.environ | {
        "XDG_CACHE_HOME": str(place / "cache"),
        "XDG_DATA_HOME": str(place / "data"),
        "LORELENS_STORE": str(place / store) if "://" not in store and store else store,
    }
    command = [sys.executable, "-m", "lorelens", *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=place, env=environment, **pipes, **more)


def lorelens(place, *arguments, **more):
    process = start(place, *arguments, **more)
    out, err = process.communicate()
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


REVIEW = ("review", "pond.mbox", "--tree", "tree", "--timeout", "0.01", "-o", "report")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_second_run_gives_the_same_bytes_and_does_nothing(place):
    first = lorelens(place, *REVIEW)
    assert first.returncode == 0, first.stderr
    assert UNCHANGED not in first.stderr
    before = files(place / "report")
    shutil.rmtree(place / "report")
    second = lorelens(place, *REVIEW)
    assert UNCHANGED in second.stderr
    assert (second.returncode, second.stdout, files(place / "report")) == (0, first.stdout, before)
    without = lorelens(place, *REVIEW, "--no-store")
    assert UNCHANGED not in without.stderr
    assert (without.stdout, files(place / "report")) == (first.stdout, before)


def test_the_second_run_imports_no_engine(place):
    lorelens(place, *REVIEW)
    code = (
        "import sys; from lorelens.cli import main; code = main(sys.argv[1:]);"
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    environment = os.environ | {"LORELENS_STORE": str(place / "store.sqlite3")}
    done = subprocess.run(
        [sys.executable, "-c", code, *REVIEW], cwd=place, env=environment, capture_output=True, check=True
    )
    assert UNCHANGED in done.stderr
    assert not {"z3", "tree_sitter", "jinja2", "sqlalchemy", "lorelens.pipeline", "lorelens.intake"} & set(
        done.stderr.decode().split()
    )


def change_pre_image(place):
    (place / "tree" / "mm" / "pond.h").write_text(HEADER + "\n")


def remove_pre_image(place):
    (place / "tree" / "mm" / "pond.h").unlink()


def add_pre_image(place):
    (place / "tree" / "mm" / "pond.c").write_text(BASE)


def add_reply(place):
    with open(place / "pond.mbox", "a") as file:
        file.write(LATER)


def change_a_byte(place):
    (place / "pond.mbox").write_text((place / "pond.mbox").read_text().replace("Could you", "Would you"))


def rename_source(place):
    (place / "pond.mbox").rename(place / "other.mbox")
    (place / "pond.mbox").symlink_to("other.mbox")


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [change_pre_image, remove_pre_image, add_pre_image, add_reply, change_a_byte]
)
def test_what_changed_is_not_served(place, change):
    lorelens(place, *REVIEW)
    change(place)
    second = lorelens(place, *REVIEW)
    assert UNCHANGED not in second.stderr
    fresh = files(place / "report")
    lorelens(place, *REVIEW, "--no-store")
    assert files(place / "report") == fresh
    assert UNCHANGED in lorelens(place, *REVIEW).stderr


def test_what_says_the_same_is_served(place):
    lorelens(place, *REVIEW)
    rename_source(place)
    (place / "tree" / "mm" / "unrelated.c").write_text("int x;\n")
    assert UNCHANGED in lorelens(place, *REVIEW, "--jobs", "2").stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [("--timeout", "0.02"), ("-v", "1"), ("--format", "json"), ("--no-cache",), ("--fail-on", "undecided")],
)
def test_another_question_is_not_served(place, more):
    lorelens(place, *REVIEW)
    assert UNCHANGED not in lorelens(place, *REVIEW, *more).stderr


def test_the_exit_code_is_kept(place):
    first = lorelens(place, *REVIEW, "--fail-on", "undecided")
    second = lorelens(place, *REVIEW, "--fail-on", "undecided")
    assert UNCHANGED in second.stderr
    assert first.returncode == second.returncode == 3


def git(folder, *arguments):
    me = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgSign=false")
    subprocess.run(["git", "-C", folder, *me, *arguments], check=True, capture_output=True)


def commit(place):
    (place / "tree" / "new.c").write_text("int y;\n")
    git(place / "tree", "add", ".")
    git(place / "tree", "commit", "-qm", "more")


def tag(place):
    git(place / "tree", "tag", "v9")


def lose_objects(place):
    objects = place / "tree" / ".git" / "objects"
    blob = blob_id(HEADER.encode())
    (objects / blob[:2] / blob[2:]).unlink()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("change", [commit, tag, lose_objects])
def test_another_state_of_a_repository_is_not_served(place, change):
    git(place / "tree", "init", "-q", "-b", "main")
    git(place / "tree", "add", ".")
    git(place / "tree", "commit", "-qm", "base")
    lorelens(place, *REVIEW)
    (place / "tree" / "untracked.c").write_text("int x;\n")
    assert UNCHANGED in lorelens(place, *REVIEW).stderr
    change(place)
    assert UNCHANGED not in lorelens(place, *REVIEW).stderr


def test_every_option_is_in_the_key_but_those_that_no_document_depends_on():
    """A new option is in the key by itself; what is left out is left out here, too."""
    names = set(Options.__dataclass_fields__)
    assert names >= NOT_IN_KEY
    assert {"output", "jobs", "cache", "store", "anew"} == NOT_IN_KEY


def test_all_of_lorelens_own_code_is_in_the_key(tmp_path, monkeypatch):
    import lorelens.reports.store.identity as identity

    listed = {name for name, _ in identity._code(identity.files("lorelens"), "")}
    root = Path(identity.__file__).parents[2]
    packages = [path.parent for path in root.rglob("__init__.py") if ".git" not in path.parts]
    wanted = {
        str(path.relative_to(root))
        for package in packages
        for path in package.iterdir()
        if path.suffix in (".py", ".html", ".css", ".js", ".c", ".h", ".json")
        and not any(part in ("tests", "bench", "build", ".types") for part in path.relative_to(root).parts)
    }
    assert wanted <= listed
    assert not [name for name in listed if name.startswith(("tests", "bench"))]


class FakeArchive:
    """Lore with one thread and one other revision; counts what it is asked."""

    def __init__(self) -> None:
        self.asked, self.more, self.broken = 0, [], False

    def read_thread(self, source):
        yield RawMail(raw=V1_MAIL.partition("\n")[2].encode(), origin="archive, mail 1")

    def read_revisions(self, *, change_id="", title="", author=""):
        self.asked += 1
        if self.broken:
            raise NetworkError("a search", "no answer")
        mails = [V2_MAIL, *self.more]
        return iter([RawMail(raw=one.partition("\n")[2].encode(), origin="search") for one in mails])


def run_keeper(place, archive):
    told = []
    options = Options(
        sources=("v1@pond.example.org",),
        trees=(str(place / "tree"),),
        timeout=0.01,
        store=str(place / "s.db"),
    )
    with Keeper(options, told.append) as keeper:
        keeper.intake._archive = archive
        kept = keeper.find()
        if kept is not None:
            return kept.parts
        from lorelens.pipeline import report

        reviews = list(keeper.review())
        written = [report(one, options.formats) for one in reviews]
        keeper.keep(reviews, written, 0)
        assert not any("store" in one for one in told), told
        return None


def test_an_archive_that_has_more_by_now_is_not_served(place):
    archive = FakeArchive()
    assert run_keeper(place, archive) is None
    assert archive.asked == 1
    (kept,) = run_keeper(place, archive)
    assert b"v2@pond.example.org" in kept.files["review.json"]
    archive.more.append(LATER)
    assert run_keeper(place, archive) is None
    (kept,) = run_keeper(place, archive)
    assert b"r2@pond.example.org" in kept.files["review.json"]


def test_a_run_whose_search_failed_is_not_served(place):
    archive = FakeArchive()
    archive.broken = True
    assert run_keeper(place, archive) is None
    archive.broken = False
    assert run_keeper(place, archive) is None
    assert run_keeper(place, archive) is not None


def newer_schema(place):
    open_store(str(place / "store.sqlite3")).close()
    with sqlite3.connect(place / "store.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r9000'")


def corrupt(place):
    (place / "store.sqlite3").write_bytes(b"no database at all " * 1000)


def a_folder(place):
    (place / "store.sqlite3").mkdir()


def another_program(place):
    with sqlite3.connect(place / "store.sqlite3") as connection:
        connection.execute("CREATE TABLE theirs (number INTEGER)")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (newer_schema, b"update lorelens"),
        (corrupt, b"damaged"),
        (a_folder, b"permissions"),
        (another_program, b"another program"),
    ],
)
def test_a_bad_store_is_told_and_the_report_goes_on(place, spoil, word):
    spoil(place)
    done = lorelens(place, *REVIEW)
    assert done.returncode == 0
    assert word in done.stderr
    assert b"goes on without the store" in done.stderr
    assert b"Traceback" not in done.stderr
    assert (place / "report" / "index.html").exists()
    again = lorelens(place, "history")
    assert again.returncode == 2
    assert word in again.stderr


def limit_files():
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))


def test_a_full_disk_is_told_and_the_report_goes_on(place):
    """No file may grow beyond 60 kB, so the store cannot be made whole; the report is smaller than that."""
    done = lorelens(place, *REVIEW, "--format", "json", preexec_fn=limit_files)
    assert done.returncode == 0, done.stderr
    assert b"goes on without the store" in done.stderr
    assert (place / "report" / "review.json").exists()
    assert lorelens(place, *REVIEW, "--format", "json").returncode == 0


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="mounts a small file system as root")
def test_a_full_file_system_is_told_and_the_store_stays_whole(place):
    small = place / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small], check=False).returncode:
        pytest.skip("mount(8) is not allowed here")
    try:
        assert lorelens(place, *REVIEW, "-v", "1", store="small/s.db").returncode == 0
        with open(small / "filler", "wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 4096)
        done = lorelens(place, *REVIEW, store="small/s.db")
        assert done.returncode == 0
        assert b"the disk is full (free some space" in done.stderr
        (small / "filler").unlink()
        assert UNCHANGED in lorelens(place, *REVIEW, "-v", "1", store="small/s.db").stderr
        assert lorelens(place, "doctor", "--store", store="small/s.db").returncode == 0
    finally:
        subprocess.run(["umount", small], check=True)


@pytest.fixture
def read_only(place):
    """The folder "kept", with a store that may only be read."""
    assert lorelens(place, *REVIEW).returncode == 0
    folder = place / "kept"
    folder.mkdir()
    (place / "store.sqlite3").rename(folder / "s.db")
    as_root = os.getuid() == 0  # whom no permission stops
    if as_root:
        for options in (["--bind", folder, folder], ["-o", "remount,ro,bind", folder]):
            if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
                pytest.skip("mount(8) is not allowed here, and no permission stops root")
    else:
        folder.chmod(0o555)
        (folder / "s.db").chmod(0o444)
    yield place
    if as_root:
        subprocess.run(["umount", folder], check=True)
    else:
        folder.chmod(0o755)


def test_a_store_that_may_only_be_read_is_read(read_only):
    place = read_only
    assert UNCHANGED in lorelens(place, *REVIEW, store="kept/s.db").stderr
    other = lorelens(place, *REVIEW, "-v", "1", store="kept/s.db")
    assert other.returncode == 0
    assert b"read-only" in other.stderr
    assert b"goes on without the store" in other.stderr
    assert b"mm/pond: count frogs" in lorelens(place, "history", store="kept/s.db").stdout
    assert lorelens(place, "doctor", "--store", store="kept/s.db").returncode == 0


def test_two_reviews_at_once_both_finish(place):
    both = [start(place, *REVIEW[:-1], f"report{number}", "-v", number) for number in (1, 2)]
    for process in both:
        _, err = process.communicate()
        assert process.returncode == 0, err
        assert b"without the store" not in err
    found = json.loads(lorelens(place, "history", "--format", "json").stdout)
    assert len(found["series"][0]["reviews"]) == 2


@pytest.mark.slow
def test_a_killed_review_leaves_a_store_that_is_whole(place):
    chance = random.Random(5)
    for _ in range(12):
        process = start(place, *REVIEW, "--timeout", f"{chance.random() / 100 + 0.001:.4f}")
        time.sleep(chance.random() * 2.5)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if (place / "store.sqlite3").exists():
            assert lorelens(place, "doctor", "--store").returncode == 0
    assert lorelens(place, *REVIEW).returncode == 0
    assert UNCHANGED in lorelens(place, *REVIEW).stderr


@pytest.fixture(params=["sqlite", "postgres"])
def reviewed(request, place):
    """A place whose review is kept, and the name of its store."""
    if request.param == "sqlite":
        assert lorelens(place, *REVIEW).returncode == 0
        yield place, "store.sqlite3"
        return
    if not POSTGRES:
        pytest.skip("no PostgreSQL: $LORELENS_TEST_POSTGRES names none (.ci/run starts one)")
    with new_database() as name:
        assert lorelens(place, *REVIEW, store=name).returncode == 0
        yield place, name


def test_history_as_text_json_and_html(reviewed):
    place, store = reviewed
    text = lorelens(place, "history", store=store).stdout.decode()
    assert "mm/pond: count frogs" in text
    assert "v1, 2026-03-02: 1 patch" in text
    assert "mm/pond.c pond_fill: v2 undecided" in text
    assert "Could you keep zero allowed?" in text
    found = json.loads(lorelens(place, "history", "--format", "json", store=store).stdout)
    jsonschema.validate(found, json.loads(schema_path("history").read_text()))
    assert found["schema"] == "lorelens/history/1"
    assert [one["number"] for one in found["series"][0]["revisions"]] == [1, 2]
    assert found["series"][0]["mails"] == 3
    done = lorelens(place, "history", "--format", "html", "-o", "out", store=store)
    assert done.returncode == 0, done.stderr
    assert b"pond_fill" in (place / "out" / "history.html").read_bytes()
    assert UNCHANGED in lorelens(place, *REVIEW, store=store).stderr


def test_history_of_what_is_asked(place, capsys, monkeypatch):
    monkeypatch.setenv("LORELENS_STORE", str(place / "store.sqlite3"))
    assert lorelens(place, *REVIEW).returncode == 0
    for question, there in (
        (["pond"], True),
        (["lake"], False),
        (["v1@pond.example.org"], True),
        (["--author", "ove"], True),
        (["--author", "nobody"], False),
        (["--file", "pond.c"], True),
        (["--file", "lake.c"], False),
        (["--function", "pond_fill"], True),
        (["--function", "pond_drain"], False),
        (["--state", "declined"], False),
    ):
        assert main(["history", *question]) == 0
        out = capsys.readouterr().out
        assert ("count frogs" in out) == there, question
        assert ("Nothing in" in out) != there


def test_export_and_copy(reviewed):
    place, store = reviewed
    done = lorelens(place, "history", "--export", "all.jsonl", store=store)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (place / "all.jsonl").read_text().splitlines()]
    assert [line.get("kind") for line in lines] == [None, "series", "review"]
    again = json.loads(lorelens(place, "series", "all.jsonl.mbox", "--format", "json").stdout)
    direct = json.loads(lorelens(place, "series", "pond.mbox", "--format", "json").stdout)
    assert again == direct
    done = lorelens(place, "history", "--copy-to", "copy.sqlite3", store=store)
    assert done.returncode == 0, done.stderr
    assert UNCHANGED in lorelens(place, *REVIEW, store="copy.sqlite3").stderr


def test_doctor_looks_at_the_store(reviewed):
    place, store = reviewed
    done = lorelens(place, "doctor", "--store", store=store)
    assert done.returncode == 0
    assert b"1 series, 2 revisions, 3 mails" in done.stdout
    assert b"no migration is pending" in done.stdout


def test_no_store_is_told(place):
    done = lorelens(place, "history")
    assert done.returncode == 2
    assert b"none yet" in done.stderr
    assert not (place / "store.sqlite3").exists()


def test_no_store_keeps_nothing(place):
    assert lorelens(place, *REVIEW, "--no-store").returncode == 0
    assert not (place / "store.sqlite3").exists()
    assert not (place / "data").exists()


def test_the_store_is_in_the_data_directory(place):
    assert lorelens(place, *REVIEW, store="").returncode == 0
    assert (place / "data" / "lorelens" / "store.sqlite3").exists()


def test_the_page_shows_mail_as_text(tmp_path):
    evil = "<script>alert(1)</script>\u202e & \"'"
    sample = document(
        revision(1, "a@x"),
        title=evil,
        path=evil,
        functions=[function(evil, path=evil)],
        comments=[comment("r@x", evil, path=evil)],
        findings=[finding(evil)],
    )
    with open_store(str(tmp_path / "s.db")) as store:
        record_run(store, run(sample))
        histories = find_history(store, Question())
    page = render_history(histories, "0.1.0", "the store")["history.html"].decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "\u202e" not in page
    assert "Content-Security-Policy" in page
    assert "default-src &#39;none&#39;" in page
    assert page == render_history(histories, "0.1.0", "the store")["history.html"].decode()
    assert "\u202e" not in history_text(histories, "the store")
    empty = render_history((), "0.1.0", "the store")["history.html"].decode()
    assert "Nothing in the store is like that." in empty
