"""Comments in their places: what waits for an answer, and on which patch."""

from __future__ import annotations

import time

from lorelens.fetch.mail.message import parse_message
from lorelens.fetch.series.assembly import find_series
from lorelens.fetch.series.thread import build_threads
from lorelens.reports.asked import place_comments

DIFF = "---\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
ADA = "Ada Byte <ada@example.org>"


def mail(name, subject, body, author=ADA, answers=""):
    to = f"In-Reply-To: <{answers}@x>\n" if answers else ""
    date = "Date: Mon, 1 Jan 2024 10:00:00 +0000\n"
    return parse_message(
        f"From: {author}\nSubject: {subject}\nMessage-ID: <{name}@x>\n{date}{to}\n{body}".encode()
    )


def placed(mails):
    (series,) = find_series(build_threads(mails))
    return place_comments(series)


def test_what_authors_say_themselves_does_not_wait():
    """The series' poster, and the author of the patch that the comment answers."""
    asked = placed(
        [
            mail("c", "[PATCH 0/2] x", "Both.\n"),
            mail("1", "[PATCH 1/2] one", f"From: Bo <bo@example.org>\n\nWhy.\n{DIFF}", answers="c"),
            mail("2", "[PATCH 2/2] two", f"Why.\n{DIFF}", answers="c"),
            mail("r", "Re: [PATCH 1/2] one", "> Why.\n\nPlease split it.\n", "Cy <cy@example.org>", "1"),
            mail("b", "Re: [PATCH 1/2] one", "> Why.\n\nShould I split it?\n", "Bo <bo@example.org>", "1"),
            mail("a", "Re: [PATCH 2/2] two", "> Why.\n\nPlease wait for v2.\n", ADA, "2"),
        ]
    )
    assert {one.comment.message_id[0]: (one.by_author, one.waits) for one in asked} == {
        "r": (False, True),
        "b": (True, False),
        "a": (True, False),
    }


def test_a_long_chain_of_replies_is_placed_in_time_that_its_length_allows():
    count = 4000
    mails = [mail("p", "[PATCH] x", f"Why.\n{DIFF}")]
    for n in range(count):
        sender = f"P{n % 2} <p{n % 2}@example.org>"
        mails.append(mail(f"r{n}", "Re: [PATCH] x", "Please look.\n", sender, f"r{n - 1}" if n else "p"))
    began = time.process_time()
    asked = placed(mails)
    assert time.process_time() - began < 15
    assert len(asked) == count
    assert all(one.patch is not None for one in asked)
