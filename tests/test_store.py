"""The store on both databases: what is kept is found again, whatever mail holds and whoever else writes."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from lorelens.errors import StoreError
from lorelens.fetch.source.sources import read_messages
from lorelens.reports.store import tables as of
from lorelens.reports.store.connect import open_engine
from lorelens.reports.store.content import HEAD, digest, text_key
from lorelens.reports.store.export import copy_store, export_lines, export_mbox
from lorelens.reports.store.health import examine_store
from lorelens.reports.store.query import find_history
from lorelens.reports.store.record import record_run
from lorelens.reports.store.serve import find_run
from lorelens.reports.store.store import open_store
from lorelens.reports.store.values import Question
from sqlalchemy import func, make_url, select, text
from store_samples import (
    POSTGRES,
    comment,
    document,
    finding,
    function,
    mail,
    new_database,
    open_and_put,
    record_ten,
    revision,
    run,
)

DATABASES = ["sqlite", "postgres"]


@pytest.fixture(params=DATABASES)
def url(request, tmp_path):
    """The URL of a new, empty store."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'below' / 'store.sqlite3'}"
        return
    if not POSTGRES:
        pytest.skip("no PostgreSQL: $LORELENS_TEST_POSTGRES names none (.ci/run starts one)")
    with new_database() as name:
        yield name


@pytest.fixture
def store(url):
    with open_store(url) as opened:
        yield opened


def rows(store) -> dict[str, int]:
    with store.reading() as connection:
        count = select(func.count())
        return {
            table.name: connection.execute(count.select_from(table)).scalar_one()
            for table in of.metadata.sorted_tables
        }


def only(store, **question):
    (found,) = find_history(store, Question(**question))
    return found


def test_the_samples_are_documents():
    schema = json.loads((Path(of.__file__).parent.parent / "review.schema.json").read_text())
    sample = document(
        revision(1, "a@x", "b@x"),
        functions=[function("count_one")],
        comments=[comment("r@x", "Why?")],
        findings=[finding()],
    )
    jsonschema.validate(sample, schema)


def test_results_come_back(store, url):
    key = text_key("one")
    assert store.get(key) is None
    store.put(key, b"value" * 1000)
    store.put(key, b"value" * 1000)
    assert store.get(key) == b"value" * 1000
    with open_store(url) as other:
        assert other.get(key) == b"value" * 1000


def test_a_run_comes_back_as_it_was(store):
    done = run(
        document(revision(1, "a@x")), document(revision(1, "b@x"), title="mm: other"), code=3, word="w"
    )
    assert find_run(store, done.key) is None
    record_run(store, done)
    kept = find_run(store, done.key)
    assert kept is not None
    assert (kept.code, kept.word, kept.made_at) == (3, "w", done.made_at)
    assert list(kept.parts) == [review.written for review in done.reviews]


def test_the_same_run_again_adds_nothing(store):
    done = run(document(revision(1, "a@x"), comments=[comment("r@x", "Why?")], functions=[function("f")]))
    record_run(store, done)
    before = rows(store)
    assert before["comment_state"] == before["function"] == before["review"] == 1
    record_run(store, done)
    assert rows(store) == before


def test_equal_bytes_are_kept_once(store):
    record_run(store, run(document(revision(1, "a@x")), name="one"))
    before = rows(store)["blob"]
    record_run(store, run(document(revision(1, "a@x")), name="two"))
    assert rows(store)["blob"] == before + 1  # the page, which names the run
    assert rows(store)["run"] == 2


def test_a_run_that_must_not_be_served_leaves_its_review(store):
    done = run(document(revision(1, "a@x")), served=False)
    record_run(store, done)
    assert find_run(store, done.key) is None
    assert len(only(store).reviews) == 1


def test_a_run_is_served_only_while_its_files_read_the_same(store, tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.c").write_bytes(b"int a;\n")
    reads = {(str(tree), "a.c"): digest(b"int a;\n"), (str(tree), "b.c"): None}
    done = run(document(revision(1, "a@x")), reads=reads)
    record_run(store, done)
    assert find_run(store, done.key) is not None
    (tree / "b.c").write_bytes(b"")
    assert find_run(store, done.key) is None
    (tree / "b.c").unlink()
    assert find_run(store, done.key) is not None
    (tree / "a.c").write_bytes(b"int b;\n")
    assert find_run(store, done.key) is None


@pytest.mark.parametrize("damage", [b"no zlib", b""])
def test_damaged_content_is_never_served_and_doctor_tells(store, url, damage):
    done = run(document(revision(1, "a@x")))
    record_run(store, done)
    page = digest(done.reviews[0].written.files["index.html"])
    with store.writing() as connection:
        connection.execute(of.blob.update().where(of.blob.c.key == page).values(body=damage))
    assert find_run(store, done.key) is None
    assert any(line.startswith("broken") and "1 of" in line for line in examine_store(url))


def test_whatever_a_mail_holds_is_kept(store):
    odd = "a\0b\udc80\ud800 \u202e" + "é" * 5000
    name = "x" * 9000 + "@x"
    big = revision(1, name)
    big["expected"] = 10**30
    whole = document(
        big,
        title=odd,
        path=odd,
        functions=[function(odd, path=odd), function("f" * 9000)],
        comments=[comment("r" * 9000 + "@x", odd, on=name, path=odd)],
        findings=[finding(odd)],
    )
    record_run(store, run(whole, mails=(mail(name, subject=odd.replace("\0", " "), body=odd),)))
    found = only(store)
    assert "\0" not in found.title
    assert found.title.startswith("a\ufffdb\ufffd\ufffd")
    assert found.revisions[0].patches[0].message_id == name
    assert len(only(store, text=name).comments) == 1
    assert sum(1 for _ in export_lines(store, [found])) == 3


def test_a_series_grows(store):
    first, second = revision(1, "a1@x", "b1@x", expected=2), revision(2, "a2@x", "b2@x", expected=2)
    record_run(store, run(document(first), name="one", second=1))
    record_run(store, run(document(first, second), name="two", second=2))
    found = only(store)
    assert [one.number for one in found.revisions] == [1, 2]
    assert [(one.revision, one.newest) for one in found.reviews] == [(1, True), (2, True)]


def test_two_series_that_turn_out_to_be_one_become_one(store):
    first, second = revision(1, "a1@x"), revision(2, "a2@x")
    record_run(store, run(document(first), name="one", second=1))
    record_run(store, run(document(second, title="mm: other name"), name="two", second=2))
    assert len(find_history(store, Question())) == 2
    record_run(store, run(document(first, second), name="three", second=3))
    found = only(store)
    assert len(found.reviews) == 3
    assert [one.number for one in found.revisions] == [1, 2]


def test_a_partial_copy_takes_nothing_away(store):
    record_run(store, run(document(revision(1, "a@x", "b@x", expected=2)), name="one", second=1))
    record_run(store, run(document(revision(1, "b@x", expected=2)), name="two", second=2))
    found = only(store)
    assert [(one.number, one.complete, len(one.patches)) for one in found.revisions] == [(1, True, 2)]
    assert [one.newest for one in found.reviews] == [False, True]


def test_a_fuller_copy_takes_the_place_of_a_partial_one(store):
    record_run(store, run(document(revision(1, "b@x", expected=2)), name="one", second=1))
    record_run(store, run(document(revision(3, "a@x", "b@x", expected=2)), name="two", second=2))
    found = only(store)
    assert [(one.number, len(one.patches)) for one in found.revisions] == [(3, 2)]
    assert [one.newest for one in found.reviews] == [False, True]


def test_a_patch_that_completes_an_older_revision_stands_in_both(store):
    """v1 has a and b; v1.1 posts only b again, and so its revision shares a with v1."""
    record_run(store, run(document(revision(1, "a@x", "b@x"), revision(2, "a@x", "b11@x"))))
    assert [[p.message_id for p in one.patches] for one in only(store).revisions] == [
        ["a@x", "b@x"],
        ["a@x", "b11@x"],
    ]


@pytest.fixture
def filled(store):
    one = document(
        revision(1, "a@x"),
        functions=[function("count_one"), function("count_two", path="mm/two.c", verdict="undecided")],
        comments=[
            comment("r1@x", "Why not unlock first?", "open"),
            comment("r2@x", "Rename it, please.", "unknown", path="mm/two.c"),
            comment("r3@x", "100% of_this?", "unknown", path=None),
        ],
        findings=[finding()],
    )
    other = document(
        revision(1, "z@x"), title="fs: another", path="fs/a.c", functions=[function("g", "fs/a.c")]
    )
    record_run(store, run(one, other, name="one", second=1))
    later = json.loads(json.dumps(one))
    later["comments"][0]["state"] = "addressed"
    record_run(store, run(later, name="two", second=2))
    return store


def test_history_by_title_mail_author_file_function_state(filled):
    def titles(**question):
        return [one.title for one in find_history(filled, Question(**question))]

    both = ["fs: another", "mm: count twice"]
    assert sorted(titles()) == both
    assert titles(text="COUNT") == ["mm: count twice"]
    assert titles(text="<z@x>") == ["fs: another"]
    assert titles(text="%") == []
    assert titles(author="ove@berg") == ["mm: count twice"]
    assert sorted(titles(author="ida lind")) == both
    assert titles(file="two.c") == []  # no patch changes it: the document's file is mm/one.c
    assert titles(file="one.c") == ["mm: count twice"]
    assert titles(function="g") == ["fs: another"]
    assert titles(function="count") == []
    assert titles(state="addressed") == ["mm: count twice"]
    assert titles(state="open") == []
    assert titles(file="one.c", state="unknown") == []
    assert titles(author="nobody") == []


def test_history_keeps_what_became_of_a_comment(filled):
    first = only(filled, state="addressed").comments[0]
    assert [one.state for one in first.states] == ["open", "addressed"]
    assert first.requests == ("Why not unlock first?",)


def test_history_shows_the_newest_review_s_verdicts(filled):
    found = only(filled, text="count")
    assert [(one.name, [v.verdict for v in one.verdicts]) for one in found.functions] == [
        ("count_one", ["changed"]),
        ("count_two", ["undecided"]),
    ]
    assert [one.title for one in found.findings] == ["the lock is not given back"]
    narrowed = only(filled, function="count_one")
    assert [one.name for one in narrowed.functions] == ["count_one"]
    assert [one.message_id for one in narrowed.comments] == ["r1@x"]


def test_export_is_read_again(filled, tmp_path):
    histories = find_history(filled, Question())
    lines = [json.loads(line) for line in export_lines(filled, histories)]
    assert lines[0] == {"schema": "lorelens/export/1", "series": 2}
    kinds = [line["kind"] for line in lines[1:]]
    assert (kinds.count("series"), kinds.count("review")) == (2, 3)
    assert all(
        line["document"]["schema"] == "lorelens/review/1" for line in lines if line.get("kind") == "review"
    )
    quoted = mail("q@x", body="From here on\n>From there\nend")
    record_run(filled, run(document(revision(1, "q@x"), title="q"), name="q", mails=(quoted,)))
    with open(tmp_path / "all.mbox", "wb") as file:
        assert export_mbox(filled, find_history(filled, Question()), file) == 6
    read = {one.message_id: one for one in read_messages([tmp_path / "all.mbox"])}
    assert set(read) == {"a@x", "r1@x", "r2@x", "r3@x", "z@x", "q@x"}
    assert read["q@x"].body.rstrip("\n") == "From here on\n>From there\nend"


@pytest.mark.parametrize("other", DATABASES)
def test_a_store_is_copied_whole(filled, tmp_path, other):
    if other == "postgres" and not POSTGRES:
        pytest.skip("no PostgreSQL: $LORELENS_TEST_POSTGRES names none")

    def copy(target_url):
        with open_store(target_url) as target:
            copy_store(filled, target)
            assert rows(target) == rows(filled)
            copy_store(filled, target)
            assert find_history(target, Question()) == find_history(filled, Question())
            assert find_run(target, text_key("two")) == find_run(filled, text_key("two"))

    if other == "sqlite":
        copy(str(tmp_path / "copy.sqlite3"))
    else:
        with new_database() as name:
            copy(name)


def test_the_migrations_make_the_tables(store):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, of.metadata) == []
    script = ScriptDirectory(str(Path(of.__file__).parent / "migrations"))
    assert script.get_current_head() == HEAD


def test_processes_that_open_a_new_store_at_once_migrate_it_once(url):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert pool.map(open_and_put, [(url, number) for number in range(8)]) == list(range(8))
    with open_store(url) as store:
        assert [store.get(text_key(number)) for number in range(8)] == [b"%d" % number for number in range(8)]


def test_connections_to_a_new_file_at_once_wait_for_one_another(tmp_path):
    for number in range(30):
        ready = threading.Barrier(4)

        def connect(path=tmp_path / f"{number}.sqlite3", ready=ready):
            engine = open_engine(make_url(f"sqlite:///{path}"))
            ready.wait()
            with engine.connect() as connection:
                return connection.exec_driver_sql("PRAGMA journal_mode").scalar()

        with ThreadPoolExecutor(4) as pool:
            assert [each.result() for each in [pool.submit(connect) for _ in range(4)]] == ["wal"] * 4


def test_writers_at_once_lose_nothing(url):
    open_store(url).close()
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        pool.map(record_ten, [(url, number) for number in range(3)])
    with open_store(url) as store:
        keys = [f"{number}-{at}" for number in range(3) for at in range(10)]
        assert all(find_run(store, text_key(key)) for key in keys)
        assert len(only(store).reviews) == 30


def test_a_newer_schema_is_refused_in_words(store, url):
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9000'"))
    store.close()
    with pytest.raises(StoreError, match=r"schema is r9000.*update lorelens"):
        open_store(url)
    assert any("broken" in line and "r9000" in line for line in examine_store(url))


def test_another_program_s_database_is_refused(url):
    from lorelens.reports.store.connect import WRITING, open_engine, read_url

    (Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True) if url.startswith("sqlite") else None)
    engine = open_engine(read_url(url))
    with engine.execution_options(**WRITING).begin() as connection:
        connection.execute(text("CREATE TABLE theirs (number INTEGER)"))
    engine.dispose()
    with pytest.raises(StoreError, match="tables of another program"):
        open_store(url)


def test_doctor_says_what_is_there(filled, url):
    lines = list(examine_store(url))
    assert not [line for line in lines if line.startswith("broken")]
    assert f"schema {HEAD}" in lines[1]
    assert any("2 series, 2 revisions" in line and "3 reviews" in line for line in lines)


def test_doctor_of_a_store_that_is_not_there(tmp_path):
    assert "none yet" in list(examine_store(str(tmp_path / "absent.sqlite3")))[-1]
    assert not (tmp_path / "absent.sqlite3").exists()
    (tmp_path / "empty.sqlite3").touch()
    assert "pending" in list(examine_store(str(tmp_path / "empty.sqlite3")))[-1]


def test_a_damaged_file_is_told(tmp_path):
    path = tmp_path / "store.sqlite3"
    path.write_bytes(b"this is no database, but it is long enough to be looked at" * 100)
    with pytest.raises(StoreError, match=r"store\.sqlite3 cannot be .*damaged.*--no-store"):
        open_store(str(path))
    with open_store(str(tmp_path / "other.sqlite3")) as store:
        for number in range(40):
            store.put(text_key(number), os.urandom(20_000))
    content = bytearray((tmp_path / "other.sqlite3").read_bytes())
    content[8192:400_000] = os.urandom(400_000 - 8192)
    (tmp_path / "other.sqlite3").write_bytes(content)
    lines = list(examine_store(str(tmp_path / "other.sqlite3")))
    assert any(line.startswith("broken") and "move" in line for line in lines)


def test_a_full_store_is_told_and_keeps_what_it_had(tmp_path):
    with open_store(str(tmp_path / "store.sqlite3")) as store:
        store.put(text_key("one"), b"kept")
        with store.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 80")
        with pytest.raises(StoreError, match=r"disk is full.*free some space"):
            store.put(text_key("two"), os.urandom(1 << 20))
        assert store.get(text_key("one")) == b"kept"
        assert store.get(text_key("two")) is None
        store.put(text_key("three"), b"small")
        assert store.get(text_key("three")) == b"small"


def test_a_read_only_store_is_read(tmp_path):
    path = tmp_path / "store.sqlite3"
    done = run(document(revision(1, "a@x")))
    with open_store(str(path)) as store:
        record_run(store, done)
    with open_store(f"sqlite:///file:{path}?mode=ro&uri=true") as store:
        assert find_run(store, done.key) is not None
        with pytest.raises(StoreError, match=r"read-only.*permissions"):
            store.put(text_key("one"), b"x")


def test_a_read_only_server_is_told(url):
    if not url.startswith("postgres"):
        pytest.skip("a matter of PostgreSQL")
    open_store(url).close()
    with (
        open_store(f"{url}&options=-c%20default_transaction_read_only%3Don") as store,
        pytest.raises(StoreError, match="read-only"),
    ):
        store.put(text_key("one"), b"x")


@pytest.mark.parametrize("name", ["mysql://x/y", "http://[bad", "sqlite+what:///x"])
def test_what_is_no_store_is_told(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if name.startswith("sqlite"):
        open_store(name.replace("/x", str(tmp_path / "x"))).close()  # any driver's name means SQLite
        return
    with pytest.raises(StoreError, match="--store"):
        open_store(name)


def test_a_server_that_is_not_there_is_told(tmp_path):
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with pytest.raises(StoreError, match="--no-store") as told:
        open_store(f"postgresql://nobody:secret@/x?host={tmp_path}")
    assert "secret" not in str(told.value)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork(2)")
def test_kill_9_a_hundred_times_loses_nothing_that_was_acknowledged(url):
    """A child writes and acknowledges by a pipe; it is killed at a random moment, also while it migrates."""
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    acknowledged: list[str] = []
    for round_ in range(100):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            _write_for_ever(url, round_, write)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            # In four rounds of five it is killed after its first write, in the others while it opens.
            lines = [pipe.readline()] if chance.random() < 0.8 else []
            time.sleep(chance.random() * 0.05)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            lines += pipe.readlines()
        mine = [f"{round_}-{int(line)}" for line in lines if line.strip()]
        acknowledged += mine
        with open_store(url) as store:
            assert all(find_run(store, text_key(name)) for name in mine)
    with open_store(url) as store:
        missing = [name for name in acknowledged if find_run(store, text_key(name)) is None]
        assert not missing
    assert len(acknowledged) > 60
    assert not [line for line in examine_store(url) if line.startswith("broken")]


def _write_for_ever(url: str, round_: int, pipe: int) -> None:
    try:
        with open_store(url) as store:
            for number in range(10_000):
                name = f"{round_}-{number}"
                record_run(store, run(document(revision(1, f"{name}@x"), title=name), name=name))
                os.write(pipe, f"{number}\n".encode())
    finally:
        os._exit(1)
