"""Patches of real threads, stand-in files to apply them to, and the five ways in which web archives damage
them.

The ways are those of the five documents that the project came from; each has variants, drawn by a seeded
generator:

strip     white space at line starts lost, or every run of it made one blank (hypermail's text)
expand    tabs expanded to blanks, measured behind the sign, or behind quote marks and sign (mail-archive)
wrap      quoted, and lines over 78 columns wrapped by the mailer; tabs kept or expanded
quote     quoted in a reply with remarks between lines and a footer, addresses masked; white space kept or
collapsed
join      every line end inside a paragraph of diff lost, white space collapsed, empty lines end paragraphs
"""

from __future__ import annotations

import email
import email.policy
import lzma
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lorelens.fetch.repair.grammar import FileDiff, read_strict
from lorelens.fetch.repair.patching import Misfit, apply_hunks, encode, split_lines
from lorelens.fetch.tree.source_tree import blob_id

WAYS = ("strip", "expand", "wrap", "quote", "join")
_REMARKS = (
    "I think this needs a comment, it took me a while to see why.",
    "Nit: could this go into a helper of its own?",
    "Why not return early here instead of nesting deeper?\n\nThe caller checks it anyway, doesn't it?",
    "Looks good to me otherwise.",
)
_WORDS = (
    "This patch changes how pages are handled so that the next one is simpler. No functional change intended."
)


@dataclass(frozen=True, slots=True)
class Case:
    """An undamaged patch with stand-in pre-images, its index lines rewritten to their ids."""

    name: str
    diff: str
    files: tuple[FileDiff, ...]
    pre: dict[str, bytes]
    post: dict[str, bytes]
    """By the files' paths."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """A SourceTree of the stand-in files."""

    files: dict[str, bytes]
    name: str = "stand-in"

    def read(self, path: str, blob: str | None = None) -> bytes | None:
        """Return the file at `path` if its id begins with `blob`."""
        content = self.files.get(path)
        if content is None or (blob and not blob_id(content).startswith(blob)):
            return None
        return content


def raw_mails(shared: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes) of every mail of threads/ and gold/."""
    boxes = [(path.stem, path.read_bytes()) for path in sorted(shared.glob("threads/*/*.mbox"))]
    boxes += [
        ("gold", lzma.decompress(path.read_bytes())) for path in shared.glob("gold/revisions/*.mbox.xz")
    ]
    for name, box in boxes:
        for number, raw in enumerate(re.split(rb"(?m)^From (?=\S+ \S{3} |mboxrd@z)", box)[1:]):
            yield f"{name}:{number}", raw.split(b"\n", 1)[1]


def find_cases(shared: Path, count: int, seed: int) -> list[Case]:
    """Draw `count` patches that touch C files and have index lines."""
    pattern = re.compile(rb"^index [0-9a-f]{7,40}\.\.", re.MULTILINE)
    fit = [
        (n, raw)
        for n, raw in raw_mails(shared)
        if pattern.search(raw) and re.search(rb"^\+\+\+ b/\S+\.[ch]$", raw, re.M)
    ]
    rng = random.Random(seed)
    rng.shuffle(fit)
    cases: list[Case] = []
    for name, raw in fit:
        if len(cases) == count:
            break
        case = _case(name, raw)
        if case is not None:
            cases.append(case)
    return cases


def _case(name: str, raw: bytes) -> Case | None:
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    payload = message.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return None
    text = (
        payload.decode(message.get_content_charset() or "utf-8", "surrogateescape") if _sane(message) else ""
    )
    reading = read_strict(text.replace("\r\n", "\n").split("\n"))
    if not reading.whole or not reading.files or any(f.header.binary or not f.hunks for f in reading.files):
        return None
    pre: dict[str, bytes] = {}
    post: dict[str, bytes] = {}
    parts = []
    for file in reading.files:
        if file.header.path in pre or file.header.pre_blob is None:
            return None
        before = b"" if file.header.old_path is None else encode("".join(stand_in(file)))
        after = apply_hunks(split_lines(before.decode("utf-8", "surrogateescape")), file.hunks)
        if isinstance(after, Misfit):
            return None
        pre[file.header.path], post[file.header.path] = before, encode("".join(after))
        parts.append(_rewrite(file, before, post[file.header.path]))
    diff = "".join(parts)
    again = read_strict(diff.split("\n"))
    return Case(name, diff, tuple(again.files), pre, post)


def _sane(message: email.message.Message) -> bool:
    try:
        b"".decode(message.get_content_charset() or "utf-8")
    except LookupError:
        return False
    return True


def _rewrite(file: FileDiff, before: bytes, after: bytes) -> str:
    """Return the file's diff with the ids of the stand-in files."""
    header = file.header
    old = "0" * 12 if header.old_path is None else blob_id(before)[:12]
    new = "0" * 12 if header.new_path is None else blob_id(after)[:12]
    return re.sub(r"(?m)^index [0-9a-f]+\.\.[0-9a-f]+", f"index {old}..{new}", file.raw, count=1)


def stand_in(file: FileDiff) -> list[str]:
    """Return a file that the diff applies to: its hunks' old lines in their places, plausible code between.
    """
    lines: list[str] = []
    for hunk in file.hunks:
        start = max(0, hunk.old_start - (1 if hunk.old_count else 0))
        lines += _filler(start - len(lines), hunk.heading.strip(), len(lines))
        lines += [line.text + "\n" * line.newline for line in hunk.lines if line.sign != "+"]
    if not lines or lines[-1].endswith("\n"):
        old = file.hunks[-1].lines[-1]
        lines += _filler(40, "", len(lines)) if old.sign == " " and file.header.new_path else []
    return lines


def _filler(count: int, heading: str, seed: int) -> list[str]:
    lines: list[str] = []
    if count > 0 and seed:
        lines = ["}\n", "\n"]
    while len(lines) < count:
        number = seed + len(lines)
        lines += [f"static int stand_in_{number}(int n)\n", "{\n", f"\treturn n + {number};\n", "}\n", "\n"]
    lines = lines[: max(0, count)]
    if heading and count > 12:
        opened = heading.count("(") > heading.count(")")
        tail = [
            heading + "\n",
            *(["\t\tint more)\n"] if opened else []),
            *(["{\n"] if "(" in heading else []),
        ]
        lines[-len(tail) - 2 :] = (
            [*tail, "\tint n;\n", "\n"] if "(" in heading else [*tail, "\tint n;\n", "\tint m;\n"]
        )
        lines = lines[:count]
    return lines


# -- damage


def damage(diff: str, way: str, rng: random.Random) -> str:
    """Return a mail body with `diff` damaged in one of WAYS."""
    lines = diff.split("\n")[:-1]
    return _DAMAGE[way](lines, rng)


def _collapse(line: str) -> str:
    return " ".join(line.split())


def _strip(lines: list[str], rng: random.Random) -> str:
    kind = rng.choice(("collapse", "collapse", "lead"))
    body = [_collapse(line) if kind == "collapse" else line.lstrip() for line in lines]
    return (
        f"{_WORDS}\n\nSigned-off-by: A Developer <dev@xxxxxxxxxxx>\n---\n"
        + "\n".join(body)
        + "\n--\n2.35.1\n"
    )


def _expand(lines: list[str], rng: random.Random) -> str:
    marks = rng.choice(("", "> ", "> > ", ">"))
    body = [(marks + line).expandtabs(8) for line in lines]
    return _reply(body, marks, rng)


def _reply(body: list[str], marks: str, rng: random.Random) -> str:
    head = f"On Tue, Somebody wrote:\n{marks}{_WORDS}\n{marks.rstrip()}\n" if marks else f"{_WORDS}\n---\n"
    tail = f"{marks}-- \n{marks}2.30.0\n"
    return (
        head + "\n".join(body) + "\n" + tail + ("\n-- \nA Reviewer\n\nReply via email to\n" if marks else "")
    )


def _wrap(lines: list[str], rng: random.Random) -> str:
    expanded, marked = rng.random() < 0.5, rng.random() < 0.7
    body: list[str] = []
    for line in lines:
        text = ("> " + line).expandtabs(8) if expanded else "> " + line
        while len(text.expandtabs(8)) > 78:
            cut = _cut(text)
            if cut < 10:
                break
            body.append(text[: cut + 1])
            text = ("> " if marked else "") + text[cut + 1 :].lstrip(" ")
        body.append(text)
    return _reply(body, "> ", rng)


def _cut(text: str) -> int:
    """Return the last blank within 78 columns that has text in front of it."""
    at = 0
    for place, char in enumerate(text):
        if len(text[:place].expandtabs(8)) > 78:
            break
        if char == " " and text[2:place].strip(" \t+-"):
            at = place
    return at


def _quote(lines: list[str], rng: random.Random) -> str:
    collapsed = rng.random() < 0.5
    body: list[str] = []
    for line in lines:
        text = _collapse(line) if collapsed else line
        text = re.sub(r"([\w.+-]+)@[\w-]+(?:\.[\w-]+)+", r"\1@xxxxxxxxxxxx", text)
        body.append(("> " + text).rstrip() if collapsed else "> " + text)
        if len(body) > 5 and rng.random() < 0.03:
            body += ["", *rng.choice(_REMARKS).split("\n"), ""]
    return _reply(body, "> ", rng)


def _join(lines: list[str], rng: random.Random) -> str:
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        text = _collapse(line)
        if not text:
            paragraphs.append([])
        else:
            paragraphs[-1].append(text)
    return f"{_WORDS}\nSigned-off-by: A Developer dev@example.org --- x.c | 2 +-\n" + "\n".join(
        " ".join(paragraph) for paragraph in paragraphs if paragraph
    )


_DAMAGE = {"strip": _strip, "expand": _expand, "wrap": _wrap, "quote": _quote, "join": _join}
