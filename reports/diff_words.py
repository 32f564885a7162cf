"""What text and page of `lorelens diff` say in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..analyze.history.functions import FunctionInterdiff
from ..analyze.history.hunks import FileInterdiff
from ..analyze.history.interdiff import NOT_ASKED, PatchInterdiff, RevisionDiff
from ..analyze.history.matching import LonePatch
from ..analyze.history.message import MessageInterdiff
from .verdict import judge_delta
from .words import count, day, listing, revision_name


def diff_heading(diff: RevisionDiff) -> str:
    """Return "v1 (2024-01-01, 3 patches) to v2 (2024-01-09, 4 patches)"."""
    parts = [
        f"{revision_name(one)} ({day(one.date)}, {count(len(one.patches), 'patch')})"
        for one in (diff.before, diff.after)
    ]
    return " to ".join(parts)


def diff_sentence(diff: RevisionDiff) -> str:
    """Return how many patches are unchanged, modified, dropped and so on."""
    numbers: dict[str, int] = {}
    for patch in diff.patches:
        kinds = patch.pair.kinds
        name = "unchanged" if is_folded(patch) else "modified" if "modified" in kinds else "renamed"
        numbers[name] = numbers.get(name, 0) + 1
    for patch in diff.patches:
        if "reordered" in patch.pair.kinds:
            numbers["moved"] = numbers.get("moved", 0) + 1
    for lone in (*diff.matching.gone, *diff.matching.come):
        numbers[LONE[lone.kind]] = numbers.get(LONE[lone.kind], 0) + 1
    order = ("unchanged", "modified", "renamed", "moved", *LONE.values())
    said = [f"{numbers[name]:,} {name}" for name in order if name in numbers]
    return f"{', '.join(said)}." if said else "No patch in either."


LONE = {
    "dropped": "dropped",
    "merged": "merged into another",
    "new": "new",
    "split": "split off another",
    "folded": "posted as a fix of another",
}


def is_folded(patch: PatchInterdiff) -> bool:
    """Whether nothing but tags, the base and the place may differ: such patches share one line."""
    return patch.pair.kinds[0] == "identical" and not {"split", "merged"} & set(patch.pair.kinds)


def folded_sentence(patches: Sequence[PatchInterdiff]) -> str:
    """Return "Unchanged: 1 to 5, 7 (was 3); on a new base: 2, 4; other tags: 5"; "" for none."""
    folded = [patch for patch in patches if is_folded(patch)]
    if not folded:
        return ""
    new_base = [patch for patch in folded if patch.hunks == "new base"]
    tags = [patch for patch in folded if patch.message.added or patch.message.removed]
    wrapped = [patch for patch in folded if patch.message.kind == "rewrapped"]
    rebased = len(new_base) == len(folded)
    text = f"Unchanged{' on a new base' if rebased else ''}: {_places(folded)}"
    for words, some in (("on a new base", new_base), ("other tags", tags), ("message rewrapped", wrapped)):
        if some and not (rebased and some is new_base):
            text += f"; {words}: {'all' if len(some) == len(folded) else _places(some, was=False)}"
    return f"{text}."


def _places(patches: Sequence[PatchInterdiff], *, was: bool = True) -> str:
    """Return the places in the later revision, runs joined; with `was` those that had another before."""
    runs: list[tuple[int, int, int]] = []
    for patch in patches:
        place, former = patch.pair.after.position, patch.pair.before.position
        if runs and place == runs[-1][1] + 1 and place - former == runs[-1][2]:
            runs[-1] = (runs[-1][0], place, runs[-1][2])
        else:
            runs.append((place, place, place - former))
    return ", ".join(_run(first, last, shift if was else 0) for first, last, shift in runs)


def _run(first: int, last: int, shift: int) -> str:
    def span(one: int, other: int) -> str:
        return f"{one}" if one == other else f"{one} and {other}" if other == one + 1 else f"{one} to {other}"

    was = f" (was {span(first - shift, last - shift)})" if shift else ""
    return span(first, last) + was


def file_words(file: FileInterdiff) -> str:
    """Return what differs of a file, a clause."""
    was = f", was {file.former}" if file.former else ""
    said = {
        "unchanged": "unchanged",
        "new base": "unchanged on a new base",
        "added": f"only the later touches it, {count(file.differs, 'line')}",
        "dropped": f"only the earlier touches it, {count(file.differs, 'line')}",
        "changed": "only white space differs"
        if file.white_space
        else f"{count(file.differs, 'changed line')} in one revision only"
        if file.differs
        else "the same lines in another place"
        if file.hunks
        else "",
    }[file.kind]
    return ", ".join(filter(None, [said, *file.facts])) + was


def quiet_files(files: Iterable[FileInterdiff]) -> str:
    """Return the files that are the same, in one clause; "" for none."""
    files = list(files)
    same = [file.path for file in files if file.kind == "unchanged" and not file.former]
    moved = [file.path for file in files if file.kind == "new base" and not file.former]
    said = [f"{listing(same, 4)} unchanged"] if same else []
    said += [f"{listing(moved, 4)} unchanged on a new base"] if moved else []
    return "; ".join(said)


def function_words(function: FunctionInterdiff) -> str:
    """Return what is known of a function's behaviour in the later revision against the earlier."""
    if function.delta is None:
        return f"{count(function.differs, 'line')}; behaviour not compared: {function.why_not}"
    was = f"was {function.former}(); " if function.former else ""
    if function.delta.verdict == "preserved":
        return f"{was}behaves as in the earlier revision, single-threaded, given what it assumes"
    judged = judge_delta(function.delta)
    return f"{was}{judged.verdict}: {judged.text}"


def not_compared(patch: PatchInterdiff) -> list[str]:
    """Return a sentence for each reason why behaviour was not compared, with the functions concerned."""
    reasons: dict[str, list[str]] = {}
    for one in patch.functions:
        if one.symbol == "function" and one.delta is None and one.why_not != NOT_ASKED:
            names = reasons.setdefault(one.why_not, [])
            names += [f"{one.name}()"] if f"{one.name}()" not in names else []
    return [f"behaviour not compared of {listing(names)}: {why}" for why, names in reasons.items()]


def tag_lines(message: MessageInterdiff) -> list[str]:
    """Return the tags that came, went and were not carried over, a line each."""
    lines = [f"+ {trailer}" for trailer in message.added]
    lines += [f"- {trailer}" for trailer in message.removed]
    return lines + [f"! {trailer} (given by reply, not carried over)" for trailer in message.lost]


def lone_heading(lone: LonePatch) -> str:
    """Return "dropped: no like patch in the later revision"."""
    return f"{LONE[lone.kind]}: {lone.words}"
