"""Small documents, mails and stores for the tests of the store; all written for them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from lorelens.fetch.mail.message import parse_message
from lorelens.fetch.source.sources import RawMail
from lorelens.reports.store.content import digest, text_key
from lorelens.reports.store.record import FinishedReview, FinishedRun, KeptMail, record_run
from lorelens.reports.store.store import open_store
from lorelens.reports.written import Written

POSTGRES = os.environ.get("LORELENS_TEST_POSTGRES", "")
AUTHOR = "Ida Lind <ida@lind.example.org>"
REVIEWER = "Ove Berg <ove@berg.example.org>"


@contextmanager
def new_database() -> Iterator[str]:
    """A new PostgreSQL database of $LORELENS_TEST_POSTGRES, gone afterwards."""
    import psycopg
    from sqlalchemy import make_url

    name = f"lorelens_{uuid.uuid4().hex}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def mail(name: str, subject: str = "[PATCH] mm: count twice", body: str = "Text.\n") -> KeptMail:
    head = (
        f"From: {AUTHOR}\nMessage-ID: <{name}>\nDate: Tue, 3 Mar 2026 10:00:00 +0100\nSubject: {subject}\n\n"
    )
    raw = (head + body).encode("utf-8", "surrogatepass")
    return KeptMail(
        mail=RawMail(raw=raw, origin="test.mbox, mail 1"),
        messages=(replace(parse_message(raw), message_id=name),),
    )


def revision(number: int, *names: str, expected: int | None = None, day: int = 1) -> dict:
    patches = [
        {
            "position": position,
            "message_id": name,
            "title": f"mm: step {position}",
            "replaces": None,
            "author": AUTHOR,
            "trailers": [],
            "claimed": [],
            "notes": [],
        }
        for position, name in enumerate(names, 1)
    ]
    return {
        "number": number,
        "label": f"v{number}",
        "date": f"2026-03-{day + number:02d}T10:00:00+01:00",
        "head": names[0],
        "cover": None,
        "complete": expected is None or len(names) >= expected,
        "expected": expected,
        "patches": patches,
        "base_commit": None,
        "prerequisites": [],
        "notes": [],
        "cover_notes": [],
    }


def comment(
    name: str, text: str, state: str = "open", on: str = "a@x", path: str | None = "mm/one.c"
) -> dict:
    anchor = {"message_id": on, "path": path, "side": "post", "line": 7} if path else None
    return {
        "message_id": name,
        "author": REVIEWER,
        "anchor": anchor,
        "number": 1,
        "date": "2026-03-03T12:00:00+00:00",
        "parent": on,
        "quote": "+\tcount++;",
        "text": text,
        "requests": [text],
        "kind": "request",
        "state": state,
        "evidence": {"changelog": [], "hunks": [], "replies": [], "trailers": [], "why": ""},
        "findings": [],
        "links": [],
        "known": [],
    }


def function(name: str, path: str = "mm/one.c", verdict: str = "changed") -> dict:
    code = "budget" if verdict == "undecided" else "differs"
    return {
        "name": name,
        "path": path,
        "line": 12,
        "config": None,
        "headers": None,
        "kind": ["modified"],
        "symbol": "function",
        "pre": None,
        "post": None,
        "verdict": verdict,
        "reason": {"code": code, "text": "1 difference"},
        "bounded": False,
        "assumptions": [],
        "differences": [],
        "unchanged": [],
    }


def finding(title: str = "the lock is not given back") -> dict:
    return {
        "id": "f1",
        "check": "lock-balance",
        "title": title,
        "severity": "high",
        "origin": "introduced",
        "verdict": "solved",
        "function": "count_one",
        "path": "mm/one.c",
        "line": 14,
        "message_id": "a@x",
        "evidence": {
            "lines": [],
            "steps": [],
            "assumes": [],
            "sources": [],
            "fixed_by": "",
            "patch": 1,
            "grounds": None,
        },
        "rerun": "lorelens check",
        "baseline": None,
        "kind": "semantic",
        "dismissed": None,
        "returned": "",
    }


def document(*revisions: dict, number: int | None = None, title: str = "mm: count twice", **more) -> dict:
    """A review document (lorelens/review/1); `more`: functions, comments, findings, path."""
    chosen = number if number is not None else (revisions[-1]["number"] if revisions else None)
    reviewed = next((one for one in revisions if one["number"] == chosen), {"patches": []})
    path = more.get("path", "mm/one.c")
    comments = more.get("comments", [])
    text = "diff\n"
    file = {"path": path, "pre_blob": None, "post_blob": None, "verified": True, "tries": 1, "repairs": []}
    file |= {"failure": None, "source": "tree", "diff": digest(text.encode()), "whole": True, "pre": None}
    patches = [
        {
            "position": patch["position"],
            "message_id": patch["message_id"],
            "title": patch["title"],
            "files": [file],
            "functions": more.get("functions", []),
            "definitions": [],
            "author": AUTHOR,
            "commit_message": digest(text.encode()),
            "quoted": False,
            "trailers": [],
            "claimed": [],
            "notes": [],
        }
        for patch in reviewed["patches"]
    ]
    names = [patch["message_id"] for one in revisions for patch in one["patches"]]
    inner = ("kind", "state", "evidence", "findings", "links", "known")
    return {
        "schema": "lorelens/review/1",
        "series": {
            "title": title,
            "author": AUTHOR,
            "revisions": list(revisions),
            "comments": [{k: v for k, v in one.items() if k not in inner} for one in comments],
            "messages": [*names, *(one["message_id"] for one in comments)],
            "notes": [],
        },
        "revision": chosen,
        "patches": patches,
        "findings": more.get("findings", []),
        "comments": comments,
        "sources": {digest(text.encode()): text},
        "tree": "the tree",
        "command": "lorelens review test.mbox",
        "version": "0.1.0",
        "notes": [],
        "kernel": "",
        "checks": [],
        "tools": [],
        "followed": None,
        "models": [],
        "called": [],
        "known": [],
        "history": None,
    }


def run(*documents: dict, name: str = "run", second: int = 0, **more) -> FinishedRun:
    """A finished run of documents; `name` makes its key, `second` its time."""
    names = {one for each in documents for one in each["series"]["messages"]}
    reviews = tuple(
        FinishedReview(
            document=each,
            written=Written(
                text=f"{each['series']['title']}\n", files={"index.html": b"<p>" + name.encode()}
            ),
        )
        for each in documents
    )
    return FinishedRun(
        **{
            "key": text_key(name),
            "made_at": f"2026-04-01T00:{second // 60:02d}:{second % 60:02d}.000000+00:00",
            "code": 0,
            "reads": {},
            "word": "",
            "served": True,
            "mails": tuple(mail(one) for one in sorted(names)),
            "reviews": reviews,
        }
        | more
    )


def open_and_put(task: tuple[str, int]) -> int:
    """Run in another process: keep one result."""
    url, number = task
    with open_store(url) as store:
        store.put(text_key(number), b"%d" % number)
    return number


def record_ten(task: tuple[str, int]) -> None:
    """Run in another process: record ten runs of one series."""
    url, number = task
    with open_store(url) as store:
        for at in range(10):
            one = document(revision(1, "a@x"), revision(2, "b@x"))
            record_run(store, run(one, name=f"{number}-{at}"))
