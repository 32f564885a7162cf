"""Review and Series -> plain text, 78 columns wide; the first screen fits 25 lines, the same everywhere.

Nothing out of a mail reaches the text but through columns.py, so that it can be shown in a terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..analyze.checks.finding import Finding
from ..analyze.engine.delta import Difference
from ..analyze.functions import ChangedFunction
from ..analyze.review import PatchReview, Review
from ..fetch.series.assembly import Revision, Series
from .asked import Asked, place_comments
from .called import called_lines
from .checked import TOOL_STATE, aside_lines, counted, finding_lines, mechanical_counted
from .columns import LONGEST, WIDTH, cut, cut_kept, wrap
from .followed import followed_sentence, gone_lines, state_words
from .history import MOST_OPEN, entry_line, ledger_lines, my_lines, open_entries, reread_sentences
from .known import known_lines, links_of
from .revisions import block_lines, life_lines
from .summary import (
    Summary,
    besides,
    former_name,
    kind_words,
    label,
    label_kinds,
    patch_name,
    since_sentences,
    summarize_review,
    told,
    verdict_sentence,
)
from .tags import CLAIMED, claimed, given
from .unread import comment_notes, mail_notes, unread
from .verdict import judge
from .words import (
    count,
    day,
    head_subject,
    here,
    listing,
    lore_link,
    named,
    person,
    place,
    revision_name,
    subject,
    titled,
)

SCREEN = 25


def first_screen(review: Review) -> str:
    """Return the first screen: at most 25 lines of at most 78 columns, a line feed after each."""
    facts = summarize_review(review)
    above = [*_head(review), *wrap(verdict_sentence(review, facts), most=3)]
    below = _last_lines(review, facts)
    below = [*_found_lines(review, SCREEN - len(above) - len(below) - 5), *below]
    room = SCREEN - len(above) - len(below) - 2
    middle = _patch_lines(review, room) if review.revision else _asked_lines(facts.asked, room)
    blocks = ["\n".join(block) for block in (above, middle, below) if block]
    return "\n\n".join(blocks) + "\n"


def review_text(review: Review) -> str:
    """Return the first screen, then every patch, comment and repair, and what could not be read."""
    facts = summarize_review(review)
    blocks = [first_screen(review).rstrip("\n")]
    blocks += ["\n".join(_finding_text(finding, state_words(review, finding))) for finding in review.findings]
    blocks += ["\n".join(_tool_lines(review))] if review.patches else []
    blocks += ["\n".join(_patch_text(reviewed, review)) for reviewed in review.patches]
    blocks += ["\n".join([*comment_lines(asked), *_known(asked, review)]) for asked in facts.asked]
    became = [line for said in ledger_lines(review) for line in wrap(said, rest="    ")]
    if became:
        blocks.append("\n".join(["What became of the comments, as far as this archive shows:", *became]))
    blocks += _through_revisions(review)
    notes: list[str] = []
    for one in unread(review):
        notes += wrap(f"{one.where}: {one.detail}", first="* ", rest="  ")
    if notes:
        blocks.append("\n".join(["Read with a guess, or not at all:", *notes]))
    return "\n\n".join(blocks) + "\n"


def _through_revisions(review: Review) -> list[str]:
    """Return blocks that follow patches, functions and findings through the revisions; [] for one."""
    history, series = review.history, review.series
    if history is None or len(series.revisions) < 2:
        return []
    told = (
        ("Each patch through the revisions:", life_lines(history, series)),
        ("Changed functions through the revisions, by the text of their changed lines:",
         block_lines(history, series)),
        ("Findings that earlier revisions had:", gone_lines(review)),
    )  # fmt: skip
    found = [(title, [line for said in lines for line in _indented(said)]) for title, lines in told]
    return ["\n".join([title, *lines]) for title, lines in found if lines]


def _indented(said: str) -> list[str]:
    text = said.lstrip()
    return wrap(text, first=" " * (len(said) - len(text)), rest=" " * (len(said) - len(text) + 4))


def series_text(series: Sequence[Series]) -> str:
    """Return what `lorelens series` prints: revisions, patches and who said what of which line."""
    blocks: list[str] = []
    for one in series:
        blocks.append("\n".join([*wrap(subject(one)), *wrap(named(one.author), first="by ")]))
        blocks += ["\n".join(_revision_lines(revision)) for revision in one.revisions]
        blocks += ["\n".join(comment_lines(asked)) for asked in place_comments(one)]
        said = (*one.notes, *comment_notes(one.comments))
        notes = [line for note in said for line in wrap(note.detail, first="* ", rest="  ")]
        blocks += ["\n".join(notes)] if notes else []
    return "\n\n".join(blocks) + "\n"


def _head(review: Review) -> list[str]:
    series, revision = review.series, review.revision
    if revision is None:
        return [
            *wrap(subject(series), most=2),
            cut(f"{named(series.author)}; a thread without a patch"),
            *_link(series.messages),
        ]
    base = f"; base {revision.base_commit[:12]}" if revision.base_commit else ""
    names = (revision_name(other) for other in series.revisions if other != revision)
    others = list(dict.fromkeys(names))
    beside = f" (also here: {listing(others, 8)})" if others else ""
    return [
        *wrap(head_subject(revision), most=2),
        cut(f"{named(series.author)}, {day(revision.date)}"),
        cut(f"{revision_name(revision)}{beside}{base}; tree: {review.tree}"),
        *_link([revision.head]),
    ]


def _link(message_ids: Sequence[str]) -> list[str]:
    link = lore_link(message_ids[0]) if message_ids else None
    return [cut(link)] if link else []


def _patch_lines(review: Review, room: int) -> list[str]:
    """A line for each patch, and as many as there is room for of its functions."""
    revision = review.revision
    assert revision is not None
    room = max(room, 3)
    titles = [cut(f"{patch_name(p.patch, revision)} {titled(p.patch)}") for p in review.patches]
    for most in (3, 2, 1):
        functions = [_function_lines(reviewed, most) for reviewed in review.patches]
        if len(titles) + sum(map(len, functions)) <= room:
            return [line for title, below in zip(titles, functions, strict=True) for line in (title, *below)]
    if len(titles) > room:
        return [*titles[: room - 1], f"and {count(len(titles) - room + 1, 'more patch')}"]
    return titles


def _function_lines(reviewed: PatchReview, most: int) -> list[str]:
    """The functions, below them types, macros and the like, then what behaves differently: at most `most`
    lines of the first two, and as many rows."""
    lines = [
        line
        for found in told(reviewed.functions)
        if found
        for line in wrap("; ".join(map(label_kinds, found)), first="    ", most=most)
    ]
    rows = _first_rows(reviewed)
    for name, row in rows[:most]:
        lines += wrap(row_words(name, row), first="    > ", rest="      ", most=max(most - 1, 1) + 1)
    if len(rows) > most:
        lines.append(f"    > and {count(len(rows) - most, 'more difference')}")
    return lines


def _first_rows(reviewed: PatchReview) -> list[tuple[str, Difference]]:
    """Return the differences, first one of each function, the one that is said in the fewest words."""
    ranked = []
    for at, one in enumerate(reviewed.functions):
        rows = sorted(judge(one).differences if one.delta else (), key=lambda row: len(row.when))
        ranked += [
            (rank, len(row.when) if not rank else at, at, one.name, row) for rank, row in enumerate(rows)
        ]
    return [(name, row) for _, _, _, name, row in sorted(ranked, key=lambda one: one[:3])]


def row_words(name: str, row: Difference) -> str:
    """Return a difference in one sentence."""
    return f"{name}: when {row.when}: {row.before} -> {row.after}"


def _asked_lines(asked: Iterable[Asked], room: int) -> list[str]:
    """Who asked what, as many lines of each as there is room for."""
    said = [f'{person(one.comment.author)}: "{ask}"' for one in asked for ask in one.comment.requests]
    for most in (4, 2, 1):
        lines = [line for one in said[:SCREEN] for line in wrap(one, rest="    ", most=most)]
        if len(said) <= SCREEN and len(lines) <= room:
            return lines
    return [*lines[: room - 1], f"and {count(len(said) - room + 1, 'more request')}"]


def _last_lines(review: Review, facts: Summary) -> list[str]:
    """Claims, unanswered requests, what to read again, what was damaged."""
    revision = review.revision
    if revision is None:
        return []
    lines = [
        cut(f'{patch_name(patch, revision)} says "{words}"; {found}.') for patch, words, found in facts.claims
    ][:2]
    lines += _waiting_lines(facts, revision)
    lines += _open_lines(review, facts)
    lines += [cut(line) for line in my_lines(review)]
    mine = [line for sentence in reread_sentences(review) for line in wrap(sentence, rest="    ", most=2)]
    lines += mine or [cut(sentence) for sentence in since_sentences(facts, revision)]
    lines += [cut(said) for said in [followed_sentence(review)] if said]
    if facts.repaired:
        exact = f"{facts.confirmed:,} of them exact by blob id"
        lines.append(f"Damaged diffs of {count(facts.repaired, 'file')} were repaired, {exact}.")
    if facts.unseen:
        lines.append(
            f"The diffs hold {count(facts.unseen, 'character')} that nobody sees; shown as <U+XXXX>."
        )
    if not revision.complete:
        lines.append(f"Incomplete: {here(revision)}.")
    return lines


def _found_lines(review: Review, room: int) -> list[str]:
    """What the checks found that is introduced here: how much, and the worst three where there is room."""
    programs = mechanical_counted(review.findings)
    below = [cut(f"{programs[0].upper()}{programs[1:]} introduced.")] if programs and room > 1 else []
    return [*_semantic_lines(review, room - len(below)), *below]


def _semantic_lines(review: Review, room: int) -> list[str]:
    said = counted(review.findings)
    if not said:
        return []
    told = finding_lines(review)
    if not told or room < 4:
        low = not told and "introduced" in said
        return [f"{said}, none above low." if low else f"{said}."]
    lines: list[str] = []
    most = min(3, (room - 2) // 2)
    for one in told[:most]:
        lines += wrap(one, first="    ", rest="      ", most=2)
    more = [f"    and {count(len(told) - most, 'more finding')}"] if len(told) > most else []
    return [f"{said}:", *lines, *more]


def _waiting_lines(facts: Summary, revision: Revision) -> list[str]:
    """The requests that no mail here answers: the first two in their own words."""
    if not facts.waiting:
        return []
    lines = ["No answer in this archive:"]
    for asked in facts.waiting[:2]:
        where = patch_name(asked.patch, revision) if asked.patch else "cover"
        said = f'{person(asked.comment.author)}, {where}: "{asked.comment.requests[0]}"'
        lines.append(f"    {cut(said, WIDTH - 4)}")
    more = len(facts.waiting) - 2
    return [*lines, f"    and {count(more, 'more comment')}"] if more > 0 else lines


def _open_lines(review: Review, facts: Summary) -> list[str]:
    """What is still open of all revisions, beside what waits for an answer; the reader's own first."""
    waiting = {(a.comment.message_id, a.comment.number) for a in facts.waiting}
    found = [e for e in open_entries(review) if (e.comment.message_id, e.comment.number) not in waiting]
    if not found:
        return []
    lines = ["Still open, as far as this archive shows:"]
    lines += [f"    {cut(entry_line(entry), WIDTH - 4)}" for entry in found[:MOST_OPEN]]
    more = len(found) - MOST_OPEN
    return [*lines, f"    and {count(more, 'more comment')}"] if more > 0 else lines


def _tool_lines(review: Review) -> list[str]:
    """What became of the mechanical checks."""
    lines = ["Mechanical checks:"]
    for tool in review.tools:
        lines += wrap(f"{tool.name}: {TOOL_STATE[tool.state]}: {tool.detail}", first="* ", rest="  ")
    return lines


def _finding_text(finding: Finding, state: str) -> list[str]:
    """One finding: what, where, the lines and the path it rests on, how to run it again."""
    where = f"{finding.path}:{finding.line}" if finding.path else "the commit message"
    kind = "mechanical, " if finding.kind == "mechanical" else ""
    lines = wrap(f"{kind}{finding.severity}, {finding.origin}: {finding.title}")
    for said in aside_lines(finding):
        lines += wrap(said, first="  ", rest="    ")
    since = f"; {state}" if state else ""
    how = f"{where}, patch {finding.position}{since}; check {finding.check}"
    how += f"; {finding.rerun}" if finding.kind == "semantic" else ""
    lines += wrap(how, first="  ", rest="    ")
    lines += [cut_kept(f"  {one.path}:{one.line}: {one.text}") for one in finding.shown]
    return lines + [cut_kept(f"    > {step}") for step in finding.steps]


def _patch_text(reviewed: PatchReview, review: Review) -> list[str]:
    revision = review.revision
    assert revision is not None
    title = f"{patch_name(reviewed.patch, revision)} {titled(reviewed.patch)}"
    lines = [*wrap(title), *wrap(named(reviewed.patch.author), first="  by ")]
    for function in reviewed.functions:
        if function.symbol != "other":
            lines += wrap(_change(function), first="  ", rest="    ")
            for row in judge(function).differences if function.symbol == "function" else ():
                lines += wrap(row_words(function.name, row), first="    > ", rest="      ")
            for said in called_lines(function, review):
                lines += wrap(said, first="    ", rest="      ")
    also = besides(reviewed.functions)
    lines += wrap(also, first="  besides: ", rest="    ") if also else []
    for file in reviewed.recovered:
        for repair in file.repairs:
            lines += wrap(f"{file.path}: {repair.kind}: {repair.detail}", first="  repaired: ", rest="    ")
    return lines


def _change(function: ChangedFunction) -> str:
    """Say of one definition where it is, what happened to it, and what is known of it."""
    former = former_name(function)
    was = f", was {former}" if former else ""
    if function.symbol != "function":
        return f"{place(function)} {label(function)}{was}: {kind_words(function)}"
    judged = judge(function)
    said = f"{kind_words(function)}; {judged.verdict}: {judged.text}"
    return f"{place(function)} {function.name}{was}: {said}"


def comment_lines(asked: Asked) -> list[str]:
    """One comment: who, when, of what; the last quoted lines; the text; what it asks for."""
    comment = asked.comment
    where = ""
    if asked.revision:
        where = f" on {revision_name(asked.revision)}" + (
            f" {patch_name(asked.patch, asked.revision)}" if asked.patch else ""
        )
    if comment.anchor:
        where += f", {comment.anchor.path}:{comment.anchor.line}"
    when = day(comment.date) + ("" if comment.date or not where else ",")
    lines = wrap(f"{person(comment.author)}, {when}{where}:", rest="  ")
    quoted = [line for line in comment.quote[-LONGEST:].splitlines() if line.strip()][-3:]
    lines += [cut_kept(f"  > {line}") for line in quoted]
    paragraphs = comment.text[:LONGEST].splitlines()
    lines += [cut_kept(f"  {line}") if line.strip() else "" for line in paragraphs]
    if len(comment.text) > LONGEST:
        lines.append(f"  ... {count(len(comment.text) - LONGEST, 'more character')}")
    lines += [line for request in comment.requests for line in wrap(request, first="  asks: ", rest="    ")]
    return lines


def _known(asked: Asked, review: Review) -> list[str]:
    """Say which lines a comment names, and what the model knows of its lines."""
    said = [
        f"speaks of {link.function}(), {link.path}:{link.line}: {link.text}"
        for link in links_of(asked.comment, review)
    ]
    said += [f"known: {text}" for text in known_lines(asked.comment, review)]
    return [line for text in said for line in wrap(text, first="  ", rest="    ")]


def _revision_lines(revision: Revision) -> list[str]:
    complete = "" if revision.complete else f", {here(revision)}"
    lines = [cut(f"{revision_name(revision)}, {day(revision.date)}{complete}: {revision.head}")]
    for patch in revision.patches:
        again = f" (takes the place of {patch.replaces})" if patch.replaces else ""
        lines += wrap(f"{patch_name(patch, revision)} {titled(patch)}{again}", first="  ", rest="      ")
        lines += [cut_kept(f"      {t.name}: {t.value} (by reply)") for t in given(patch) if t.given_by]
        for trailer in claimed(patch):
            lines += wrap(f"{trailer.name}: {trailer.value} ({CLAIMED})", first="      ", rest="        ")
        for note in mail_notes(patch):
            lines += wrap(note.detail, first="      * ", rest="        ")
    notes = (*revision.notes, *(revision.cover.notes if revision.cover else ()))
    lines += [line for note in notes for line in wrap(note.detail, first="  * ", rest="    ")]
    return lines
