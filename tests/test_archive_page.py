"""Web archives' pages, as HTML and as text, -> Messages.

The pages here are written for these tests, in the structure that each archive's software gives them.
"""

from __future__ import annotations

import codecs
import html
import re
from datetime import datetime, timedelta, timezone

import pytest
from lorelens.fetch.source.archive_date import parse_archive_date
from lorelens.fetch.source.archive_page import looks_like_page, parse_page, parse_pages

BODY = """\
Let frogs <in>.

Signed-off-by: Ada Lake <ada@pond.example>
---
diff --git a/mm/pond.c b/mm/pond.c
--- a/mm/pond.c
+++ b/mm/pond.c
@@ -1,2 +1,2 @@
 if (a && b)
-\treturn 0;
+\treturn  1;
"""
PRE = html.escape(BODY, quote=False)
WHEN = datetime(2022, 3, 8, 11, 11, 13, tzinfo=timezone.utc)  # noqa: UP017 -- beside other zones

MHONARC = f"""<!-- MHonArc v2.6.19 -->
<!--X-Subject: [PATCH 1/2] mm: a pond &#45;&#45; v1 -->
<!--X-From-R13: {codecs.encode("Ada Lake <ada@pond.example>", "rot13")} -->
<!--X-Date: Tue, 8 Mar 2022 06:11:13 &#45;0500 -->
<!--X-Message-Id: 1@pond.example -->
<!--X-Reference: 0@pond.example -->
<!--X-Head-End-->
<html><head><title>[PATCH 1/2] mm: a pond -- v1</title></head><body>
"""
MAIL_ARCHIVE = f"""{MHONARC}<h1><span class="subject"><a href="x">[PATCH 1/2] mm: a pond -- v1</a></span></h1>
<p class="darkgray"><span class="sender"><a href="y">Ada Lake</a></span>
<span class="date"><a href="z">Tue, 08 Mar 2022 03:11:13 -0800</a></span></p>
<div class="msgBody"><!--X-Body-of-Message-->
<pre>{PRE}</pre>
<!--X-Body-of-Message-End--></div>
<p>Reply via email to</p><form action="/"></form></body></html>
"""
SPINICS = f"""{MHONARC}[<a href="1">Date Prev</a>][<a href="2">Date Next</a>]
<h1>[PATCH 1/2] mm: a pond -- v1</h1>
<!--X-Head-of-Message--><ul>
<li><em>Subject</em>: [PATCH 1/2] mm: a pond -- v1</li>
<li><em>From</em>: Ada Lake &lt;<a href="m">ada@xxxxxxxxxxxx</a>&gt;</li>
<li><em>To</em>: linux-mm@xxxxxxxxx</li></ul>
<!--X-Head-of-Message-End-->
<!--X-Body-of-Message--><pre>{PRE}</pre><!--X-Body-of-Message-End-->
<strong>Prev by Date:</strong> other</body></html>
"""
HYPERMAIL = f"""<!DOCTYPE html><html><head><title>ponds: [PATCH 1/2] mm: a pond -- v1</title></head><body>
<h1>[PATCH 1/2] mm: a pond -- v1</h1>
<!-- received="Tue Mar  8 11:12:00 2022" -->
<!-- sent="Tue, 8 Mar 2022 11:11:13 +0000" -->
<!-- name="Ada Lake" -->
<!-- email="ada@pond.example" -->
<!-- subject="[PATCH 1/2] mm: a pond -- v1" -->
<!-- id="1@pond.example" -->
<!-- inreplyto="0@pond.example" -->
<!-- body="start" -->
<div class="mail"><address class="headers"><span id="from"><dfn>From</dfn>: Ada Lake</span><br />
<span id="date"><dfn>Date</dfn>: Tue Mar 08 2022 - 06:11:13 EST</span><br /></address>
<pre>{PRE}</pre></div>
<!-- body="end" -->
<ul><li>Next message: other</li></ul></body></html>
"""
PIPERMAIL = f"""<!DOCTYPE HTML><HTML><HEAD><TITLE>[ponds] [PATCH 1/2] mm: a pond -- v1</TITLE></HEAD><BODY>
<H1>[ponds] [PATCH 1/2] mm: a pond -- v1</H1>
<B>Ada Lake</B>
<A HREF="mailto:ponds%40lists.example?In-Reply-To=%3C1%40pond.example%3E">ada at pond.example</A><BR>
<I>Tue Mar  8 11:11:13 UTC 2022</I><P><UL><LI>Previous message: other</UL><HR>
<!--beginarticle-->
<PRE>{PRE}</PRE>
<!--endarticle-->
<HR><P><UL><LI>Next message: other</UL></BODY></HTML>
"""
HYPERKITTY = f"""<!DOCTYPE html><html><body><h1>ponds.lists.example</h1>
<div class="thread-header"><h3>[PATCH 1/2] mm: a pond -- v1</h3></div>
<div class="email first"><div class="email-header"><div class="email-author"><h2 class="name">
<a href="u">Ada Lake</a></h2></div><div class="email-date right"><span class="date"><div class="time">
<span title="Sender's time: March 8, 2022, 11:11 a.m.">8 Mar</span></div></span></div></div>
<div class="email-body"><pre>{PRE}</pre></div></div></body></html>
"""
LORE = f"""<html><head><title>[PATCH 1/2] mm: a pond -- v1 - Ada Lake</title></head><body>
<form><pre><a href="/linux-mm/">Linux-mm Archive on lore.kernel.org</a>
<input name=q></pre></form><pre
id=b>From: Ada Lake &lt;ada@pond.example&gt;
To: linux-mm@kvack.org
Cc: Bob &lt;bob@pond.example&gt;,
	Eve &lt;eve@pond.example&gt;
Subject: <a href="#r" id=t>[PATCH 1/2] mm: a pond -- v1</a>
Date: Tue,  8 Mar 2022 11:11:13 +0000	[<a href="#r">thread overview</a>]
Message-ID: &lt;1@pond.example&gt; (<a href="raw">raw</a>)
In-Reply-To: &lt;<a href="../0@pond.example/">0@pond.example</a>&gt;

{PRE}</pre><hr><pre
id=R><a href="#b">^</a> <a href="https://lore.example/linux-mm/1@pond.example/">permalink</a> <a
href="raw">raw</a> <a href="#R">reply</a>	[<a href="T">flat</a>|nested] 2+ messages in thread</pre>
<hr><pre>Thread overview: 2+ messages
2022-03-08 11:11 [PATCH 0/2] mm: ponds
</pre></body></html>
"""


@pytest.mark.parametrize(
    "page", [MAIL_ARCHIVE, SPINICS, HYPERMAIL, PIPERMAIL, HYPERKITTY, LORE], ids=range(6)
)
def test_html(page):
    assert looks_like_page(page.encode())
    message = parse_page(page.encode(), "page.html")
    assert message.subject == "[PATCH 1/2] mm: a pond -- v1"
    assert message.author.name == "Ada Lake"
    assert message.body == BODY  # <pre> to the byte
    assert abs(message.date - WHEN) < timedelta(minutes=1)
    assert message.verbatim is False
    assert message.origin == "page.html"
    if page is not HYPERKITTY:
        assert message.message_id == "1@pond.example"
        assert message.author.email in ("ada@pond.example", "ada at pond.example")
    if page in (MAIL_ARCHIVE, SPINICS):
        assert message.references == ("0@pond.example",)
    if page in (HYPERMAIL, LORE):
        assert message.in_reply_to == "0@pond.example"


def test_lore_fields():
    message = parse_page(LORE.encode())
    assert [address.email for address in message.cc] == ["bob@pond.example", "eve@pond.example"]
    assert message.notes == ()


def test_lore_thread():
    def block(number: int, subject: str, text: str) -> str:
        link = f'<a href="../{number}@pond.example/">permalink</a>'
        raw = f'<a href="../{number}@pond.example/raw">raw</a>'
        at = f"2022-03-08 11:1{number}"
        return (
            f'<pre><a href="#m{number}" id=m{number}>*</a> <b>{subject}</b>\n'
            f"@ {at} Ada Lake\n  {at} ` other mail\n  0 siblings, 1 reply\n"
            f"<b>From:</b> Ada Lake @ {at} UTC ({link} / {raw})\n  To: linux-mm\n\n{html.escape(text)}\n"
            f'<a href="#m{number}">^</a> {link} {raw} <a href="#R">reply</a>\t[flat|nested] 2+ messages</pre>'
        )

    blocks = block(1, "[PATCH] mm: a pond", BODY) + block(2, "Re: [PATCH] mm: a pond", "No.")
    page = f"<html><body>{blocks}</body></html>"
    first, second = parse_pages(page.encode())
    assert (first.message_id, first.subject, first.body) == ("1@pond.example", "[PATCH] mm: a pond", BODY)
    assert (second.message_id, second.body) == ("2@pond.example", "No.\n")
    assert second.date == datetime(2022, 3, 8, 11, 12, tzinfo=timezone.utc)  # noqa: UP017
    assert second.author.name == "Ada Lake"


TOPS = {
    "hypermail": "[PATCH] mm: a pond\n\nFrom: Ada Lake\nDate: Tue Mar 08 2022 - 06:11:13 EST\n\n\n",
    "without empty lines": "[PATCH] mm: a pond\nFrom: Ada Lake\nDate: Tue Mar 08 2022 - 06:11:13 EST\n",
    "with links": """\
Next message: other
Messages sorted by: [ date ] [ thread ]

[PATCH] mm: a pond

From: Ada Lake (ada@xxxxxxxx)
Date: Tue Mar 08 2022 - 06:11:13 EST

""",
    "spinics": """\
[Date Prev][Date Next][Thread Prev][Thread Next][Date Index][Thread Index]
[PATCH] mm: a pond

  * Subject: [PATCH] mm: a pond
  * From: Ada Lake <ada@xxxxxxxx>
  * Date: Tue, 8 Mar 2022 06:11:13 -0500

""",
    "mail-archive": "[PATCH] mm: a pond\nAda Lake\nTue, 08 Mar 2022 03:11:13 -0800\n\n",
    "lore": """\
From: Ada Lake <ada@pond.example>
To: linux-mm@kvack.org
Subject: [PATCH] mm: a pond
Date: Tue,  8 Mar 2022 11:11:13 +0000\t[thread overview]
Message-ID: <1@pond.example> (raw)

""",
}


@pytest.mark.parametrize("top", TOPS.values(), ids=TOPS)
@pytest.mark.parametrize("foot", ["", "\nReply via email to", '\n\nNext message: other\nReply: Bob: "no"\n'])
def test_text(top, foot):
    raw = (top + BODY + foot).encode()
    assert looks_like_page(raw)
    message = parse_page(raw)
    assert (message.subject, message.author.name) == ("[PATCH] mm: a pond", "Ada Lake")
    assert message.date == WHEN
    assert message.body == BODY
    assert not message.verbatim


def test_text_without_any_header():
    text = "On Tue, Mar 08, 2022 at 11:11:13AM +0000, Ada Lake wrote:\n> frogs\n\nNo.\n\nReply via email to"
    message = parse_page(text.encode())
    assert message.body == "On Tue, Mar 08, 2022 at 11:11:13AM +0000, Ada Lake wrote:\n> frogs\n\nNo.\n"
    assert (message.subject, message.author.name, message.author.email, message.date) == ("", "", "", None)
    assert re.fullmatch("sha256:[0-9a-f]{16}", message.message_id)
    assert sorted(note.kind for note in message.notes) == ["date", "header", "header", "message-id"]


def test_in_body_from_stays():
    body = "From: Bob <bob@pond.example>\n\nText.\n"
    top = "[PATCH] x\n\nFrom: Ada\nDate: Tue Mar 08 2022 - 06:11:13 EST\n\n\n"
    message = parse_page((top + body).encode())
    assert (message.author.name, message.body) == ("Ada", body)


def test_furniture_inside_the_text_stays():
    body = "text\n\nNext message: I call you\nReply via email to\nme, please\n"
    assert parse_page(f"[PATCH] x\n\nFrom: Ada\n\n{body}".encode()).body == body


@pytest.mark.parametrize(
    ("raw", "page"),
    [
        (b"From: a@b.c\nSubject: x\n\ntext\n", False),
        (b"Subject: x\n\ntext\n", False),
        (b"From nobody Mon Sep 17 00:00:00 2001\nFrom: a\nDate: b\nSubject: c\n\n", False),
        (b"Received: from x\nDate: Tue Mar 08 2022 - 06:11:13 EST\nFrom: a\n\n", False),
        (b"X-Pond: y\nFrom: a\nSubject: b\n\n", False),
        (b"ath: broken\nFrom: a\nSubject: b\nDate: c\n\n", False),
        (b"Re: [PATCH] mm: pond\nFrom: Ada\nDate: Mon Mar 07 2022 - 06:32:20 EST\ntext\n", True),
        (b"mm: pond\n\nFrom: Ada\nDate: today\n\ntext", True),
        (b"diff --git a/x b/x\n--- a/x\n+++ b/x\n", True),
        (b"\xef\xbb\xbf  <!DOCTYPE html><html>", True),
        (b"just text", True),
        (b"", True),
    ],
)
def test_mail_or_page(raw, page):
    assert looks_like_page(raw) is page


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Tue Mar 08 2022 - 06:11:13 EST", 671),
        ("Tue, Mar 08 2022 - 06:11:13 -0500", 671),
        ("Tue Mar  8 11:11:13 UTC 2022", 671),
        ("Tue Mar  8 12:11:13 +0100 2022", 671),
        ("2022-03-08 11:11 UTC", 671),
        ("2022-03-08T11:11:13+01:00", 611),
        ("March 8, 2022, 11:11 p.m.", 1391),
        ("Mar. 8, 2022, 11 a.m.", 660),
        ("March 8, 2022, noon", 720),
        ("March 8, 2022, midnight", 0),
        ("Tue, 8 Mar 2022 06:11:13 -0500", 671),
    ],
)
def test_dates(text, minutes):
    date, _ = parse_archive_date(text)
    start = datetime(2022, 3, 8, tzinfo=timezone.utc)  # noqa: UP017
    assert (date - start) // timedelta(minutes=1) == minutes


def test_dates_that_cannot_be_read():
    for text in ("", "soon", "2022-99-08 11:11 UTC", "Tue Mar 08 99999 - 06:11:13 EST", "9" * 100_000):
        date, note = parse_archive_date(text)
        assert date is None
        assert note.kind == "date"


def test_markup_in_mail_is_text():
    page = SPINICS.replace("frogs", "&lt;script&gt;alert(1)&lt;/script&gt;<script>alert(2)</script>")
    body = parse_page(page.encode()).body
    assert "<script>alert(1)</script>" in body
    assert "alert(2)" not in body


def test_seeds(shared):
    """The five documents that the project came from: their headers, and not a byte of the body changed."""
    expected = {
        "000": (
            "[PATCH RFC v2 1/3] mm: Add f_op->populate() for",
            "Jarkko Sakkinen",
            "2022-03-08T06:11:13-05:00",
        ),
        "001": (
            "Re: [PATCH RFC v2] mm: Add f_ops->populate()",
            "Jarkko Sakkinen",
            "2022-03-07T06:32:20-05:00",
        ),
        "002": (
            "Re: [PATCH v4 1/2] mm: Add a vmf_insert_mixed_prot",
            "Michal Hocko",
            "2019-12-20T03:24:05-05:00",
        ),
        "003": ("", "", None),
        "004": ("", "", None),
    }
    for path in sorted((shared / "seeds").glob("*.txt")):
        raw = path.read_bytes()
        message = parse_page(raw)
        subject, author, date = expected[path.name[:3]]
        assert message.subject.startswith(subject)
        assert message.author.name == author
        assert (message.date.isoformat() if message.date else None) == date
        assert looks_like_page(raw)
        assert message.body.removesuffix("\n").encode() in raw
        assert "Reply via email to" not in message.body
        assert len(message.body) > 0.9 * len(raw.decode())
