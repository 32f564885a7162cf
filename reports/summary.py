"""The facts that a Review's reader meets first, counted once for every report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..analyze.functions import ChangedFunction
from ..analyze.images import FileChange
from ..analyze.review import PatchReview, Review
from ..fetch.repair import RecoveredFile
from ..fetch.series.assembly import Patch, Revision
from .asked import Asked, place_comments
from .verdict import judge
from .visible import count_unseen
from .words import count, listing, revision_name, titled

UNKNOWN = "something whose head the diff does not show"
_WORST_FIRST = ("changed", "undecided", "preserved")
KIND_WORDS = {
    "signature": "new signature",
    "comment-only": "comments only",
    "white-space": "white space only",
}
_NUMBERS_OF_A_DIFF = re.compile(r"^(?:@@ .*|index .*)$", re.MULTILINE)
_CLAIM = re.compile(
    r"(?<![^\s(])no\s+(?:intended\s+|intentional\s+)?(?:functional|behaviou?ral|behaviou?r)\s+changes?\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """How a revision's patches differ from the revision before, matched by their titles."""

    previous: Revision
    same: tuple[Patch, ...]
    """The same lines taken out and put in, wherever they stand."""
    changed: tuple[Patch, ...]
    new: tuple[Patch, ...]
    dropped: tuple[Patch, ...]
    """Of the previous revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the first screen tells."""

    functions: int
    """Distinct functions that the patches touch."""
    definitions: tuple[tuple[str, int], ...]
    """What else they touch at file level: a symbol ("struct", "macro") and how many, most frequent first."""
    kinds: tuple[tuple[str, int], ...]
    """Their kinds in words and how often, most frequent first."""
    behaviour: tuple[tuple[str, int], ...]
    """Of the touched functions of two versions, how many are "changed", "undecided" and "preserved", by the
    worst of a function's patches; () where none was compared."""
    same_text: int
    """Of the touched functions, those whose text stayed the same up to comments and white space."""
    files: int
    asked: tuple[Asked, ...]
    waiting: tuple[Asked, ...]
    """Requests on the reviewed revision that have no reply here."""
    since: Since | None
    claims: tuple[tuple[Patch, str, str], ...]
    """Patches whose message says that behaviour stays, the words, and what was found."""
    repaired: int
    """Files whose diff was damaged."""
    confirmed: int
    """Of these, the ones whose post-image came out under its blob id."""
    broken: int
    """Files that could not be made whole, or do not apply."""
    exact: int
    """Files whose post-image came out under its blob id."""
    unseen: int
    """Characters in the diffs that a reader does not see as they are."""


def summarize_review(review: Review) -> Summary:
    """Count what the first screen tells."""
    asked = place_comments(review.series)
    by_name: dict[tuple[str, str], list[ChangedFunction]] = {}
    for patch in review.patches:
        for function in patch.functions:
            if function.symbol == "function":
                by_name.setdefault((function.path, function.name), []).append(function)
    others = {(f.path, f.symbol, f.name) for patch in review.patches for f in told(patch.functions)[1]}
    symbols = Counter(symbol for _, symbol, _ in others)
    kinds = Counter(kind for found in by_name.values() for kind in {k for f in found for k in f.kind})
    recovered = [file for patch in review.patches for file in patch.recovered]
    outcomes: list[tuple[int, RecoveredFile | FileChange]] = []
    for at, patch in enumerate(review.patches):
        outcomes += [(at, file) for file in patch.recovered]
        outcomes += [(at, change) for change in patch.files]
    broken = {(at, file.path) for at, file in outcomes if file.failure}
    exact = {(at, file.path) for at, file in outcomes if file.verified}
    return Summary(
        functions=len(by_name),
        definitions=tuple(sorted(symbols.items(), key=lambda found: (-found[1], found[0]))),
        kinds=tuple(
            (KIND_WORDS.get(kind, kind), n) for kind, n in sorted(kinds.items(), key=lambda k: (-k[1], k[0]))
        ),
        behaviour=_behaviour(by_name),
        same_text=sum(all(judge(f).verdict == "preserved" for f in found) for found in by_name.values()),
        files=len({file.path for file in recovered}),
        asked=asked,
        waiting=tuple(a for a in asked if a.waits and a.revision == review.revision),
        since=_since(review.series.revisions, review.revision),
        claims=_claims(review),
        repaired=sum(bool(file.repairs) for file in recovered),
        confirmed=sum(bool(file.repairs) and file.verified is True for file in recovered),
        broken=len(broken),
        exact=len(exact - broken),
        unseen=sum(count_unseen(file.diff) for file in recovered),
    )


def _since(revisions: Sequence[Revision], revision: Revision | None) -> Since | None:
    """Compare with the revision before, patch by patch of one title."""
    if revision is None or revision not in revisions or revisions.index(revision) == 0:
        return None
    previous = revisions[revisions.index(revision) - 1]
    before = {_title(patch): patch for patch in previous.patches}
    here = {_title(patch) for patch in revision.patches}
    matched = [patch for patch in revision.patches if _title(patch) in before]
    same = [patch for patch in matched if _lines(patch) == _lines(before[_title(patch)])]
    return Since(
        previous=previous,
        same=tuple(same),
        changed=tuple(patch for patch in matched if patch not in same),
        new=tuple(patch for patch in revision.patches if _title(patch) not in before),
        dropped=tuple(patch for patch in previous.patches if _title(patch) not in here),
    )


def _title(patch: Patch) -> str:
    return " ".join(patch.title.casefold().split())


def _lines(patch: Patch) -> str:
    return _NUMBERS_OF_A_DIFF.sub("@@", patch.diff).strip()


def _behaviour(by_name: dict[tuple[str, str], list[ChangedFunction]]) -> tuple[tuple[str, int], ...]:
    """Count functions by their worst verdict; () where no comparison was made."""
    if not any(function.delta for found in by_name.values() for function in found):
        return ()
    worst: Counter[str] = Counter()
    for found in by_name.values():
        verdicts = {judge(one).verdict for one in found if one.pre and one.post}
        worst.update([next(word for word in _WORST_FIRST if word in verdicts)] if verdicts else [])
    return tuple((word, worst[word]) for word in _WORST_FIRST if worst[word])


def _claims(review: Review) -> tuple[tuple[Patch, str, str], ...]:
    found = ((reviewed, _CLAIM.search(reviewed.patch.commit_message)) for reviewed in review.patches)
    return tuple(
        (reviewed.patch, " ".join(match.group().split()), _held_against(reviewed))
        for reviewed, match in found
        if match
    )


def _held_against(reviewed: PatchReview) -> str:
    """Say what comparing a patch's functions shows of its claim that behaviour stays."""
    both = [one for one in reviewed.functions if one.symbol == "function" and one.pre and one.post]
    verdicts = {one.name: judge(one) for one in both}
    changed = [name for name, judged in verdicts.items() if judged.verdict == "changed"]
    if changed:
        return f"but {listing(changed, 3)} {'does' if len(changed) == 1 else 'do'} something else, see below"
    undecided = [name for name, judged in verdicts.items() if judged.verdict == "undecided"]
    if not any(one.delta for one in both):
        return "that was not put to the test"
    if undecided:
        return f"not decided for {listing(undecided, 3)}"
    return f"no difference found in {count(len(verdicts), 'function')}, given what is assumed"


def besides(functions: Sequence[ChangedFunction]) -> str:
    """Say what a patch changes at file level that is no definition: includes, exported symbols, comments."""
    said: dict[str, list[str]] = {}
    comments = 0
    for other in functions:
        if other.symbol != "other":
            continue
        if other.name == "(unknown)":
            said.setdefault(kind_words(other), []).append(UNKNOWN)
        elif other.name.startswith(("(", "#el", "#endif")):
            comments += other.name == "(comment)"
        else:
            said.setdefault(kind_words(other), []).append(other.name)
    parts = [f"{kinds} {listing(names, 4)}" for kinds, names in said.items()]
    return "; ".join(parts + [f"{count(comments, 'comment')} at file level"] * (comments > 0))


def told(
    changed: Sequence[ChangedFunction],
) -> tuple[list[ChangedFunction], list[ChangedFunction]]:
    """Return the functions, and the types, macros, prototypes and variables that a patch changes.

    A prototype that changes as its function does is left out: the function tells as much.
    """
    functions = [one for one in changed if one.symbol == "function"]
    shown = {(one.name, one.kind) for one in functions}
    others = [one for one in changed if one.symbol not in ("function", "other")]
    folded = [one for one in others if one.symbol != "prototype" or (one.name, one.kind) not in shown]
    return functions, folded


def label(function: ChangedFunction) -> str:
    """Return "struct file_operations"; for a function its name alone."""
    if function.symbol == "function":
        return function.name
    if function.name == "(unknown)":
        return f"{function.symbol} whose head the diff does not show"
    if function.name.startswith("("):
        return f"{function.symbol} without a name"
    return f"{function.symbol} {function.name}"


def label_kinds(function: ChangedFunction) -> str:
    """Return "struct file_operations (modified)"."""
    return f"{label(function)} ({kind_words(function)})"


def kind_words(function: ChangedFunction) -> str:
    """Return "moved, comments only"."""
    return ", ".join(KIND_WORDS.get(kind, kind) for kind in function.kind) or "touched"


def former_name(function: ChangedFunction) -> str:
    """Return the name before the patch where it was another, else ""."""
    pre = function.pre
    return pre.name if pre and function.post and pre.name != function.post.name else ""


def patch_name(patch: Patch, revision: Revision) -> str:
    """Return "2/3"."""
    return f"{patch.position}/{revision.expected or len(revision.patches)}"


def patch_names(patches: Sequence[Patch], revision: Revision, most: int = 6) -> str:
    """Return "1/3, 2/3 and 3/3"."""
    return listing([patch_name(patch, revision) for patch in patches], most)


def verdict_sentence(review: Review, facts: Summary) -> str:
    """Say in one or two sentences what this report knows, and what it does not."""
    if review.revision is None:
        asks = sum(len(a.comment.requests) for a in facts.asked)
        return f"No patch at hand: {count(len(facts.asked), 'comment')} with {count(asks, 'request')}."
    also = listing([count(number, symbol) for symbol, number in facts.definitions])
    if not facts.functions:
        said = "No C function is changed, as far as the diff shows" + (f", but {also}." if also else ".")
    else:
        said = f"{count(facts.functions, 'function')} changed"
        if facts.same_text:
            said += f", {facts.same_text:,} of them only in comments, white space or place"
        said += f"; also {also}" if also else ""
        words = {"changed": "behave differently", "preserved": "behave as before", "undecided": "not decided"}
        told = [f"{number:,} {words[verdict]}" for verdict, number in facts.behaviour]
        said += f"; {', '.join(told)}." if told else "; texts were compared, not behaviour."
    if facts.broken:
        said += f" {count(facts.broken, 'file')} not whole or not applicable."
    if facts.waiting:
        said += f" {count(len(facts.waiting), 'comment')} without an answer in this archive."
    return said


def since_sentences(facts: Summary, revision: Revision) -> list[str]:
    """Say what to read again since the revision before."""
    since = facts.since
    if since is None:
        return []
    name = revision_name(since.previous)
    read_again = (*since.changed, *since.new)
    said = []
    if read_again:
        new = f" ({patch_names(since.new, revision)} by title new)" if since.new else ""
        said.append(f"Read again since {name}: {patch_names(read_again, revision)}{new}.")
    if since.same:
        said.append(f"Same diff as in {name}: {patch_names(since.same, revision)}.")
    if since.dropped:
        said.append(
            f"Gone since {name}: " + listing([f'"{titled(patch)}"' for patch in since.dropped], 3) + "."
        )
    return said
