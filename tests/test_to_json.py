"""The JSON documents: CONTRACT.md's keys, schemas that hold, and verdicts that only claim what is shown."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from lorelens.analyze.functions import ChangedFunction, Definition
from lorelens.config import Options
from lorelens.fetch.mail.message import Note
from lorelens.fetch.patch.trailer import Trailer
from lorelens.fetch.repair import Recovered, RecoveredFile, Repair
from lorelens.pipeline import review
from lorelens.reports.schema import DOCUMENTS, build_schema, schema_path
from lorelens.reports.to_json import (
    MOST_OTHERS,
    recover_document,
    review_document,
    series_document,
    to_bytes,
)
from lorelens.reports.unread import patch_notes, unread
from lorelens.reports.verdict import judge_text

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

FILE_KEYS = ["path", "pre_blob", "post_blob", "verified", "tries", "repairs"]
COMMENT_KEYS = ["message_id", "author", "anchor"]
FUNCTION_KEYS = [
    "name", "path", "line", "config", "kind",
    "verdict", "reason", "bounded", "assumptions", "differences", "unchanged",
]  # fmt: skip


@pytest.fixture(scope="module")
def demo():
    options = Options(
        sources=(str(EXAMPLES / "thread.mbox"),), trees=(str(EXAMPLES / "tree"),), command="lorelens demo"
    )
    (found,) = review(options)
    return found


@pytest.fixture(scope="module")
def document(demo):
    return review_document(demo)


def schema(stem):
    return json.loads(schema_path(stem).read_text())


@pytest.mark.parametrize("stem", DOCUMENTS)
def test_the_shipped_schema_is_the_one_of_the_types(stem):
    pytest.importorskip("msgspec", reason="schemas are generated with msgspec (the dev extra)")
    assert schema_path(stem).read_text() == build_schema(stem)
    jsonschema.Draft202012Validator.check_schema(schema(stem))


def test_the_documents_hold_to_their_schemas(demo, document):
    jsonschema.validate(json.loads(to_bytes(document)), schema("review"))
    jsonschema.validate(series_document([demo.series]), schema("series"))


def test_the_keys_of_the_contract_are_there(demo, document):
    assert document["schema"] == "lorelens/review/1"
    assert list(document)[1:7] == ["series", "revision", "patches", "findings", "comments", "sources"]
    (series,) = series_document([demo.series])["series"]
    assert list(series)[:4] == ["title", "author", "revisions", "comments"]
    for revision in series["revisions"]:
        wanted = ["number", "label", "date", "head", "cover", "complete", "expected", "patches"]
        assert list(revision)[:8] == wanted
        for patch in revision["patches"]:
            assert list(patch)[:4] == ["position", "message_id", "title", "replaces"]
    for comment in series["comments"]:
        assert list(comment)[:3] == COMMENT_KEYS
    for comment in document["comments"]:
        assert {"kind", "state", "evidence", "findings"} <= set(comment)
    for patch in document["patches"]:
        assert list(patch)[:5] == ["position", "message_id", "title", "files", "functions"]
        for file in patch["files"]:
            assert list(file)[:6] == FILE_KEYS
        for function in patch["functions"]:
            assert set(FUNCTION_KEYS) <= set(function)


def test_the_demo_as_another_program_meets_it(document):
    assert document["revision"] == 3
    assert [r["number"] for r in document["series"]["revisions"]] == [1, 2, 3]
    v2 = document["series"]["revisions"][1]
    assert [p["replaces"] is not None for p in v2["patches"]] == [False, True, False]
    split, nowait = document["patches"]
    assert [f["verified"] for f in split["files"] + nowait["files"]] == [True] * 5
    kinds = {f["name"]: f["kind"] for f in split["functions"]}
    assert kinds == {"stash_one": ["added"], "stash_populate": ["modified"]}
    fault = next(f for f in nowait["functions"] if f["name"] == "stash_fault")
    assert fault["verdict"] == "changed"
    row = next(r for r in fault["differences"] if r["when"] == "flags & STASH_NOWAIT")
    assert "FAULT_FLAG_RETRY_NOWAIT" in row["after"]
    assert "FAULT_FLAG_RETRY_NOWAIT" not in row["before"]
    assert row["replay"] in ("confirmed", "not-replayable")
    asked = [c for c in document["comments"] if c["kind"] == "request" and "Tomas" in c["author"]]
    assert any(c["anchor"] and c["anchor"]["path"] == "include/uapi/linux/stash.h" for c in asked)


def test_every_text_that_is_named_is_in_sources_under_its_hash(document):
    named = set()
    for patch in document["patches"]:
        named |= {patch["commit_message"], *(file["diff"] for file in patch["files"])}
        named |= {file["pre"] for file in patch["files"] if file["pre"]}
        for function in patch["functions"] + patch["definitions"]:
            named |= {span["source"] for span in (function["pre"], function["post"]) if span}
        held = [function["headers"] for function in patch["functions"] if function["headers"]]
        named |= {headers[side] for headers in held for side in ("pre", "post")}
    assert named == set(document["sources"])
    for key, text in document["sources"].items():
        assert hashlib.sha256(text.encode()).hexdigest() == key


def test_bytes_that_were_no_text_come_out_as_json(demo):
    odd = replace(demo, notes=(Note(kind="charset", detail="half a pair: \ud800"),))
    read = json.loads(to_bytes(review_document(odd)).decode("utf-8", "strict"))
    assert read["notes"][0]["detail"] == "half a pair: \ufffd"


def test_a_recovered_patch_says_what_was_done_to_it():
    file = RecoveredFile(
        path="mm/gup.c",
        pre_blob="1" * 12,
        post_blob="2" * 12,
        verified=None,
        tries=3,
        repairs=(Repair(kind="tabs", lines=4, detail="Blanks were made tabs again."),),
        diff="",
        post_image=None,
        failure=Note(kind="hunk", detail="Hunk 2 has two lines too few."),
    )
    document = recover_document(Recovered(preamble="", files=(file,)))
    jsonschema.validate(document, schema("recover"))
    (entry,) = document["files"]
    assert list(entry)[:6] == FILE_KEYS
    assert entry["repairs"] == [{"kind": "tabs", "lines": 4, "detail": "Blanks were made tabs again."}]
    assert entry["failure"] == {"kind": "hunk", "detail": "Hunk 2 has two lines too few."}


def changed(*kind, pre=None, post=None):
    def definition(**other):
        fields = {
            "name": "f", "symbol": "function", "path": "mm/a.c", "start": 1, "end": 3,
            "text": "int f(void) {}", "config": None, "whole": True, "clean": True,
        }  # fmt: skip
        return Definition(**{**fields, **other})

    return ChangedFunction(
        name="f",
        symbol="function",
        path="mm/a.c",
        pre=None if pre is False else definition(**(pre or {})),
        post=None if post is False else definition(**(post or {})),
        kind=kind,
    )


@pytest.mark.parametrize("kind", [("comment-only",), ("white-space",), ("comment-only", "moved"), ("moved",)])
def test_the_same_text_is_preserved_and_says_what_it_assumes(kind):
    judged = judge_text(changed(*kind))
    assert (judged.verdict, judged.code) == ("preserved", "same-text")
    assert any("__LINE__" in assumption for assumption in judged.assumptions)


@pytest.mark.parametrize(
    "function",
    [
        changed("modified"),
        changed("moved", "modified"),
        changed("signature"),
        changed("renamed"),
        changed(),
        changed("added", pre=False),
        changed("removed", post=False),
        changed("moved", post={"path": "mm/b.c"}),
        changed("moved", post={"config": "CONFIG_SMP"}),
        changed("comment-only", pre={"whole": False}),
        changed("comment-only", post={"clean": False}),
        changed("white-space", pre={"text": "#define A 1\n-x;"}, post={"text": "#define A 1 -x;"}),
        changed("a kind of later"),
    ],
)
def test_whatever_is_not_shown_is_undecided(function):
    judged = judge_text(function)
    assert (judged.verdict, judged.code) == ("undecided", "not-compared")
    assert judged.text.endswith("; behaviour was not compared")


ODD_MAIL = (
    b"From: Ada <ada@example.org>\nSubject: [PATCH%s] mm: take one more page\n"
    b"Message-ID: <%s@example.org>\n%s"
    b"Date: the day before yesterday\n\nTake it, says Ren\xe9.\n---\n"
    b"diff --git a/mm/a.c b/mm/a.c\n--- a/mm/a.c\n+++ b/mm/a.c\n@@ -1,3 +1,3 @@\n"
    b" int one(void)\n {\n-\treturn 1;\n+\treturn 2;\n"
)


def reviewed(folder, *mails):
    path = folder / "mails.mbox"
    path.write_bytes(b"".join(b"From a@b Thu Jan  1 00:00:00 1970\n" + mail + b"\n" for mail in mails))
    (found,) = review(Options(sources=(str(path),), trees=(), command="x"))
    return found


def test_the_notes_of_a_mail_are_those_of_page_and_text(tmp_path):
    cover = (
        b"From: Ada <ada@example.org>\nSubject: [PATCH 0/1] mm: pages\n"
        b"Message-ID: <c@example.org>\n\nRen\xe9\n"
    )
    found = reviewed(tmp_path, cover, ODD_MAIL % (b" 1/1", b"p", b"In-Reply-To: <c@example.org>\n"))
    document = review_document(found)
    (patch,) = document["patches"]
    (revision,) = document["series"]["revisions"]
    assert {"date", "charset"} <= {note["kind"] for note in patch["notes"]}
    assert {"date", "charset"} <= {note["kind"] for note in revision["cover_notes"]}
    assert {"date", "charset"} <= {note["kind"] for note in revision["patches"][0]["notes"]}
    kept = {note["detail"] for note in document["notes"] + document["series"]["notes"] + patch["notes"]}
    kept |= {note["detail"] for note in revision["notes"] + revision["cover_notes"]}
    assert {one.detail for one in unread(found)} == kept
    (series,) = series_document([found.series])["series"]
    assert series["revisions"] == document["series"]["revisions"]
    jsonschema.validate(json.loads(to_bytes(document)), schema("review"))
    jsonschema.validate(series_document([found.series]), schema("series"))


def test_a_fault_that_several_stages_meet_is_said_once(demo):
    failure = Note(kind="diff", detail="mm/a.c: hunk 1 announces 9 lines and has 1.")
    plain = Note(kind="counts", detail="hunk 1 announces 9 lines and has 1.")
    patch = demo.patches[0]
    file = replace(patch.recovered[0], path="mm/a.c", failure=plain)
    change = replace(patch.files[0], path="mm/a.c", failure=failure)
    doubled = replace(patch, recovered=(file,), files=(change,), notes=(failure, *patch.patch.notes))
    assert [(note.path, note.detail) for note in patch_notes(doubled)] == [
        ("mm/a.c", "hunk 1 announces 9 lines and has 1.")
    ]


def test_a_terminal_can_show_a_document_and_a_program_reads_the_same(demo):
    nasty = "\x1b]0;owned\x07 \x9b31m \u202e \u2066 \u200b \ufeff \x7f \U000e0041 Łukasz 林 \N{GRINNING FACE}"
    series = replace(demo.series, title=nasty)
    text = to_bytes(series_document([series])).decode()
    assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"]
    assert "Łukasz 林 \N{GRINNING FACE}" in text
    assert json.loads(text)["series"][0]["title"] == nasty


def test_a_claimed_trailer_is_no_trailer(demo):
    claim = Trailer(name="Acked-by", value="Ada <ada@example.org>", given_by="m@example.org", mismatch=True)
    first = demo.patches[0]
    patch = replace(first.patch, trailers=(*first.patch.trailers, claim))
    revision = replace(demo.revision, patches=(patch, *demo.revision.patches[1:]))
    series = replace(demo.series, revisions=(*demo.series.revisions[:-1], revision))
    odd = replace(
        demo, series=series, revision=revision, patches=(replace(first, patch=patch), *demo.patches[1:])
    )
    document = review_document(odd)
    for entry in (document["patches"][0], document["series"]["revisions"][-1]["patches"][0]):
        assert [t["value"] for t in entry["claimed"]] == ["Ada <ada@example.org>"]
        assert "m@example.org" not in [t["given_by"] for t in entry["trailers"]]


def test_a_patch_of_stray_lines_makes_no_giant(tmp_path):
    hunks = "".join(f"@@ -{n},1 +{n},1 @@\n-a{n}\n+b{n}\n" for n in range(10, 9010, 9)).encode()
    found = reviewed(tmp_path, ODD_MAIL % (b"", b"p", b"") + b" }\n" + hunks)
    document = review_document(found)
    (patch,) = document["patches"]
    assert len(patch["definitions"]) == MOST_OTHERS
    assert [n["detail"] for n in patch["notes"] if n["kind"] == "size"] == [
        "not listed, but in the diff: 1,500 other changes"
    ]
    assert "+b9001\n" in document["sources"][patch["files"][0]["diff"]]
