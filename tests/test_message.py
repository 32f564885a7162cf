"""RFC 5322 bytes -> Message: what real, broken and hostile mail must come out as."""

from __future__ import annotations

import base64
import email
import email.policy
import quopri
import random
import re
import subprocess
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lorelens.fetch.mail import mime
from lorelens.fetch.mail.message import MAX_MAIL, Address, parse_message
from lorelens.fetch.source.archive_page import parse_page
from lorelens.fetch.source.sources import read_source

DIFF = """\
diff --git a/mm/pond.c b/mm/pond.c
index 1111111..2222222 100644
--- a/mm/pond.c
+++ b/mm/pond.c
@@ -1,4 +1,4 @@
 int pond(void)
 {
-\treturn 0;
+\treturn 1;
 }
"""


def mail(body: str | bytes = "hello\n", **fields: str) -> bytes:
    """A small mail; a field's underscores are hyphens, None leaves a default out."""
    defaults = {"From": "Ada <ada@pond.example>", "Subject": "a pond", "Message_ID": "<1@pond.example>"}
    defaults["Date"] = "Tue, 8 Mar 2022 11:11:13 +0000"
    lines = [
        f"{name.replace('_', '-')}: {value}"
        for name, value in (defaults | fields).items()
        if value is not None
    ]
    raw = body.encode() if isinstance(body, str) else body
    return "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n\n" + raw


def kinds(message) -> list[str]:
    return [note.kind for note in message.notes]


# Header fields


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[PATCH  v2\t1/3]\n mm: a\n\tpond", "[PATCH v2 1/3] mm: a pond"),
        ("=?utf-8?q?caf=C3=A9?=", "café"),
        ("=?UTF-8?B?Y2Fmw6k=?= au lait", "café au lait"),
        ("=?utf-8?q?one_?= =?utf-8?q?word?=", "one word"),  # RFC 2047, 6.2: the blank between words goes
        ("=?utf-8?q?a?=\n =?utf-8?q?b?=", "ab"),
        ("=?utf-8?b?4oI=?= =?utf-8?b?rA==?=", "€"),  # one character cut between two words
        ("=?utf-8?b?4oKs?= =?iso-8859-1?q?=E4?=", "€ä"),
        ("=?utf-8?q?blanks in it?=", "blanks in it"),
        ("=?utf-8*en?q?tongue?=", "tongue"),  # RFC 2231, 5
        ("=?nonsense?q?caf=C3=A9?=", "café"),
        ("=?utf-8?b?Y2Fmw6k?=", "café"),  # padding lost
        ("=?utf-8?x?what?= =?utf-8?q?ok", "=?utf-8?x?what?= =?utf-8?q?ok"),
        ("caf\udce9 in latin-1", "café in latin-1"),
        ("bare café", "bare café"),
    ],
)
def test_subject(written, read):
    assert parse_message(mail(Subject=written)).subject == read


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("Ada Lake <ada@pond.example>", "Ada Lake", "ada@pond.example"),
        ('"Lake, Ada" <ada@pond.example>', "Lake, Ada", "ada@pond.example"),
        ("Lake, Ada <ada@pond.example>", "Lake, Ada", "ada@pond.example"),
        ("=?utf-8?q?Lake=2C_=C3=84da?= <ada@pond.example>", "Lake, Äda", "ada@pond.example"),
        ("ada@pond.example (Ada Lake)", "Ada Lake", "ada@pond.example"),
        ("<ada@pond.example> (Ada Lake)", "Ada Lake", "ada@pond.example"),
        ("Ada Lake (Pond Ltd.) <ada@pond.example>", "Ada Lake (Pond Ltd.)", "ada@pond.example"),
        ("ada@pond.example", "", "ada@pond.example"),
        ("ada at pond.example (Ada Lake)", "Ada Lake", "ada at pond.example"),
        ('"Ada \\"Frog\\" Lake" <ada@pond.example>', 'Ada "Frog" Lake', "ada@pond.example"),
        ("Ada <ada@pond.example>, Bob <bob@pond.example>", "Ada", "ada@pond.example"),
        ("Ada Lake", "Ada Lake", ""),
    ],
)
def test_author(written, name, address):
    assert parse_message(mail(From=written)).author == Address(name=name, email=address)


def test_recipients():
    cc = 'a@x.example, Bob B <b@x.example>,\n  ponds: c@x.example, d@x.example;, "E, F" <e@x.example> (frog)'
    message = parse_message(mail(To="undisclosed-recipients:;", Cc=cc))
    assert message.to == ()
    assert [a.email for a in message.cc] == [
        "a@x.example",
        "b@x.example",
        "c@x.example",
        "d@x.example",
        "e@x.example",
    ]
    assert message.cc[1].name == "Bob B"
    assert message.cc[4].name.startswith("E, F")


@pytest.mark.parametrize(
    ("written", "read", "noted"),
    [
        ("Tue, 8 Mar 2022 06:11:13 -0500", datetime(2022, 3, 8, 11, 11, 13, tzinfo=UTC), False),
        ("8 Mar 2022 11:11 GMT", datetime(2022, 3, 8, 11, 11, tzinfo=UTC), False),
        ("Tue, 8 Mar 2022 11:11:13 -0000", datetime(2022, 3, 8, 11, 11, 13, tzinfo=UTC), False),
        ("Tue, 8 Mar 2022 11:11:13", datetime(2022, 3, 8, 11, 11, 13, tzinfo=UTC), True),  # naive: UTC
        ("Tue, 8 Mar 2022 11:11:13 +0530 (IST)", datetime(2022, 3, 8, 5, 41, 13, tzinfo=UTC), False),
        ("Tue, 8 Mar 20222222 11:11:13 +0000", None, True),
        ("Tue, 8 Mar 1802 11:11:13 +0000", None, True),
        ("Tue, 8 Mar 2022 11:11:13 -9900", None, True),
        ("Tue, 38 Mar 2022 11:11:13 +0000", None, True),
        ("1" * 5000, None, True),
        ("soon", None, True),
        (None, None, True),
    ],
)
def test_date(written, read, noted):
    message = parse_message(mail(Date=written))
    assert message.date == read
    assert ("date" in kinds(message)) is noted


def test_date_keeps_its_zone():
    assert parse_message(mail(Date="Tue, 8 Mar 2022 06:11:13 -0500")).date.tzinfo == timezone(
        timedelta(hours=-5)
    )


def test_message_ids():
    message = parse_message(
        mail(
            Message_ID="\n <1@pond.example>",
            In_Reply_To='Bob\'s message of "Tue, 8 Mar 2022" <bob@mail.example> <0@pond.example>',
            References="<a@x> junk <b@x>\n\t<a@x><lo\n ng@x> <0@pond.example>",
        )
    )
    assert message.message_id == "1@pond.example"
    assert message.references == ("a@x", "b@x", "long@x", "0@pond.example")
    assert message.in_reply_to == "0@pond.example"


def test_message_id_missing():
    one, two = parse_message(mail(Message_ID=None)), parse_message(mail("other\n", Message_ID=None))
    assert re.fullmatch(r"sha256:[0-9a-f]{16}", one.message_id)
    assert one.message_id != two.message_id
    assert one.in_reply_to is None
    assert "message-id" in kinds(one)


def test_list_id():
    raw = mail(List_Id="Ponds and\n puddles <ponds.lists.example>")
    raw = b"List-Id: <mm.lists.example>\n" + raw
    assert parse_message(raw).lists == ("mm.lists.example", "ponds.lists.example")


def test_line_that_is_no_field():
    raw = mail().replace(b"Subject", b"this line is no field\nSubject")
    message = parse_message(raw)
    assert (message.subject, message.body) == ("a pond", "hello\n")
    assert "header" in kinds(message)


def test_half_a_mail():
    assert parse_message(b"From: Ada <ada@pond.example>\nSubject: a po").subject == "a po"
    message = parse_message(b"Subject: no empty line\nThe body begins at once.\nIt goes on.\n\nAnd on.\n")
    assert message.subject == "no empty line"
    assert message.body == "The body begins at once.\nIt goes on.\n\nAnd on.\n"


def test_mbox_separator_left_on():
    assert parse_message(b"From ada Tue Mar  8\n" + mail()).subject == "a pond"


# Bodies


@pytest.mark.parametrize(
    ("raw", "declared", "text", "noted"),
    [
        ("grün".encode(), "utf-8", "grün", False),
        ("grün".encode(), "iso-8859-1", "grün", False),  # said latin-1, is UTF-8
        ("grün".encode("latin-1"), "utf-8", "grün", True),
        ("grün".encode("latin-1"), None, "grün", True),
        ("grün".encode("latin-1"), "iso-8859-1", "grün", False),
        ("“grün”".encode("cp1252"), "iso-8859-1", "“grün”", False),
        ("рыба".encode("koi8-r"), "koi8-r", "рыба", False),
        ("魚".encode("iso-2022-jp"), "iso-2022-jp", "魚", False),
        ("plain", "utf-16", "plain", False),
        ("grün".encode("utf-16-le"), "utf-16-le", "grün", False),
        ("grün".encode(), "no-such-charset", "grün", False),
        ("grün".encode("latin-1"), "rot13", "grün", True),
        ("one: grün\n".encode() + "two: grün".encode("latin-1"), "utf-8", "one: grün\ntwo: grün", True),
    ],
)
def test_charset(raw, declared, text, noted):
    field = {"Content_Type": f"text/plain; charset={declared}"} if declared else {}
    message = parse_message(mail(raw, **field))
    assert message.body == text
    assert ("charset" in kinds(message)) is noted


def test_transfer_encodings():
    for encoding, encoded in (
        ("base64", base64.encodebytes(DIFF.encode())),
        ("Quoted-Printable", quopri.encodestring(DIFF.encode())),
        ("8bit", DIFF.encode()),
    ):
        message = parse_message(mail(encoded, Content_Transfer_Encoding=encoding))
        assert (message.body, kinds(message)) == (DIFF, [])


@pytest.mark.parametrize(
    ("encoding", "raw", "text"),
    [
        ("quoted-printable", b"a=3Db\nlong=  \n line =zz end\n", "a=b\nlong line =zz end\n"),
        ("quoted-printable", b"if (a == b)\n\tc = 0;\n", "if (a == b)\n\tc = 0;\n"),  # was never encoded
        (
            "base64",
            b"aGVsbG8K\n____________\nponds mailing list\n",
            "hello\n____________\nponds mailing list\n",
        ),
        ("base64", b"aGVs\n!bG8K\nIQo=\n", "hello\n!\n"),
        ("base64", b"aGVsbG8KYQ\n", "hello\na"),  # padding lost
        ("base64", b"this was never encoded, was it?\n", "this was never encoded, was it?\n"),
        ("rot13", b"as it stands\n", "as it stands\n"),
    ],
)
def test_damaged_transfer_encoding(encoding, raw, text):
    message = parse_message(mail(raw, Content_Transfer_Encoding=encoding))
    assert message.body == text
    assert kinds(message) == ["encoding"] or text == "hello\na"


def test_line_ends():
    assert parse_message(mail(DIFF).replace(b"\n", b"\r\n")).body == DIFF
    crlf = DIFF.replace("return 1;\n", "return 1;\r\n")
    encoded = mail(base64.encodebytes(crlf.encode()), Content_Transfer_Encoding="base64")
    assert parse_message(encoded).body == crlf  # a line of a file with CR LF keeps its CR
    assert parse_message(mail("a\0b\n")).body == "a\ufffdb\n"


# format=flowed (RFC 3676)

FLOWED = {"Content_Type": "text/plain; charset=utf-8; format=flowed"}


def test_flowed_prose():
    text = "A long \nline.\n two \n blanks\n>quoted \n>twice\n-- \nAda\n"
    assert (
        parse_message(mail(text, **FLOWED)).body == "A long line.\ntwo blanks\n>quoted \n>twice\n-- \nAda\n"
    )
    delsp = {"Content_Type": "text/plain; format=flowed; DelSp=yes"}
    assert parse_message(mail("Fisch \nteich\n", **delsp)).body == "Fischteich\n"


def test_flowed_diff_that_is_not():
    text = "Text.\n---\n mm/pond.c | 2 +-\n\n" + DIFF
    message = parse_message(mail(text, **FLOWED))
    assert (message.body, kinds(message)) == (text, ["flowed"])
    spaces = text.replace("\n \treturn", "\n  return").replace("+\treturn 1;", "+\treturn 1; ")
    assert parse_message(mail(spaces, **FLOWED)).body == spaces


def test_flowed_quote_of_a_diff():
    quoted = "".join(f"> {line}" for line in DIFF.splitlines(keepends=True))
    # Thunderbird stuffs what it quotes when it began with a blank.
    wire = quoted.replace(">  ", ">   ")
    assert parse_message(mail(wire + "\nWhy?\n", **FLOWED)).body == quoted + "\nWhy?\n"
    assert parse_message(mail(quoted + "\nWhy?\n", **FLOWED)).body == quoted + "\nWhy?\n"


def test_flowed_diff_that_is():
    # Stuffed, and one long line broken softly, as an honest mailer writes it.
    long = DIFF.replace("return 1;", "return 1 + 2;")
    wire = "".join(" " + line if line.startswith(" ") else line for line in long.splitlines(keepends=True))
    wire = wire.replace("return 1 + 2;", "return 1 + \n2;")
    message = parse_message(mail("Text.\n" + wire, **FLOWED))
    assert (message.body, kinds(message)) == ("Text.\n" + long, [])


# Parts


def part(body: str, kind: str = "text/plain", *more: str) -> str:
    return "\n".join((f"Content-Type: {kind}", *more)) + "\n\n" + body


def multipart(*parts: str, subtype: str = "mixed", boundary: str = "cut", end: str = "--") -> dict[str, str]:
    body = "".join(f"--{boundary}\n{text}\n" for text in parts) + f"--{boundary}{end}\n"
    return {"body": "preamble\n" + body, "Content_Type": f'multipart/{subtype}; boundary="{boundary}"'}


def nested(entity: dict[str, str]) -> str:
    return part(entity["body"], entity["Content_Type"])


def test_attached_patch():
    for kind, more in (
        ("text/x-patch", ()),
        ("application/octet-stream", ('Content-Disposition: attachment; filename="0001-pond.patch"',)),
        ("text/plain; name=pond.diff", ("Content-Disposition: attachment",)),
        ("text/plain; name=pond.txt", ("Content-Disposition: attachment",)),  # holds a diff
    ):
        message = parse_message(mail(**multipart(part(DIFF, kind, *more), part("See the patch.\n"))))
        assert message.body == "See the patch.\n\n" + DIFF, kind
        assert kinds(message) == []


def test_attachments_left_out():
    config = part("CONFIG_POND=y\n", "text/plain; name=config", "Content-Disposition: attachment")
    image = part("AAAA", 'image/png; name="pond.png"', "Content-Transfer-Encoding: base64")
    message = parse_message(mail(**multipart(part("text\n"), config, image)))
    assert message.body == "text\n"
    assert [note.detail for note in message.notes] == [
        "an attachment was left out: text/plain 'config'",
        "an attachment was left out: image/png 'pond.png'",
    ]


def test_alternative_signed_nested():
    html = part("<p>rich</p>", "text/html")
    inner = multipart(part("plain\n"), html, subtype="alternative", boundary="in")
    signature = part("-----BEGIN", "application/pgp-signature")
    message = parse_message(mail(**multipart(nested(inner), signature, subtype="signed", boundary="in-out")))
    assert message.body == "plain\n"
    empty = multipart(part("\n"), html, subtype="alternative")
    assert parse_message(mail(**empty)).body == "rich\n"


def test_html_only():
    html = "<html><style>p {}</style><body><p>a &lt;b&gt;\n c<br>d</p><pre>\n  x\n\ty</pre><blockquote>q<br>r"
    message = parse_message(mail(html, Content_Type="text/html"))
    assert message.body == "a <b> c\nd\n\n  x\n\ty\n> q\n> r\n"
    assert kinds(message) == ["html-only"]


def test_attached_mail():
    inner = mail(DIFF, Subject="[PATCH] pond").decode()
    message = parse_message(mail(**multipart(part("see\n"), part(inner, "message/rfc822"))))
    assert message.body == "see\n\n" + DIFF
    bounce = multipart(part("failed\n"), part(inner, "message/rfc822"), subtype="report")
    message = parse_message(mail(**bounce))
    assert message.body == "failed\n"
    assert "[PATCH] pond" in message.notes[0].detail


def test_broken_multiparts():
    cut = multipart(part("first\n"), part("second, cut"))
    cut["body"] = cut["body"].rpartition("\n--cut--")[0]
    message = parse_message(mail(**cut))
    assert message.body == "first\n\nsecond, cut\n"
    assert kinds(message) == ["parts"]
    message = parse_message(mail("no boundary\n", Content_Type="multipart/mixed; boundary=x"))
    assert (message.body, kinds(message)) == ("no boundary\n", ["parts"])
    message = parse_message(mail("none named\n", Content_Type="multipart/mixed"))
    assert (message.body, kinds(message)) == ("none named\n", ["parts"])


# Limits


def fast(raw: bytes, seconds: float = 3.0):
    start = time.perf_counter()
    message = parse_message(raw)
    assert time.perf_counter() - start < seconds
    return message


def test_ten_thousand_parts():
    message = fast(mail(**multipart(*[part("x\n")] * (mime.MAX_PARTS + 5))), 10)
    assert message.body.count("x") == mime.MAX_PARTS
    assert kinds(message) == ["parts"]


def test_nesting():
    entity = multipart(part("deep\n"), boundary="b0")
    for depth in range(1, 500):
        entity = multipart(part(f"level {depth}\n"), nested(entity), boundary=f"b{depth}")
    message = fast(mail(**entity))
    assert "level 499" in message.body
    assert "deep" not in message.body
    assert kinds(message) == ["parts"]


@pytest.mark.parametrize(
    "value",
    [
        "(" * 100_000,
        "=?utf-8?q?" * 50_000,
        "<" * 100_000,
        "a@b," * 50_000,
        "\\" * 100_000,
        ' "' * 50_000,
        "a" * 5_000_000,
    ],
    ids=lambda value: value[:10],
)
@pytest.mark.parametrize("name", ["From", "To", "Subject", "Date", "References", "Content_Type", "List_Id"])
def test_header_bombs(name, value):
    assert fast(mail(**{name: value})).body == "hello\n"


def test_many_fields():
    message = fast(b"X-Pond: frog\n" * 500_000 + mail())
    assert message.body == "hello\n"
    assert "header" in kinds(message)


def test_deep_html():
    assert "frog" in fast(mail("<div>" * 100_000 + "frog", Content_Type="text/html")).body


@pytest.mark.slow
def test_a_mail_of_100_megabytes():
    message = fast(mail(b"+line of a diff\n" * (MAX_MAIL // 16 + 100)), 30)
    assert "size" in kinds(message)
    assert len(message.body) < MAX_MAIL


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["", "base64", "quoted-printable"]), st.text(max_size=30))
def test_never_raises(body, encoding, junk):
    raw = f"{junk}: {junk}\nContent-Type: multipart/mixed; boundary={junk}\n".encode("utf-8", "replace")
    for mangled in (body, raw + b"\n" + body, mail(body, Content_Transfer_Encoding=encoding)):
        message = parse_message(mangled)
        message.body.encode()
        message.subject.encode()
        assert message.date is None or message.date.tzinfo


@pytest.mark.slow
def test_mutated_real_mail_never_raises(shared):
    """Real mails with pieces cut, doubled, moved and overwritten are read, into text that can be written."""
    seeds = [raw.raw for raw in real_mails(shared, step=6)]
    seeds += [path.read_bytes() for path in sorted((shared / "fixtures").glob("*/*"))]
    junk = [
        b"=?",
        b"?=",
        b"\0",
        b"\r",
        b"\n\n",
        b"=",
        b"--",
        b'"',
        b"(",
        b"<",
        b"\xff",
        b"charset*0*=idna",
        b"message/rfc822",
    ]
    rng = random.Random(20220308)  # the same run every time
    for _ in range(4000):
        raw = bytearray(rng.choice(seeds)[:50_000])
        for _ in range(rng.randint(1, 12)):
            at, width = rng.randrange(min(len(raw), rng.choice((500, 50_000))) + 1), rng.choice((1, 20, 2000))
            raw[at : at + rng.choice((0, width))] = rng.choice(
                (rng.choice(junk), raw[at // 2 : at // 2 + width], b"")
            )
        for message in (parse_message(bytes(raw)), parse_page(bytes(raw))):
            texts = [message.body, message.subject, message.message_id, *message.references, *message.lists]
            texts += [text for a in (message.author, *message.to, *message.cc) for text in (a.name, a.email)]
            "".join(texts + [note.detail for note in message.notes]).encode()
            assert message.date is None or message.date.tzinfo


# Against others, on real mail


def real_mails(shared, step: int = 1):
    for path in sorted((shared / "threads").glob("*/*.mbox"))[::step]:
        yield from read_source(path)


@pytest.mark.slow
def test_bodies_agree_with_the_library(shared):
    """The library's newer parser decodes the same text, where the mail is one part, not flowed, and whole."""
    compared = 0
    for raw in real_mails(shared):
        peer = email.message_from_bytes(raw.raw, policy=email.policy.default)
        if peer.is_multipart() or "flowed" in str(peer["content-type"]).lower():
            continue
        expected = peer.get_content().replace("\r\n", "\n").replace("\0", "\ufffd")
        if "\ufffd" not in expected:
            assert parse_message(raw.raw).body.rstrip("\n") == expected.rstrip("\n"), raw.origin
        compared += 1
    assert compared > 1000


@pytest.mark.slow
def test_headers_agree_with_git(shared, tmp_path):
    """`git mailinfo -k` reads the same author and subject."""
    for raw in real_mails(shared, step=8):
        message = parse_message(raw.raw)
        if re.match(r"\s*(?:From|Subject|Date): ", message.body):
            continue  # git takes these out of the body
        command = ["git", "mailinfo", "-k", "--encoding=utf-8", str(tmp_path / "m"), str(tmp_path / "p")]
        info = subprocess.run(command, input=raw.raw, capture_output=True, check=True).stdout.decode()
        fields = dict(line.split(": ", 1) for line in info.splitlines() if ": " in line)
        assert fields["Subject"] == message.subject, raw.origin
        assert fields["Email"] == message.author.email
        assert fields["Author"] == (message.author.name or message.author.email)


def test_git_mailinfo_fixtures(shared):
    """Subject (before git takes the prefixes off), author and address as git's own tests expect them."""
    in_body = {"0008", "0010", "0014", "0016"}  # git reads headers out of these bodies; series.py does
    for path in sorted((shared / "fixtures/git-mailinfo").glob("*.eml")):
        message = parse_message(path.read_bytes())
        info = (path.parent / f"info{path.stem}").read_text()
        fields = dict(line.split(": ", 1) for line in info.splitlines() if ": " in line)
        if path.stem in in_body:
            continue
        assert message.author == Address(name=fields["Author"], email=fields["Email"]), path.name
        assert message.subject.endswith(fields["Subject"]), path.name


def test_patchwork_fixtures(shared):
    """patchwork's mails, fuzzed ones among them, are read; each that has a date that can be read keeps it."""
    for path in sorted((shared / "fixtures/patchwork").glob("mail-*.mbox")):
        for raw in read_source(path):
            message = parse_message(raw.raw)
            assert message.body
            assert message.date is not None or "date" in kinds(message)


def test_large_mail_is_linear(shared):
    raw = (shared / "fixtures/large-mail.eml").read_bytes()
    assert len(fast(raw, 1.0).body) > 3_000_000
