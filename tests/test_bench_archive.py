"""Threads out of list archives: whole, with what a tree has, and the revisions of a series in one half."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from lorelens.fetch.source.sources import read_messages
from lorelens.fetch.tree.source_tree import blob_id

ROOT = Path(__file__).resolve().parent.parent
POOL = "int pool_size;\n"


def mail(name, subject, body, answers=""):
    below = f"In-Reply-To: <{answers}@example.org>\n" if answers else ""
    return (
        "From mboxrd@z Thu Jan  1 00:00:00 1970\n"
        f"From: Ada Byte <ada@example.org>\nSubject: {subject}\nMessage-ID: <{name}@example.org>\n"
        f"Date: 1 Jan 2024 00:00:00 +0000\n{below}\n{body}\n\n"
    )


def diff(path, blob):
    return (
        f"Why.\n---\ndiff --git a/{path} b/{path}\nindex {blob[:12]}..0123456789ab 100644\n--- a/{path}\n"
        f"+++ b/{path}\n@@ -1 +1 @@\n-int pool_size;\n+long pool_size;\n-- \n2.43.0\n"
    )


def run(tmp_path, *archives, known=""):
    tree = tmp_path / "tree"
    (tree / "mm").mkdir(parents=True)
    (tree / "mm" / "pool.c").write_text(POOL)
    paths = []
    for number, mails in enumerate(archives):
        paths.append(tmp_path / f"list{number}.mbox")
        paths[-1].write_text("".join(mails))
    (tmp_path / "known").mkdir()
    (tmp_path / "known" / "one.mbox").write_text(known or mail("else", "Elsewhere", "Nothing."))
    into = tmp_path / "into"
    command = [sys.executable, ROOT / "bench" / "archive.py", *paths, "--tree", tree, "--into", into]
    subprocess.run([*map(str, command), "--known", str(tmp_path / "known")], check=True, capture_output=True)
    return [json.loads(line) for line in (into / "index.jsonl").read_text().splitlines()]


HERE = diff("mm/pool.c", blob_id(POOL.encode()))
GONE = diff("mm/pool.c", "f" * 40)


def test_a_thread_spread_over_two_lists_is_whole_again(tmp_path):
    reply = mail("reply", "Re: [PATCH] mm: pool: widen", ">From here it looks right.\n>>From quoted", "one")
    rows = run(
        tmp_path,
        [mail("one", "[PATCH] mm: pool: widen", HERE), mail("other", "[PATCH] mm: gone", GONE)],
        [mail("one", "[PATCH] mm: pool: widen", HERE), reply],
    )
    assert [(row["patches"], row["at hand"]) for row in rows] == [(1, 1)]
    messages = {one.message_id: one.body for one in read_messages([rows[0]["mbox"]])}
    assert sorted(messages) == ["one@example.org", "reply@example.org"]
    assert messages["reply@example.org"].strip() == "From here it looks right.\n>From quoted"


def test_revisions_of_a_series_are_in_one_half(tmp_path):
    mails = [
        mail(f"v{version}-{name}", f"[PATCH v{version}] mm: {name}", HERE)
        for name in ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
        for version in (1, 2, 3)
    ]
    rows = run(tmp_path, mails)
    folders = {}
    for row in rows:
        title = Path(row["mbox"]).stem.split("_", 2)[2]
        folders.setdefault(title, set()).add((Path(row["mbox"]).parent, row["half"]))
    assert len(rows) == 18
    assert len(folders) == 6
    assert all(len(places) == 1 for places in folders.values())
    assert {half for ((_, half),) in folders.values()} == {"development", "held"}


def test_what_was_read_before_is_left_out(tmp_path):
    known = mail("far", "[PATCH v7] mm: alpha", GONE)
    rows = run(
        tmp_path, [mail("a", "[PATCH] mm: alpha", HERE), mail("b", "[PATCH] mm: beta", HERE)], known=known
    )
    assert [Path(row["mbox"]).stem for row in rows] == ["20240101_v1_mm-beta"]
