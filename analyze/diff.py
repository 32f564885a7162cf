"""A patch's diff text -> FileDiffs. The only importer of unidiff.

diff_text.py cuts the text into files and hunks and diff_header.py reads the headers, since unidiff gives up
on a whole mail for one bad hunk; each file's hunks then go through unidiff, and what comes back is compared
with what went in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as UnidiffHunk
from unidiff.patch import PatchSet

from ..fetch.mail.note import Note
from .diff_header import Header, parse_header
from .diff_text import RawHunk, Section, Stray, cut_diff

MAX_NOTES = 20
_NO_NEWLINE = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a hunk."""

    sign: str
    """" ", "-" or "+"."""
    text: str
    """Without sign and line end."""
    pre: int | None
    post: int | None
    """1-based numbers in the pre-image and post-image."""
    newline: bool
    """False where "\\ No newline at end of file" follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """One "@@ -a,b +c,d @@ section" of a unified diff."""

    pre_start: int
    pre_count: int
    post_start: int
    post_count: int
    section: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDiff:
    """One file of a diff, as git prints it."""

    path: str
    """In the post-image; in the pre-image for a removed file."""
    pre_path: str | None
    """None for an added file."""
    post_path: str | None
    """None for a removed file."""
    pre_blob: str | None
    post_blob: str | None
    """As the index line abbreviates them; None where it is missing, and for a side without a file."""
    binary: bool
    mode_changed: bool
    hunks: tuple[Hunk, ...]
    """With the counts that the lines have, also where a header lies about them."""
    copied: bool = False
    """Whether `post_path` is a copy of `pre_path`, which stays; a rename where it is not."""
    failure: Note | None = None
    """Why the text is not to be trusted as it stands: a lying hunk, a refused path; None where it is."""


class ParsedDiff(NamedTuple):
    """A patch's files in order, and notes on what cannot be read of them or belongs to none."""

    files: tuple[FileDiff, ...]
    notes: tuple[Note, ...]


def parse_diff(text: str) -> ParsedDiff:
    """Parse a unified diff of any dialect; never raises. Text before the first file is passed over.

    A file that cannot be read whole is there with its `failure`, which stands among the notes too.
    """
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    notes = []
    if _has_crlf(lines):
        lines = [line.removesuffix("\r") for line in lines]
        notes.append(Note(kind="line-ends", detail="The diff's line ends were CR LF; they were read as LF."))
    sections, strays = cut_diff(lines)
    files = tuple(_file(section) for section in sections if _is_file(section))
    notes += [file.failure for file in files if file.failure]
    notes += [_empty_note(section) for section in sections if not _is_file(section)]
    notes += [_stray_note(stray) for stray in strays if not stray.silent]
    if len(notes) > MAX_NOTES:
        rest = len(notes) - MAX_NOTES
        notes[MAX_NOTES:] = [Note(kind="diff", detail=f"There are {rest} more notes of this kind.")]
    return ParsedDiff(files=files, notes=tuple(notes))


def _has_crlf(lines: Sequence[str]) -> bool:
    """Whether the mail has CR LF line ends: then the headers have them too, not only a file's lines."""
    headers = [line for line in lines if line.startswith(("diff ", "--- ", "+++ ", "@@ -"))]
    return bool(headers) and all(line.endswith("\r") for line in headers)


def _is_file(section: Section) -> bool:
    return bool(section.hunks or section.binary or section.complaint or len(section.header) > 1)


def _file(section: Section) -> FileDiff:
    lone = section.hunks[0] if len(section.hunks) == 1 else None
    added = lone is not None and lone.pre_start == lone.pre_count == 0 < lone.post_count
    removed = lone is not None and lone.post_start == lone.post_count == 0 < lone.pre_count
    header = parse_header(section.header, added, removed)
    hunks, odd = _hunks(section.hunks)
    silent = "" if hunks or section.binary or _explains_itself(header) else "no hunk of it can be read"
    spoken = (hunk.complaint for hunk in section.hunks)
    complaints = (header.complaint, section.complaint, *spoken, odd, silent)
    path = header.post_path or header.pre_path or ""
    return FileDiff(
        path=path,
        pre_path=header.pre_path,
        post_path=header.post_path,
        pre_blob=header.pre_blob,
        post_blob=header.post_blob,
        binary=section.binary,
        mode_changed=header.mode_changed,
        hunks=hunks,
        copied=header.copied,
        failure=_failure(path, section.line, [c for c in complaints if c]),
    )


def _explains_itself(header: Header) -> bool:
    """Whether a file without a hunk is a change all the same: mode, name, copy, or an empty file."""
    empty = header.pre_path is None or header.post_path is None
    return empty or header.mode_changed or header.copied or header.pre_path != header.post_path


def _failure(path: str, line: int, complaints: Sequence[str]) -> Note | None:
    if not complaints:
        return None
    more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
    is_clear = path and path.isprintable() and len(path) < 200
    where = path if is_clear else f"the file at line {line} of the diff"
    return Note(kind="diff", detail=f"{where}: {complaints[0]}{more}.")


def _hunks(raw: Sequence[RawHunk]) -> tuple[tuple[Hunk, ...], str]:
    """Let unidiff read a file's hunks; return them and what is wrong with them."""
    whole = [hunk for hunk in raw if hunk.pre_count or hunk.post_count]
    if not whole:
        return (), "it has a hunk without lines" if raw else ""
    text = ["--- a/x", "+++ b/x"]
    for hunk in whole:
        text.append(f"@@ -{hunk.pre_start},{hunk.pre_count} +{hunk.post_start},{hunk.post_count} @@")
        text += [_NO_NEWLINE if line[:1] == "\\" else line or " " for line in hunk.lines]
    text.append("")
    try:
        patched = PatchSet("\n".join(text))[0]
    except (UnidiffParseError, ValueError, IndexError) as error:
        return (), f"unidiff cannot read its hunks ({str(error)[:80]})"
    if len(patched) != len(whole) or any(
        len(read) != len(hunk.lines) for read, hunk in zip(patched, whole, strict=True)
    ):
        return (), "unidiff reads fewer lines than its hunks have"
    hunks = tuple(_hunk(read, hunk.section) for read, hunk in zip(patched, whole, strict=True))
    return hunks, "it has a hunk without lines" if len(whole) < len(raw) else ""


def _hunk(read: UnidiffHunk, section: str) -> Hunk:
    lines: list[Line] = []
    last = len(read) - 1
    for number, line in enumerate(read):
        if line.line_type == "\\":
            continue
        lines.append(
            Line(
                sign=line.line_type,
                text=line.value.removesuffix("\n"),
                pre=line.source_line_no,
                post=line.target_line_no,
                newline=number == last or read[number + 1].line_type != "\\",
            )
        )
    return Hunk(
        pre_start=read.source_start,
        pre_count=read.source_length,
        post_start=read.target_start,
        post_count=read.target_length,
        section=section,
        lines=tuple(lines),
    )


def _empty_note(section: Section) -> Note:
    return Note(kind="diff", detail=f"Line {section.line} of the diff opens a file that has nothing in it.")


def _stray_note(stray: Stray) -> Note:
    count = len(stray.lines)
    what = "1 line belongs" if count == 1 else f"{count} lines belong"
    detail = f"From line {stray.line} of the diff {what} to no hunk: {stray.lines[0][:60]!r}."
    return Note(kind="diff", detail=detail)
