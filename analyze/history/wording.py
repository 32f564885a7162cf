"""What differs between the two patches of a pair, as facts, and those in words."""

from __future__ import annotations

from dataclasses import dataclass

from ...fetch.series.assembly import Patch
from .hunks import FileInterdiff, compare_files
from .message import compare_messages
from .reading import ReadPatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What differs in a pair."""

    differs: int
    """Changed lines that only one of the two has."""
    white_space: bool
    """Whether nothing but white space differs in them."""
    hunks: str
    """"same", "new base" or "changed"."""
    aside: str
    """Where no changed line differs, what else does, in words; "" for nothing."""
    title: bool
    message: str
    """"same", "rewrapped" or "changed"."""
    tags: bool
    author: bool
    moved: bool
    split: tuple[Patch, ...] = ()
    """Later patches that were split from it."""
    merged: tuple[Patch, ...] = ()
    """Earlier patches that were merged into it."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return PatchPair.kinds."""
        found = []
        if self.hunks == "changed" or self.message == "changed" or self.author:
            found.append("modified")
        if self.title:
            found.append("renamed")
        found = found or ["identical"]
        found += ["reordered"] * self.moved + ["split"] * bool(self.split) + ["merged"] * bool(self.merged)
        return tuple(found)


def find_facts(
    one: ReadPatch, other: ReadPatch, *, moved: bool, split: tuple[Patch, ...], merged: tuple[Patch, ...]
) -> Facts:
    """Compare the two patches of a pair."""
    files = compare_files(one.files, other.files)
    message = compare_messages(one.patch, other.patch)
    return Facts(
        differs=sum(file.differs for file in files),
        white_space=any(file.kind == "changed" for file in files)
        and all(file.white_space or file.kind in ("unchanged", "new base") for file in files),
        hunks=hunks_kind(files),
        aside=_aside(files),
        title=" ".join(one.patch.title.split()) != " ".join(other.patch.title.split()),
        message=message.kind,
        tags=bool(message.added or message.removed),
        author=one.patch.author.email.casefold() != other.patch.author.email.casefold(),
        moved=moved,
        split=split,
        merged=merged,
    )


def hunks_kind(files: tuple[FileInterdiff, ...]) -> str:
    """Return "same", "new base" or "changed" for all the files of a patch."""
    kinds = {file.kind for file in files} | {"changed" for file in files if file.former}
    if kinds <= {"unchanged"}:
        return "same"
    return "new base" if kinds <= {"unchanged", "new base"} else "changed"


def _aside(files: tuple[FileInterdiff, ...]) -> str:
    """Say what differs of files whose changed lines are the same: names, modes, places."""
    for file in files:
        if file.former:
            return f"same lines, but {file.former} is {file.path} now"
        if file.kind in ("added", "dropped"):
            return f"same lines, but {file.path} is in one revision only"
        if file.facts:
            return f"same lines, but in {file.path}: {file.facts[0]}"
    return "same lines in another place"


def pair_words(before: Patch, after: Patch, facts: Facts, by_id: str) -> str:
    """Return why the two are a pair and what differs: "same hunks on a new base, new title"."""
    words = [_hunk_words(facts, bool(before.diff or after.diff))]
    if facts.title:
        words.append("new title")
    if facts.message == "changed":
        words.append("new commit message")
    elif facts.message == "rewrapped":
        words.append("commit message rewrapped")
    if facts.tags:
        words.append("other tags")
    if facts.author:
        words.append("another author")
    if facts.moved and before.position != after.position:
        words.append(f"moved from {before.position} to {after.position}")
    elif facts.moved:
        words.append("in another order")
    if facts.split:
        words.append(f"part of it is now {_places(facts.split)}")
    if facts.merged:
        words.append(f"takes in {_places(facts.merged)}")
    return ", ".join(filter(None, [*words, by_id]))


def _hunk_words(facts: Facts, any_diff: bool) -> str:
    if not any_diff:
        return "no diff in either"
    if facts.hunks == "same":
        return "same hunks"
    if facts.hunks == "new base":
        return "same hunks on a new base"
    if facts.white_space:
        return "white space differs in its hunks"
    if not facts.differs:
        return facts.aside
    return f"{facts.differs} changed {'line differs' if facts.differs == 1 else 'lines differ'}"


def lone_words(kind: str, other: Patch | None, share: float) -> str:
    """Return what became of a patch without a partner, or where it came from."""
    if other is None:
        return "no like patch in the later revision" if kind == "dropped" else "no like patch before"
    if kind == "folded":
        return f"a fix of {_place(other)}"
    into = "went into" if kind == "merged" else "came out of"
    return f"{share:.0%} of its changed lines {into} {_place(other)}"


def _places(patches: tuple[Patch, ...]) -> str:
    return ", ".join(_place(patch) for patch in patches)


def _place(patch: Patch) -> str:
    return f"{patch.position} ({' '.join(patch.title.split())[:60]})"
