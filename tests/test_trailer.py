"""Trailers: their grammar, and what replies give, against what b4 makes of its own fixtures."""

from __future__ import annotations

import mailbox
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lorelens.fetch.mail.message import Address, Message, parse_message
from lorelens.fetch.patch.followup import followup_trailers, reply_trailers
from lorelens.fetch.patch.patch_mail import parse_patch_mail
from lorelens.fetch.patch.subject import parse_subject
from lorelens.fetch.patch.trailer import Trailer, parse_person, parse_trailers

ANN = "Ann Other <ann@example.org>"


def reply(body: str, sender: str = ANN, above: str = "patch", name: str = "reply") -> Message:
    person = parse_person(sender) or Address(name=sender, email="")
    return Message(
        message_id=name, in_reply_to=above, references=("cover", above), to=(), cc=(), date=None,
        subject="Re: [PATCH 1/2] x", author=person, body=body, lists=(), origin="", verbatim=True, notes=(),
    )  # fmt: skip


def patch(name: str, subject: str) -> Message:
    message = "Why.\n\nSigned-off-by: Carl <carl@example.org>\n"
    diff = "" if "0/" in subject else "---\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
    return Message(
        message_id=name, in_reply_to=None, references=(), to=(), cc=(), date=None, subject=subject,
        author=Address(name="Carl", email="carl@example.org"), body=message + diff, lists=(), origin="",
        verbatim=True, notes=(),
    )  # fmt: skip


def told(trailers: tuple[Trailer, ...]) -> list[str]:
    return [str(trailer) for trailer in trailers]


# ---- the grammar


def test_the_last_paragraphs_that_hold_nothing_else() -> None:
    message = """\
mm: pin it

Note: this is no trailer, nor is
Link: since a word follows it.

Fixes: 0123456789ab ("mm: break it")
Link: https://lore.example.org/r/1@example.org

Reported-by: Dora <dora@example.org>
Cc: <stable@vger.example.org> # 5.10+
Signed-off-by: Carl Müller <carl@example.org>
[carl: fixed a typo]
"""
    assert told(parse_trailers(message)) == [
        'Fixes: 0123456789ab ("mm: break it")',
        "Link: https://lore.example.org/r/1@example.org",
        "Reported-by: Dora <dora@example.org>",
        "Cc: <stable@vger.example.org> # 5.10+",
        "Signed-off-by: Carl Müller <carl@example.org>\n[carl: fixed a typo]",
    ]


@pytest.mark.parametrize(
    "message",
    ["", "Just text.", "mm: pin it", "Note: the lock\nSee: below", "Fixes: everything", "a: b\nc: d"],
)
def test_text_is_no_trailer(message: str) -> None:
    assert parse_trailers(message) == ()


@pytest.mark.parametrize(
    ("lines", "name", "value"),
    [
        ('Fixes: 0123456789ab ("mm: a subject that is\nbroken by a mailer")', "Fixes",
         '0123456789ab ("mm: a subject that is broken by a mailer")'),
        ("Reviewed-by: Somebody With A Long Name\n<long@example.org>", "Reviewed-by",
         "Somebody With A Long Name <long@example.org>"),
        ("Reported-by: Dora\n  <dora@example.org>", "Reported-by", "Dora <dora@example.org>"),
        ("Acked-by: Dora <dora@example.org<mailto:dora@example.org>>", "Acked-by", "Dora <dora@example.org>"),
    ],
)  # fmt: skip
def test_wrapped_and_mangled_lines(lines: str, name: str, value: str) -> None:
    assert [(t.name, t.value) for t in parse_trailers(f"Why.\n\n{lines}\n")] == [(name, value)]


def test_lines_run_together_are_parted_where_an_address_ends() -> None:
    line = "Tested-by: Dora Doe dora@example.org Acked-by: Eve <eve@example.org> Cc: Carl carl@example.org"
    assert told(parse_trailers(f"Why.\n\n{line}\n")) == [
        "Tested-by: Dora Doe dora@example.org",
        "Acked-by: Eve <eve@example.org>",
        "Cc: Carl carl@example.org",
    ]
    assert len(parse_trailers("Why.\n\nAcked-by: the man known as Cc: Carl <carl@example.org>\n")) == 1


@pytest.mark.parametrize(
    ("text", "name", "email"),
    [
        ("Dora Doe <dora@example.org>", "Dora Doe", "dora@example.org"),
        ('"Doe, Dora" <dora@example.org>', '"Doe, Dora"', "dora@example.org"),
        ("Dora Doe <dora@xxxxxxxxxxx>", "Dora Doe", "dora@xxxxxxxxxxx"),
        ("Dora Doe <do...@example.org>", "Dora Doe", "do...@example.org"),
        ("Dora Doe dora(a)example.org", "Dora Doe", "dora(a)example.org"),
        ("Dora Doe dora at example.org", "Dora Doe", "dora at example.org"),
        ("dora@example.org (Dora Doe)", "Dora Doe", "dora@example.org"),
        ("dora@example.org", "", "dora@example.org"),
    ],
)
def test_persons_as_printed(text: str, name: str, email: str) -> None:
    assert parse_person(text) == Address(name=name, email=email)


def test_who_is_no_person() -> None:
    assert parse_person("0123456789ab") is None
    assert Trailer(name="Link", value="https://example.org/r/1@x", given_by=None).person is None


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    for trailer in parse_trailers(text):
        assert trailer.name
        assert trailer.value


# ---- what replies give


@pytest.mark.parametrize(
    "body",
    [
        "> Reviewed-by: Ann Other <ann@example.org>\n",
        ">> On it\n> Acked-by: Ann Other <ann@example.org>\n",
        "Why?\n-- \nReviewed-by: Ann Other <ann@example.org>\n",
        "Message-Id: <1@example.org>\nCc: Ann Other <ann@example.org>\n",
        "Fixes: ?\n",
        "Reviewed-by: me\n",
    ],
)
def test_what_a_reply_does_not_give(body: str) -> None:
    assert reply_trailers(reply(body)) == ()


def test_a_patch_inside_a_reply_keeps_its_own_trailers() -> None:
    diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+c\n"
    suggestion = f"How about\n\nSigned-off-by: Ann Other <ann@example.org>\n---\n{diff}"
    assert reply_trailers(reply(suggestion)) == ()
    assert told(reply_trailers(reply(suggestion + "\nAcked-by: Ann Other <ann@example.org>\n"))) == [
        "Acked-by: Ann Other <ann@example.org>"
    ]


@pytest.mark.parametrize(
    ("value", "sender", "mismatch"),
    [
        ("Ann Other <ann@example.org>", "Ann Other <ann@example.org>", False),
        ("Ann Other <ANN@Example.org>", "Someone <ann@example.org>", False),
        ("Ann Other <ann@example.org>", "Ann Other <ann+linux@example.org>", False),
        ("Ann <ann@example.org>", "Other <ann@linux.example.org>", False),
        ("Ann Other <ann@private.example>", "Ann Other <ann@example.org>", False),
        ("Ann Other (Corp) <ann@corp.example>", "Other, Ann <ann@example.org>", False),
        ("Dora <dora@example.org>", "Ann Other <ann@example.org>", True),
        ("Ann <ann@example.com>", "Other <ann@example.org>", True),
        ("Dora <dora@corp.example>", "Other, Ann <ann@example.org>", True),
    ],
)
def test_for_whom_a_trailer_is_given(value: str, sender: str, mismatch: bool) -> None:
    assert [t.mismatch for t in reply_trailers(reply(f"Acked-by: {value}\n", sender))] == [mismatch]


def test_which_patch_gets_what() -> None:
    dora, eve = "Dora <dora@example.org>", "Eve <eve@example.org>"
    revision = [patch("cover", "[PATCH 0/2] x"), patch("one", "[PATCH 1/2] x"), patch("two", "[PATCH 2/2] y")]
    replies = [
        reply("Reviewed-by: Ann Other <ann@example.org>\n", above="one", name="a"),
        reply(f"Acked-by: {dora} # for gup\n", dora, above="a", name="b"),
        reply(f"Tested-by: {eve}\n[on arm64]\n", eve, above="cover", name="c"),
        reply("Signed-off-by: Carl <carl@example.org>\n", above="two", name="d"),
        reply("Nacked-by: Fay <fay@example.org>\n", "Fay <fay@example.org>", above="not at hand", name="e"),
    ]
    given_ = followup_trailers(revision, replies)
    assert {name: told(trailers) for name, trailers in given_.items()} == {
        "one": [
            "Reviewed-by: Ann Other <ann@example.org>",
            "Acked-by: Dora <dora@example.org> # for gup",
            "Tested-by: Eve <eve@example.org>\n[on arm64]",
            "Nacked-by: Fay <fay@example.org>",
        ],
        "two": ["Tested-by: Eve <eve@example.org>\n[on arm64]", "Nacked-by: Fay <fay@example.org>"],
    }
    assert given_["one"][1].given_by == "b"


def test_a_tag_for_somebody_else_is_marked() -> None:
    """b4 leaves such out by default: anybody may write any name."""
    body = "Reviewed-by: Dora <dora@example.org>\nAcked-by: Ann Other <ann@example.org>\n"
    given_ = followup_trailers([patch("one", "[PATCH] x")], [reply(body, above="one")])
    assert [(t.name, t.mismatch) for t in given_["one"]] == [("Acked-by", False), ("Reviewed-by", True)]


def test_what_a_robot_wants_in_the_fix_is_not_given_to_the_patch() -> None:
    robot = "kernel test robot <lkp@example.org>"
    body = f"Kindly add\n| Reported-by: {robot}\nReported-by: {robot}\nCloses: https://example.org/1\n"
    assert reply_trailers(reply(body, robot)) == ()
    assert told(reply_trailers(reply(f"Tested-by: {robot}\n", robot))) == [f"Tested-by: {robot}"]


def test_a_long_chain_of_replies_costs_what_its_length_does() -> None:
    count = 20_000
    chain = [reply("Yes.\n", above="one" if n == 0 else str(n - 1), name=str(n)) for n in range(count)]
    chain[-1] = reply("Acked-by: Ann Other <ann@example.org>\n", above=str(count - 2), name=str(count - 1))
    began = time.process_time()
    given_ = followup_trailers([patch("one", "[PATCH] x")], chain)
    assert told(given_["one"]) == ["Acked-by: Ann Other <ann@example.org>"]
    assert time.process_time() - began < 8


def test_a_patch_numbered_0_of_0_is_given_trailers() -> None:
    alone = replace(patch("one", "[PATCH] x"), subject="[PATCH 0/0] x")
    given_ = followup_trailers([alone], [reply("Acked-by: Ann Other <ann@example.org>\n", above="one")])
    assert told(given_["one"]) == ["Acked-by: Ann Other <ann@example.org>"]


def test_a_reply_that_quotes_the_patch_gives_to_itself() -> None:
    quote = "".join(f"> {line}\n" for line in patch("one", "[PATCH] x").body.splitlines())
    both = reply(f"{quote}\nAcked-by: Ann Other <ann@example.org>\n")
    assert told(followup_trailers([both], [both])["reply"]) == ["Acked-by: Ann Other <ann@example.org>"]


def test_a_loop_of_replies_ends() -> None:
    loop = [reply(f"Acked-by: {ANN}\n", above=above, name=name) for name, above in ("ab", "ba")]
    assert followup_trailers([patch("other", "[PATCH] x")], loop)["other"] == ()


# ---- against b4

B4 = ["single", "with-cover", "nore", "name-parens", "bare-address", "stripped-lines"]


@pytest.mark.parametrize("case", B4)
def test_as_b4_with_its_defaults(case: str, shared: Path) -> None:
    """The trailers below each patch as b4 writes them; mismatches are marked, where b4 leaves them out.

    One line of with-cover is no trailer of the mails: its test has b4 add the maintainer's own sign-off.
    """
    folder = shared / "fixtures/b4"
    got, expected = _apply(folder / f"trailers-followup-{case}.mbox"), _written_by_b4(folder, case)
    assert got == expected


def _apply(file: Path) -> dict[str, list[str]]:
    messages = [parse_message(entry.as_bytes()) for entry in mailbox.mbox(file)]
    posted = [m for m in messages if not parse_subject(m.subject).is_reply]
    patches = [m for m in posted if "@@" in m.body or not m.references]
    result = {}
    for name, trailers in followup_trailers(patches, [m for m in messages if m not in patches]).items():
        read = parse_patch_mail(next(m for m in patches if m.message_id == name))
        assert read is not None
        result[name] = [*told(read.trailers), *(str(t) for t in trailers if not t.mismatch)]
    return result


def _written_by_b4(folder: Path, case: str) -> dict[str, list[str]]:
    expected = {}
    for entry in mailbox.mbox(folder / f"trailers-followup-{case}-ref-defaults.txt"):
        parsed = parse_message(entry.as_bytes())
        block = parsed.body.split("\n\n")[1].split("\n")
        expected[parsed.message_id] = [line for line in block if "test-override@" not in line]
    return expected


def test_a_mismatch_that_the_patch_already_has_is_none(shared: Path) -> None:
    """b4's own test of this fixture: of the two replies only Tested-by is news, and that is a mismatch."""
    messages = [
        parse_message(entry.as_bytes())
        for entry in mailbox.mbox(shared / "fixtures/b4/trailers-followup-already-present.mbox")
    ]
    trailers = followup_trailers(messages[:1], messages[1:])[messages[0].message_id]
    assert [(trailer.name, trailer.mismatch) for trailer in trailers] == [("Tested-by", True)]


def test_time_grows_with_the_length() -> None:
    """b4's pattern is quadratic: 400 KB of one real mail take it 15 s."""

    def seconds(text: str) -> float:
        start = time.perf_counter()
        reply_trailers(reply(text))
        parse_trailers(text)
        return time.perf_counter() - start

    for piece in ("Reviewed-by: ", "a: b@c ", "prerequisite-patch-id: 0\n", "Fixes: 012345 (", " [ ", "\t"):
        once = min(seconds(piece * (100_000 // len(piece))) for _ in range(3))
        assert seconds(piece * (800_000 // len(piece))) < 40 * once + 1  # a quadratic one takes 64 times
