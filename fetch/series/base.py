"""The commit that a revision applies to: what the mail names, else what the evidence in its diffs finds.

Of 96 series on mm only two name their base, so it is searched for: among the commits that could be meant
(tags, branch heads, and what the branches were on the mail's date) the one that holds most of the files which
the index lines name. That is exact evidence; where there is none, the lines around the hunks are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ...errors import ToolError
from ..mail.note import Note
from ..tree.source_tree import GitTree, ManyTrees, PlainTree, SourceTree, open_tree
from ..tree.wanted import Wanted, find_wanted
from .assembly import Revision

MAX_REFS = 20_000
"""References that are listed; a kernel repository with linux-next and stable has about 10,000."""
MAX_TAGS = 48
MAX_BRANCHES = 16
MAX_COMMITS = 64
"""Commits that touched the wanted paths near the date."""
MAX_PREREQUISITES = 400
"""Commits whose patch ids are made to find prerequisite patches; about 4 ms each."""
_DAY = 86_400
_SKEW = 3_600
"""Seconds by which clocks may differ: what is newer than the mail by more is not its base."""
_TAGS = ("refs/tags/v*", "refs/tags/mm-*", "refs/tags/next-*")
_ALL = ("--branches", "--remotes", "--tags")
_ID = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The commit that a revision applies to, as far as the evidence goes."""

    revision: str
    """Whole commit id."""
    how: str
    """For a reader: "base-commit of the mail", "tag v5.17-rc5", ..."""
    evidence: str
    """What speaks for it, with counts."""
    held: int
    """How many of the wanted files it holds under their blob ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoBase:
    """No commit was found, and why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a revision's mails tell of its base."""

    wanted: tuple[Wanted, ...]
    base_commit: str | None = None
    prerequisites: tuple[str, ...] = ()
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    commit: str
    how: str


def choose_tree(
    trees: Sequence[str], base: str | None, revision: Revision | None
) -> tuple[SourceTree, tuple[Note, ...]]:
    """Open the trees at the base of `revision`: `base` where it is given, else what find_base answers.

    Several trees come in the order of what they hold of the revision's pre-images.
    """
    tree = open_tree(trees, base)
    if revision is None or base is not None:
        return tree, ()
    return rebase_tree(tree, ask_of(revision))


def ask_of(revision: Revision) -> Asked:
    """Return what a revision's mails tell of its base."""
    return Asked(
        wanted=find_wanted(patch.diff for patch in revision.patches),
        base_commit=revision.base_commit,
        prerequisites=revision.prerequisites,
        date=revision.date,
    )


def rebase_tree(tree: SourceTree, asked: Asked) -> tuple[SourceTree, tuple[Note, ...]]:
    """Return the tree with each repository in it at the base that is found there, and how it was found."""
    members = tree.trees if isinstance(tree, ManyTrees) else (tree,)
    based = [_based(member, asked) for member in members]
    based.sort(key=lambda one: -one[1])
    notes = tuple(note for *_, note in based if note)
    if isinstance(tree, ManyTrees):
        return ManyTrees(tuple(member for member, *_ in based)), notes
    return based[0][0], notes


def _based(tree: SourceTree, asked: Asked) -> tuple[SourceTree, int, Note | None]:
    """Return the tree at the revision's base, how many files it holds by blob id, and what to tell of it."""
    if isinstance(tree, PlainTree):
        held = [one for one in asked.wanted if one.blob and tree.read(one.path, one.blob) is not None]
        return tree, len(held), None
    if not isinstance(tree, GitTree):
        return tree, 0, None
    found = find_base(tree, asked)
    if isinstance(found, NoBase):
        detail = f"No base was found in {tree.repository}: {found.reason}. Files are read from {tree.name}."
        return tree, 0, Note(kind="base", detail=detail)
    detail = f"The base in {tree.repository} is {found.revision[:12]}, {found.how}: {found.evidence}."
    return tree.at(found.revision, found.how), found.held, Note(kind="base", detail=detail)


def find_base(tree: GitTree, asked: Asked) -> Base | NoBase:
    """Find the commit of a repository that a revision applies to. Bounded in commits and time."""
    search = _Search(tree, asked)
    try:
        return search.named() or search.by_blobs() or search.by_hunks() or NoBase(reason=search.reason())
    except ToolError as error:
        return NoBase(reason=str(error))


@dataclass(slots=True)
class _Search:
    tree: GitTree
    asked: Asked
    tried: dict[str, int] = field(default_factory=dict)
    """Commit -> how many wanted blobs it holds at their paths."""
    failures: list[str] = field(default_factory=list)
    """What git could not do."""

    def named(self) -> Base | None:
        """Return the base that the mail names, or the commit at which its prerequisite patches end."""
        named = self.asked.base_commit
        commit = self.tree.git.resolve(named) if named and _ID.fullmatch(named.lower()) else None
        ends = self._prerequisites(commit)
        if ends:
            count = f"{len(ends)} of {len(self.asked.prerequisites)} of these are in the repository"
            best = max(ends, key=self._held)
            return self._base(best, "where the mail's prerequisite patches end", count)
        if commit is None:
            return None
        lacking = len(self.asked.prerequisites)
        evidence = "the mail names it"
        if lacking:
            evidence += f", and {lacking} patches on top that are not here"
        return self._base(commit, "base-commit of the mail", evidence)

    def by_blobs(self) -> Base | None:
        """Return the candidate that holds most of the wanted blobs at their paths."""
        total = sum(one.blob is not None for one in self.asked.wanted)
        best: _Candidate | None = None
        for candidate in self._candidates() if total else ():
            if candidate.commit not in self.tried:
                held = self._held(candidate.commit)
                if held and (best is None or held > self.tried[best.commit]):
                    best = candidate
                if held == total:
                    break
        return self._base(best.commit, best.how, "") if best else None

    def by_hunks(self) -> Base | None:
        """Return the candidate in whose files the lines around most hunks stand."""
        total = sum(len(one.pieces) for one in self.asked.wanted)
        best: tuple[int, _Candidate] | None = None
        for candidate in list(self._named_candidates())[:MAX_BRANCHES] if total else ():
            stand = sum(self._standing(candidate.commit, one) for one in self.asked.wanted)
            if stand and (best is None or stand > best[0]):
                best = stand, candidate
            if stand == total:
                break
        if best is None:
            return None
        evidence = f"the lines around {best[0]} of {total} hunks stand there"
        return self._base(best[1].commit, best[1].how, evidence)

    def reason(self) -> str:
        """Say why nothing was found."""
        blobs = [one.blob for one in self.asked.wanted if one.blob]
        anywhere = sum(self.tree.objects.find(blob) is not None for blob in blobs)
        if not self.asked.wanted:
            return "the patches change no file that was there before"
        words = [f"none of {len(self.tried)} commits tried holds a file as the patches have it"]
        if blobs:
            words.append(f"{anywhere} of {len(blobs)} pre-images are at hand by blob id")
        return "; ".join([*words, *dict.fromkeys(self.failures)])

    def _base(self, commit: str, how: str, evidence: str) -> Base:
        total = sum(one.blob is not None for one in self.asked.wanted)
        held = self._held(commit)
        counted = f"{held} of {total} pre-images stand there under their blob ids" if total else ""
        both = "; ".join(text for text in (evidence, counted) if text)
        return Base(revision=commit, how=how, evidence=both or "no blob id to check it by", held=held)

    def _held(self, commit: str) -> int:
        if commit not in self.tried:
            self.tried[commit] = sum(
                self.tree.blob_at(commit, one.path, one.blob) for one in self.asked.wanted if one.blob
            )
        return self.tried[commit]

    def _standing(self, commit: str, one: Wanted) -> int:
        content = self.tree.read_at(commit, one.path)
        if content is None:
            return 0
        return sum(content.startswith(piece) or b"\n" + piece in content for piece in one.pieces)

    def _prerequisites(self, base: str | None) -> list[str]:
        """Return the commits whose patch ids the mail names, among those near its base or its date."""
        if not self.asked.prerequisites:
            return []
        limit = [f"^{base}"] if base else self._near(30)
        ids = self.tree.git.patch_ids(self._rev_list("--no-merges", MAX_PREREQUISITES, *_ALL, *limit))
        return [ids[one] for one in self.asked.prerequisites if one in ids]

    def _near(self, days: int) -> list[str]:
        if self.asked.date is None:
            return []
        stamp = int(self.asked.date.timestamp())
        return [f"--since={stamp - days * _DAY}", f"--until={stamp + _SKEW}"]

    def _candidates(self) -> Iterator[_Candidate]:
        yield from self._named_candidates()
        paths = [self.tree.whole(one.path) for one in self.asked.wanted[:20]]
        for commit in self._rev_list("--no-merges", MAX_COMMITS, *_ALL, *self._near(180), "--", *paths):
            yield _Candidate(commit, "a commit near the mail's date that changed these files")

    def _named_candidates(self) -> Iterator[_Candidate]:
        """Yield tags nearest to the date, then branches as they were on it, then branch heads."""
        tags = sorted(self._refs(*_TAGS), key=lambda ref: self._distance(ref[2]))
        for name, commit, _ in tags[:MAX_TAGS]:
            yield _Candidate(commit, f"tag {name.removeprefix('refs/tags/')}")
        heads = sorted(self._refs("refs/heads", "refs/remotes"), key=lambda ref: self._distance(ref[2]))
        until = self._near(0)[1:]
        for name, commit, _ in heads[:MAX_BRANCHES] if until else ():
            for then in self._rev_list("--first-parent", 1, *until, commit):
                yield _Candidate(then, f"branch {_short(name)} on the mail's date")
        for name, commit, _ in heads[:MAX_BRANCHES]:
            yield _Candidate(commit, f"branch {_short(name)}")

    def _rev_list(self, walk: str, count: int, *arguments: str) -> list[str]:
        return self._run("rev-list", walk, f"--max-count={count}", *arguments).split()

    def _run(self, *arguments: str) -> str:
        """Return what git prints; "" where it fails, as it does on what a partial clone lacks."""
        try:
            return self.tree.git.run(*arguments, timeout=15).decode(errors="replace")
        except ToolError as error:
            self.failures.append(str(error))
            return ""

    def _refs(self, *patterns: str) -> list[tuple[str, str, int]]:
        """Return (name, commit, seconds since 1970) of the references."""
        form = "--format=%(refname) %(objectname) %(*objectname) %(creatordate:unix)"
        out = self._run("for-each-ref", f"--count={MAX_REFS}", "--sort=-creatordate", form, *patterns)
        refs = []
        for line in out.splitlines():
            words = line.split(" ")
            if len(words) == 4 and words[3].isdigit():
                refs.append((words[0], words[2] or words[1], int(words[3])))
        return refs

    def _distance(self, stamp: int) -> tuple[bool, int]:
        """Order by nearness to the mail's date; what came after it could not be its base."""
        if self.asked.date is None:
            return (False, -stamp)
        mail = int(self.asked.date.timestamp())
        return (stamp > mail + _SKEW, abs(stamp - mail))


def _short(name: str) -> str:
    return name.removeprefix("refs/heads/").removeprefix("refs/remotes/")
