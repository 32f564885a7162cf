"""Sources -> raw mails -> Messages: every container, whole and damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import mailbox
import os
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lorelens.errors import InputError, LorelensError
from lorelens.fetch.source import mbox
from lorelens.fetch.source.sources import RawMail, is_remote, read_messages, read_source

RD = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"
O = b"From ada@pond.example Tue Mar  8 11:11:13 2022\n"  # noqa: E741 -- mboxo
GIT = b"From 8f3b6a5d1c0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a Mon Sep 17 00:00:00 2001\n"


def mail(number: int, body: str = "hello\n", **fields: str) -> bytes:
    head = {
        "Message-ID": f"<{number}@pond.example>",
        "From": "Ada <ada@pond.example>",
        "Subject": f"pond {number}",
    }
    head["Date"] = "Tue, 8 Mar 2022 11:11:13 +0000"
    head |= {name.replace("_", "-"): value for name, value in fields.items()}
    return "".join(f"{name}: {value}\n" for name, value in head.items()).encode() + b"\n" + body.encode()


def bodies(raw: bytes) -> list[bytes]:
    return [found.raw.partition(b"\n\n")[2] for found in mbox.split_mbox(io.BytesIO(raw))]


def test_mbox_is_what_the_library_reads(tmp_path):
    box = mailbox.mbox(tmp_path / "box", create=True)
    written = [mail(n, f"line\n{'From here on' if n % 2 else 'no'}\n\nend\n") for n in range(20)]
    for raw in written:
        box.add(raw)
    box.flush()
    assert [found.raw for found in read_source(tmp_path / "box")] == written


@pytest.mark.parametrize(
    ("separator", "stored", "read"),
    [
        (RD, b">From me\n>>From you\n> From him\n", b"From me\n>From you\n> From him\n"),
        (O, b"text\n>From me\nand\n>>From you\n", b"text\nFrom me\nand\n>>From you\n"),
        (O, b"> a quote\n>From me\n", b"> a quote\n>From me\n"),  # quoted without a blank
        (GIT, b">From me\n", b">From me\n"),  # git format-patch quotes nothing
        (RD, b"From me to you\n", b"From me to you\n"),
        (O, b"\nFrom ada@pond.example Tue Mar  8 11:11:13 2022\nis no header\n", None),  # no mail begins here
    ],
)
def test_from_lines_in_bodies(separator, stored, read):
    expected = stored if read is None else read
    assert bodies(separator + mail(1, stored.decode()) + b"\n" + separator + mail(2)) == [
        expected,
        b"hello\n",
    ]


@given(st.lists(st.text("From >ab\n", max_size=40), min_size=1, max_size=4))
def test_mboxrd_gives_back_what_was_put_in(texts):
    """Quoting and separating as the mboxrd format says, then splitting, changes nothing."""
    stored = b""
    for number, text in enumerate(texts):
        lines = (text + "\n").split("\n")
        quoted = "\n".join(">" + line if line.lstrip(">").startswith("From ") else line for line in lines)
        stored += RD + mail(number, quoted) + b"\n"
    assert bodies(stored) == [(text + "\n").encode() for text in texts]


def test_text_before_the_first_separator_is_kept():
    found = [each.raw for each in mbox.split_mbox(io.BytesIO(b"some notes\n" + RD + mail(1)))]
    assert found == [b"some notes\n", mail(1)]


def test_mbox_is_linear_and_bounded(monkeypatch):
    monkeypatch.setattr(mbox, "MAX_MAIL", 1000)
    found = list(
        mbox.split_mbox(
            io.BytesIO(RD + mail(1, "x" * 5000 + "\n") + RD + mail(2, "x\n" * 5000) + RD + mail(3))
        )
    )
    assert [len(each.raw) <= 1000 for each in found] == [True] * 3
    assert [[note.kind for note in each.notes] for each in found] == [["size"], ["size"], []]
    assert found[2].raw == mail(3)


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, bz2.compress, bytes])
def test_compressed(tmp_path, compress):
    path = tmp_path / "box.mbox.any"
    path.write_bytes(compress(RD + mail(1) + RD + mail(2)))
    assert [m.subject for m in read_messages([path])] == ["pond 1", "pond 2"]


def test_half_a_compressed_file(tmp_path):
    path = tmp_path / "box.gz"
    noise = "".join(f"{os.urandom(30).hex()}\n" for _ in range(20000))
    whole = gzip.compress(b"".join(RD + mail(n, noise) for n in range(3)))
    path.write_bytes(whole[: len(whole) // 2])
    messages = list(read_messages([path]))
    assert [m.subject for m in messages][:1] == ["pond 0"]
    assert any(note.kind == "file" for note in messages[-1].notes)


def test_maildir(tmp_path):
    box = mailbox.Maildir(tmp_path / "box", create=True)
    for number in range(3):
        box.add(mail(number))
    os.rename(next((tmp_path / "box/new").iterdir()), tmp_path / "box/cur/0first:2,S")
    (tmp_path / "box/new/.hidden").write_bytes(b"not a mail")
    assert sorted(m.subject for m in read_messages([tmp_path / "box"])) == ["pond 0", "pond 1", "pond 2"]


def test_folder(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.eml").write_bytes(mail(1))
    (tmp_path / "a.mbox").write_bytes(RD + mail(2) + RD + mail(3))
    (tmp_path / "c.eml").write_bytes(b"")
    (tmp_path / "sub/d.html").write_bytes(b"<html><h1>pond 4</h1><pre>text</pre></html>")
    (tmp_path / "README").write_bytes(b"not mail")
    messages = list(read_messages([tmp_path]))
    assert [m.subject for m in messages] == ["pond 2", "pond 3", "pond 1", "pond 4"]
    assert "c.eml" in next(note.detail for note in messages[-1].notes if note.kind == "file")


@pytest.mark.parametrize(
    ("raw", "subject", "verbatim"),
    [
        (RD + mail(1), "pond 1", True),
        (mail(1), "pond 1", True),
        (gzip.compress(mail(1)), "pond 1", True),
        (b"\n\n" + mail(1), "pond 1", True),
        (b"<html><h1>pond 1</h1><pre>text</pre></html>", "pond 1", False),
        (
            b"[PATCH] pond 1\n\nFrom: Ada\nDate: Tue Mar 08 2022 - 06:11:13 EST\n\n\ntext\n",
            "[PATCH] pond 1",
            False,
        ),
    ],
)
def test_standard_input(raw, subject, verbatim):
    message = next(read_messages(["-"], stdin=io.BytesIO(raw)))
    assert (message.subject, message.verbatim) == (subject, verbatim)


def test_standard_input_that_comes_in_drops():
    class Slow(io.RawIOBase):
        data = io.BytesIO(RD + mail(1) + RD + mail(2))

        def readable(self):
            return True

        def readinto(self, buffer):
            piece = self.data.read(min(7, len(buffer)))
            buffer[: len(piece)] = piece
            return len(piece)

    assert len(list(read_messages(["-"], stdin=io.BufferedReader(Slow())))) == 2


@pytest.mark.parametrize(
    "raw", [b"", b"\n \n", bytes(range(256)) * 100, b"\x7fELF\2\1\1" + bytes(99), gzip.compress(b"", mtime=0)]
)
def test_no_mail(tmp_path, raw):
    path = tmp_path / "file.mbox"
    path.write_bytes(raw)
    with pytest.raises(InputError):
        list(read_messages([path]))


def test_absent_and_odd(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").mkdir()
    for source in ("absent.mbox", "pipe", "empty"):
        with pytest.raises(InputError) as error:
            list(read_messages([tmp_path / source]))
        assert error.value.next or source == "pipe"


def test_one_bad_mail_hides_no_other(tmp_path):
    path = tmp_path / "box"
    bad = b"Subject: =?utf-8?b?\xff\nDate: never\nContent-Type: multipart/mixed; boundary=\n\n\0\xff\n"
    path.write_bytes(RD + mail(1) + RD + bad + RD + mail(2))
    messages = list(read_messages([path]))
    assert [m.subject for m in messages][::2] == ["pond 1", "pond 2"]
    assert messages[1].notes


# Copies


def test_copies_from_several_lists():
    one, two = (
        mail(1, List_Id="<mm.lists>"),
        mail(1, "hello\n\n_______________\nponds mailing list\n", List_Id="<b.lists>"),
    )
    message, other = read_messages(["-"], stdin=io.BytesIO(RD + two + RD + mail(2) + RD + one))
    assert message.lists == ("b.lists", "mm.lists")
    assert message.body == "hello\n"  # the one without the list's footer
    assert message.notes == other.notes == ()


def test_copies_that_differ():
    message, _ = read_messages(["-"], stdin=io.BytesIO(RD + mail(1) + RD + mail(2) + RD + mail(1, "other\n")))
    assert message.body == "hello\n"
    assert [note.kind for note in message.notes] == ["copies"]


def test_half_a_copy():
    whole = mail(1, "hello\nand\nso on\n")
    message, _ = read_messages(["-"], stdin=io.BytesIO(RD + mail(1) + RD + whole + RD + mail(2)))
    assert message.body == "hello\nand\nso on\n"


def test_verbatim_copy_wins(tmp_path):
    (tmp_path / "a.html").write_text(
        "<!--X-Message-Id: 1@pond.example --><html><!--X-Body-of-Message--><pre>\nhello there\n</pre></html>"
    )
    (tmp_path / "b.eml").write_bytes(mail(1))
    message, *others = read_messages([tmp_path])
    assert not others
    assert (message.verbatim, message.body) == (True, "hello\n")


# public-inbox


def git(*command: str, cwd, **options) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{f"GIT_{who}_{what}": "pond@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    return subprocess.run(
        ["git", *command], cwd=cwd, env=environment, check=True, capture_output=True, text=True, **options
    ).stdout.strip()


def epoch(path, mails: list[bytes], deleted: tuple[int, ...] = ()) -> None:
    """A bare repository as public-inbox-v2-format(5) describes it."""
    path.mkdir(parents=True)
    git("init", "-q", "--bare", ".", cwd=path)
    parent: list[str] = []
    entries = [("m", raw) for raw in mails] + [("d", mails[number]) for number in deleted]
    for name, raw in entries:
        blob = subprocess.run(
            ["git", "hash-object", "-w", "--stdin"], cwd=path, input=raw, capture_output=True, check=True
        )
        tree = git("mktree", cwd=path, input=f"100644 blob {blob.stdout.decode().strip()}\t{name}\n")
        commit = git("commit-tree", tree, *parent, "-m", "x", cwd=path)
        parent = ["-p", commit]
    git("update-ref", "HEAD", commit, cwd=path)


def test_public_inbox(tmp_path):
    epoch(tmp_path / "inbox/git/0.git", [mail(1), mail(2, "From me\n"), mail(3)], deleted=(0,))
    epoch(tmp_path / "inbox/git/10.git", [mail(5)])
    epoch(tmp_path / "inbox/git/2.git", [mail(4)])
    assert [m.subject for m in read_messages([tmp_path / "inbox"])] == [
        "pond 2",
        "pond 3",
        "pond 4",
        "pond 5",
    ]
    only = list(read_messages([tmp_path / "inbox/git/0.git"]))
    assert [m.body for m in only] == ["From me\n", "hello\n"]
    assert "0.git" in only[0].origin


def test_public_inbox_runs_nothing_of_its_own(tmp_path):
    path = tmp_path / "0.git"
    epoch(path, [mail(1)])
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "gpg.program",
        "diff.external",
        "core.editor",
    ):
        git("config", key, str(trap), cwd=path)
    git("config", "log.showSignature", "true", cwd=path)
    assert len(list(read_messages([path]))) == 1
    assert not (tmp_path / "sprung").exists()


def test_other_repository(tmp_path):
    git("init", "-q", ".", cwd=tmp_path)
    (tmp_path / "file.c").write_text("int x;\n")
    git("add", "file.c", cwd=tmp_path)
    git("commit", "-q", "-m", "x", cwd=tmp_path)
    with pytest.raises(LorelensError, match="no mail"):
        list(read_messages([tmp_path]))


# Remote sources


def test_remote_or_local(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file@host").write_bytes(mail(1))
    for source in (
        "1@pond.example",
        "<1@pond.example>",
        "mid:1@pond.example",
        "https://lore.kernel.org/r/1@pond.example",
    ):
        assert is_remote(source), source
    for source in ("thread.mbox", "file@host", "-", "dir/absent@host", tmp_path):
        assert not is_remote(source), source


def test_remote_sources_come_from_the_archive():
    class Stub:
        def read_thread(self, source):
            yield RawMail(raw=mail(1), origin=source)

    (message,) = read_messages(["1@pond.example"], archive=Stub())
    assert message.origin == "1@pond.example"


# Real mail


@pytest.mark.slow
def test_every_real_mail_is_read(shared):
    for source, count in ((shared / "threads", 1800), (shared / "gold/revisions/mail.mbox.xz", 8074)):
        start = time.perf_counter()
        messages = list(read_messages([source]))
        assert time.perf_counter() - start < 60
        assert len(messages) >= count
        for message in messages:
            assert message.subject
            assert message.author.email
            assert message.date
            assert message.body
            assert not message.message_id.startswith("sha256:")
