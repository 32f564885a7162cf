"""A damaged diff -> an exact diff: the order of the work, file by file. Design: docs/repair.md."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ..mail.message import Note
from ..tree.source_tree import SourceTree, blob_id
from .align import looks_joined
from .budget import MAX_FILES, MAX_HUNKS, MAX_TEXT, Budget
from .channel import Channel, Loss, guess_channel, learn_channel, rivals
from .fitting import Fitted, finish, fit, heading, is_signed, seen_pairs, shown_lines
from .grammar import FileDiff, Hunk, read_strict
from .kbest import cheapest_first
from .layout import Layout, layout_for
from .naming import name_repairs
from .patching import Misfit, apply_hunks, encode
from .pre_image import PreImage, find_pre_image, is_safe
from .profiles import profiles
from .reading import LIKELIEST, LITTLE, MUCH, WIDE, Effort, Group, Habits, HunkReader, Item, Page, Profile
from .region import FileRegion, find_files
from .result import Recovered, RecoveredFile
from .search import Draft, Found, bound, search
from .twins import Twins

C_FILES = (".c", ".h", ".S")
FIRST_TRIES = 64
"""Post-images hashed before more alternatives are worked out."""
SHORT = 60
"""Lines to be spelled up to which what no rule expects is tried, too."""
DEARER = 0.7
"""What a rival channel costs."""
MAX_DRAFTS = 6
"""Ways to read a file's hunks (which line is context, where lines end) that the search takes up."""


def repair_patch(text: str, tree: SourceTree) -> Recovered:
    """Recover the patch in `text`: a mail body, a reply that quotes a patch, or a patch whose line ends are
    lost.

    An undamaged diff comes back byte for byte, with no repairs; files is empty where the text holds no diff.
    """
    lines = text.split("\n")
    strict = read_strict(lines)
    if strict.whole and strict.files:
        preamble = "".join(line + "\n" for line in lines[: strict.first])
        return Recovered(preamble=preamble, files=tuple(_pass(file, tree) for file in strict.files))
    if len(text) > MAX_TEXT:
        return Recovered(preamble="", files=(_too_large(text, f"the text has {len(text)} characters"),))
    region = find_files(text)
    if len(region.files) > MAX_FILES or sum(len(file.hunks) for file in region.files) > MAX_HUNKS:
        return Recovered(preamble="", files=(_too_large(text, "the text has too many files or hunks"),))
    budget = Budget()
    last = len(region.files) - 1
    files = [_recover(file, tree, budget, last=at == last) for at, file in enumerate(region.files)]
    return Recovered(preamble=region.preamble, files=tuple(files))


def _too_large(text: str, why: str) -> RecoveredFile:
    """Say that a damaged text is more than is looked at."""
    match = re.search(r"diff --git \S{1,4096} b/(\S{1,4096})", text[:MAX_TEXT])
    return RecoveredFile(
        path=match.group(1) if match else "",
        pre_blob=None,
        post_blob=None,
        verified=None,
        tries=0,
        repairs=(),
        diff="",
        post_image=None,
        failure=Note(kind="size", detail=f"the diff is damaged and too large to be repaired: {why}"),
    )


def _pass(file: FileDiff, tree: SourceTree) -> RecoveredFile:
    """Check a diff that is whole by its grammar; only where the pre-image contradicts it, look for damage."""
    checked = _check(file, tree)
    if _stands(checked, file, (0,)):
        return checked
    region = find_files(file.raw)
    return _mend(checked, region.files[0], tree, Budget(), last=True) if len(region.files) == 1 else checked


def _stands(checked: RecoveredFile, file: FileDiff, columns: Collection[int]) -> bool:
    """Whether a diff that is whole by its grammar shows no sign of damage."""
    if not file.hunks or (checked.failure is not None and checked.failure.kind == "path"):
        return True
    return checked.failure is None and checked.verified is not False and not _looks_expanded(file, columns)


def _mend(
    checked: RecoveredFile, region: FileRegion, tree: SourceTree, budget: Budget, last: bool
) -> RecoveredFile:
    """Repair a diff that is whole by its grammar but not by its pre-image; keep it as it is where that is
    no better.
    """
    mended = _recover_damaged(region, tree, budget, last)
    if mended.verified or (mended.failure is None and (mended.repairs or checked.failure is not None)):
        return mended
    return replace(checked, tries=max(checked.tries, mended.tries))


def _looks_expanded(file: FileDiff, columns: Collection[int]) -> bool:
    """Whether tabs were expanded behind the sign column (and quote marks): text at 7, 15, 23 blanks, as no
    editor puts it.
    """
    if not file.header.path.endswith(C_FILES) or "\t" in file.raw:
        return False
    lines = [line.sign + line.text for hunk in file.hunks for line in hunk.lines if line.text.strip()]
    channel = guess_channel(lines, columns, c_code=True)
    return channel.loss is Loss.EXPANDED and sum(line[1:3] == "  " for line in lines) > 2


def _check(file: FileDiff, tree: SourceTree) -> RecoveredFile:
    """Apply an undamaged diff to its pre-image and hash the outcome."""
    header = file.header
    result = RecoveredFile(
        path=header.path,
        pre_blob=header.pre_blob,
        post_blob=header.post_blob,
        verified=None,
        tries=0,
        repairs=(),
        diff=file.raw,
        post_image=None,
        failure=_unsafe(header.old_path, header.new_path),
    )
    if result.failure is not None or header.binary or (not file.hunks and not header.pre_blob):
        return result
    pre = find_pre_image(header, tree)
    if pre is None:
        return _check_deletion(result, file)
    if not file.hunks and any(line.startswith("diff --c") for line in header.lines):
        return result
    post = apply_hunks(pre.lines, file.hunks)
    if isinstance(post, Misfit):
        if not file.hunks:
            return result
        return replace(
            result,
            verified=False if pre.exact and _proves(header.post_blob) else None,
            failure=_misfit(post, pre),
        )
    content = encode("".join(post))
    if not pre.exact or not _proves(header.post_blob):
        return replace(result, post_image=content)
    return replace(result, post_image=content, tries=1, verified=_agrees(content, header.post_blob))


def _check_deletion(result: RecoveredFile, file: FileDiff) -> RecoveredFile:
    """A deleted file's diff holds the whole pre-image, which proves itself by its own id."""
    header = file.header
    if header.new_path is not None or len(file.hunks) != 1 or not _proves(header.pre_blob):
        return result
    removed = "".join(line.text + "\n" * line.newline for line in file.hunks[0].lines if line.sign == "-")
    if _agrees(encode(removed), header.pre_blob):
        return replace(result, verified=True, tries=1, post_image=b"")
    return result


def _proves(blob: str | None) -> bool:
    return bound(blob, 0) > 0


def _agrees(content: bytes, blob: str | None) -> bool:
    """Whether `content` has the id; all zeros stand for no file."""
    if blob is None:
        return False
    return not content if not blob.strip("0") else blob_id(content).startswith(blob.lower())


def _unsafe(*paths: str | None) -> Note | None:
    for path in paths:
        if path is not None and not is_safe(path):
            return Note(
                kind="path",
                detail=f"the diff's path {path[:200]!r} leads outside the tree; it was not looked up",
            )
    return None


def _misfit(misfit: Misfit, pre: PreImage) -> Note:
    which = "the pre-image" if pre.exact else "the tree's version, which is not the patch's pre-image"
    return Note(kind="apply", detail=f"does not apply to {which}: {misfit.reason}")


def _recover(region: FileRegion, tree: SourceTree, budget: Budget, last: bool) -> RecoveredFile:
    """Recover one file out of a damaged text; one that is whole once quote marks are off needs no more."""
    strict = read_strict([*region.raw, ""])
    if strict.whole and len(strict.files) == 1 and strict.files[0].header.path == region.header.path:
        file = strict.files[0]
        checked = _check(file, tree)
        columns = {seen.column for hunk in region.hunks for seen in hunk.lines[1:] if seen.own}
        if not _stands(checked, file, columns):
            checked = _mend(checked, region, tree, budget, last)
        if region.quoted and not checked.repairs:
            checked = replace(checked, repairs=name_repairs(region, [], [], ""))
        return checked
    return _recover_damaged(region, tree, budget, last)


def _recover_damaged(region: FileRegion, tree: SourceTree, budget: Budget, last: bool) -> RecoveredFile:
    header = region.header
    failure = _unsafe(header.old_path, header.new_path)
    pre = None if failure else find_pre_image(header, tree)
    fits = _fit_all(region, pre, budget, last)
    broken = next((number for number, fitted in enumerate(fits, 1) if not fitted.alignments), None)
    if broken is not None or failure is not None:
        return _give_up(region, fits, failure or _why_not(fits[(broken or 1) - 1], broken or 1, pre, budget))
    channel = _channel(region, fits)
    work = FileWork(region, pre, fits, channel, budget, rivals=_rivals(channel, region, fits))
    return work.recover()


def _fit_all(region: FileRegion, pre: PreImage | None, budget: Budget, last: bool) -> list[Fitted]:
    fits: list[Fitted] = []
    shift = 0
    signed = is_signed(region.hunks)
    joined = region.joined or any(looks_joined(hunk.lines, hunk.hunk) for hunk in region.hunks)
    known = frozenset(pre.squeezed) if pre is not None and not pre.exact else frozenset()
    for number, hunk in enumerate(region.hunks, 1):
        final = last and number == len(region.hunks)
        fitted = fit(hunk, pre, shift, known, signed, joined, final, budget)
        if not fitted.alignments and budget.steps > 0:
            fitted = fit(hunk, pre, shift, known, signed, not joined, final, budget)
        if fitted.old is not None:
            shift = fitted.place - max(0, hunk.hunk.old_start - (1 if hunk.hunk.old_count else 0))
        fits.append(fitted)
        if not fitted.alignments:
            break
    return fits


def _why_not(fitted: Fitted, number: int, pre: PreImage | None, budget: Budget) -> Note:
    hunk = fitted.hunk
    if budget.steps < 0:
        return Note(
            kind="size",
            detail=f"hunk {number} ({hunk.ranges}): the diff is too large and too damaged to be repaired",
        )
    signs = Counter(
        fitted.stream.sign(at) or " " for at in range(len(fitted.stream)) if fitted.stream.begins[at]
    )
    seen = f"the text shows {signs['+']} added and {signs['-']} removed lines and {signs[' ']} others"
    if pre is not None and pre.exact and hunk.old_start + hunk.old_count - 1 > len(pre.lines):
        seen = f"the pre-image has {len(pre.lines)} lines"
    return Note(
        kind="counts",
        detail=f"hunk {number} ({hunk.ranges}) cannot be made to fit: it counts {hunk.old_count} old and "
        f"{hunk.new_count} new lines, {seen}",
    )


def _give_up(region: FileRegion, fits: list[Fitted], failure: Note) -> RecoveredFile:
    header = region.header
    return RecoveredFile(
        path=header.path,
        pre_blob=header.pre_blob,
        post_blob=header.post_blob,
        verified=None,
        tries=0,
        repairs=(),
        diff="\n".join(region.raw).rstrip("\n") + "\n",
        post_image=None,
        failure=failure,
    )


def _channel(region: FileRegion, fits: Sequence[Fitted]) -> Channel:
    """Learn what happened to white space from the lines that are known, else guess it from the looks of
    all.
    """
    likely = _columns(region)
    learned = learn_channel(_pairs(fits), likely)
    if learned is not None:
        return learned
    if any(fitted.joined for fitted in fits):
        return Channel(Loss.COLLAPSED)
    shown = [line for fitted in fits for line in shown_lines(fitted)]
    return guess_channel(shown, likely, region.header.path.endswith(C_FILES))


def _columns(region: FileRegion) -> list[int]:
    """Return the widths of the quote marks, the commonest first."""
    columns = Counter(seen.column for hunk in region.hunks for seen in hunk.lines[1:] if seen.own)
    return [column for column, _ in columns.most_common(6)]


def _pairs(fits: Sequence[Fitted]) -> list[tuple[str, str]]:
    return [pair for fitted in fits for pair in seen_pairs(fitted)]


def _rivals(channel: Channel, region: FileRegion, fits: Sequence[Fitted]) -> tuple[Channel, ...]:
    shown = [line for fitted in fits for line in shown_lines(fitted)]
    found = rivals(channel, _pairs(fits), shown, _columns(region))
    c_code = region.header.path.endswith(C_FILES)
    return tuple(other for other in found if c_code or other.loss is not Loss.EXPANDED)


@dataclass(slots=True)
class Reading:
    """One way to read the whole file's hunks."""

    items: list[list[Item]]
    groups: list[tuple[int, Group]]
    """(hunk's index, group)."""


@dataclass(slots=True)
class FileWork:
    """A file whose hunks fit their counts, on the way to its exact text."""

    region: FileRegion
    pre: PreImage | None
    fits: list[Fitted]
    channel: Channel
    budget: Budget
    twins: Twins | None = None
    rivals: tuple[Channel, ...] = ()
    """Other channels that the known lines agree with, and that took more."""

    def recover(self) -> RecoveredFile:
        """Spell the added lines and, where the pre-image is at hand, search for the post-image's id."""
        habits, layouts = self._study()
        header = self.region.header
        exact = self.pre is not None and self.pre.exact and all(f.old is not None for f in self.fits)
        parts = sum(fitted.hunk.new_count for fitted in self.fits)
        most = bound(header.post_blob, len(self.pre.content) if self.pre else 0, parts)
        judged = exact and most > 0
        if not judged or not header.post_blob or not header.post_blob.strip("0"):
            reading = self._read([0] * len(self.fits), habits, layouts, LITTLE)
            return self._finish(reading, None, 0, judged)
        tries = 0
        unknown = sum(item.text is None for fitted in self.fits for item in fitted.items())
        efforts = [(LITTLE, FIRST_TRIES), (MUCH, most * 2 // 3), (WIDE, most)]
        for effort, share in efforts if unknown <= SHORT else efforts[:2]:
            readings = self._readings(habits, layouts, effort)
            drafts = [(cost, self._draft(reading)) for cost, reading in readings]
            outcome = search(drafts, habits, header.post_blob, min(share, most - tries))
            if isinstance(outcome, Found):
                drafted = (
                    reading
                    for (_, reading), (_, draft) in zip(readings, drafts, strict=True)
                    if draft is outcome.draft
                )
                return self._finish(next(drafted), outcome, tries + outcome.tries, judged)
            tries += outcome
            if not self.channel.lossy and len(readings) == 1:
                break
        return self._finish(readings[0][1], None, tries, judged)

    def _readings(
        self, habits: Habits, layouts: Sequence[Layout], effort: Effort
    ) -> list[tuple[float, Reading]]:
        first = [0] * len(self.fits)
        found = [(0.0, self._read(first, habits, layouts, effort))]
        if effort is not WIDE:
            found += self._others(habits, layouts, effort)
        for channel in self.rivals:
            found.append((DEARER, self._read(first, habits, layouts, effort, channel=channel)))
        if effort is not MUCH:
            return found
        added = [item for fitted in self.fits for item in fitted.items() if item.text is None]
        for channel in (self.channel, *self.rivals):
            dearer = 0.0 if channel is self.channel else DEARER
            for profile in profiles(added, channel):
                reading = self._read(first, habits, layouts, effort, profile, channel)
                found.append((profile.cost + dearer, reading))
        return found

    def _finish(self, reading: Reading, found: Found | None, tries: int, judged: bool) -> RecoveredFile:
        self._settle(reading, found)
        return self._result(reading, found, tries, judged)

    def _study(self) -> tuple[Habits, list[Layout]]:
        """Read the pre-image: habits of its author, and the state of things above each hunk."""
        habits = Habits()
        layouts = [layout_for(self.region.header.path) for _ in self.fits]
        if self.pre is None or not self.channel.lossy:
            return habits, layouts
        starts = {fitted.place: number for number, fitted in enumerate(self.fits) if fitted.old is not None}
        layout = layout_for(self.region.header.path)
        weight = 60.0 / (60.0 + len(self.pre.lines))
        for at, line in enumerate(self.pre.lines):
            if at in starts:
                layouts[starts[at]] = layout.clone()
            text = line.rstrip("\r\n")
            habits.learn(layout, text, weight)
            layout.feed(text)
        return habits, layouts

    def _twins(self) -> Twins:
        if self.pre is not None:
            return Twins([line.rstrip("\r\n") for line in self.pre.lines])
        known = [item.text or "" for fitted in self.fits for item in fitted.items() if item.text is not None]
        return Twins(known)

    def _read(
        self,
        choice: Sequence[int],
        habits: Habits,
        layouts: Sequence[Layout],
        effort: Effort,
        profile: Profile = LIKELIEST,
        channel: Channel | None = None,
    ) -> Reading:
        items = [fitted.items(at) for fitted, at in zip(self.fits, choice, strict=True)]
        if self.twins is None:
            self.twins = self._twins()
        groups: list[tuple[int, Group]] = []
        learned = habits.copy()
        for number, (fitted, lines) in enumerate(zip(self.fits, items, strict=True)):
            page = Page(
                layouts[number],
                learned,
                self.twins,
                channel or self.channel,
                fitted.place,
                effort,
                self.budget,
                profile,
            )
            groups += [(number, group) for group in HunkReader(lines, page).read()]
        return Reading(items, groups)

    def _others(
        self, habits: Habits, layouts: Sequence[Layout], effort: Effort
    ) -> list[tuple[float, Reading]]:
        """Return other ways to lay the text against the counts, each with what it costs more."""
        costs = [[a.cost for a in fitted.alignments] for fitted in self.fits]
        base = sum(column[0] for column in costs)
        readings: list[tuple[float, Reading]] = []
        for cost, choices in cheapest_first(costs):
            if len(readings) >= MAX_DRAFTS or cost - base > 8.0:
                break
            if choices:
                chosen = [choices.get(at, 0) for at in range(len(self.fits))]
                readings.append((cost - base, self._read(chosen, habits, layouts, effort)))
        return readings

    def _draft(self, reading: Reading) -> Draft:
        """Lay out the post-image of a reading: fixed text and the groups between."""
        assert self.pre is not None
        end = "\r\n" if self.pre.crlf else "\n"
        fixed: list[list[str]] = [[]]
        groups: list[Group] = []
        written: list[tuple[bytes, ...]] = []
        waiting = {(number, group.items[0]): group for number, group in reading.groups}
        done = 0
        for number, (fitted, items) in enumerate(zip(self.fits, reading.items, strict=True)):
            fixed[-1] += self.pre.lines[done : fitted.place]
            done = fitted.place + fitted.hunk.old_count
            for at, item in enumerate(items):
                if item.sign == "-":
                    continue
                if item.text is not None:
                    fixed[-1].append(
                        item.text + ("\n" if item.newline else "")
                        if item.sign == " "
                        else _ended(item, item.text, end)
                    )
                elif (number, at) in waiting:
                    group = waiting[number, at]
                    members = [items[i] for i in group.items]
                    groups.append(group)
                    written.append(tuple(_write(members, s.texts, end) for s in group.spellings))
                    fixed.append([])
        fixed[-1] += self.pre.lines[done:]
        return Draft([encode("".join(part)) for part in fixed], groups, written)

    def _settle(self, reading: Reading, found: Found | None) -> None:
        """Write the chosen spellings into the items: those found, else the cheapest."""
        carriage = "\r" if self.pre is not None and self.pre.crlf else ""
        for at, (number, group) in enumerate(reading.groups):
            spelled = group.spellings[found.choices.get(at, 0) if found else 0]
            for place, text in zip(group.items, spelled.texts, strict=True):
                item = reading.items[number][place]
                item.text = text + carriage if carriage and not text.endswith("\r") else text

    def _result(self, reading: Reading, found: Found | None, tries: int, judged: bool) -> RecoveredFile:
        header = self.region.header
        hunks = [
            finish(fitted, items, heading(fitted, self.pre))
            for fitted, items in zip(self.fits, reading.items, strict=True)
        ]
        post, failure = self._apply(hunks) if found is None else (found.post_image, None)
        verified: bool | None = None
        if judged:
            verified = found is not None or (post is not None and _agrees(post, header.post_blob))
        lines = [*header.lines, *(line for hunk in hunks for line in hunk.render())]
        return RecoveredFile(
            path=header.path,
            pre_blob=header.pre_blob,
            post_blob=header.post_blob,
            verified=verified,
            tries=tries,
            repairs=name_repairs(self.region, self.fits, reading.items, self._evidence(verified)),
            diff="\n".join(lines) + "\n",
            post_image=post,
            failure=failure,
        )

    def _apply(self, hunks: Sequence[Hunk]) -> tuple[bytes | None, Note | None]:
        if self.pre is None:
            return None, None
        post = apply_hunks(self.pre.lines, hunks)
        if isinstance(post, Misfit):
            return None, _misfit(post, self.pre)
        return encode("".join(post)), None

    def _evidence(self, verified: bool | None) -> str:
        if verified:
            return "confirmed by the post-image's blob id"
        if verified is False:
            return "a guess: no post-image that was tried has the patch's blob id"
        if self.pre is not None and not self.pre.exact:
            return "a guess after another version of the file, not confirmed"
        return "a guess without a pre-image, not confirmed"


def _ended(item: Item, text: str, end: str) -> str:
    return text + (end if item.newline else "")


def _write(members: Sequence[Item], texts: Sequence[str], end: str) -> bytes:
    return encode("".join(_ended(item, text, end) for item, text in zip(members, texts, strict=True)))
