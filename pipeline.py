"""The pipeline: sources in, reviews out. The command line, CI and tests all call it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from . import __version__
from .analyze.around import around_files
from .analyze.behaviour import Effort, Pair, judge_pairs, judge_patches
from .analyze.callers.called import find_called, find_known
from .analyze.callers.index import build_index
from .analyze.checks.finding import Finding
from .analyze.checks.frame import check_review, worst_first
from .analyze.checks.kernel_version import version_of
from .analyze.checks.set_aside import apply_dismissals
from .analyze.definition import NOTHING_AROUND, Around
from .analyze.engine.compare import compare as compare_definitions
from .analyze.engine.compare import select
from .analyze.engine.delta import Delta
from .analyze.history.earlier import follow_review
from .analyze.history.findings import FollowedFindings
from .analyze.history.history import History, build_history
from .analyze.linked import link_comments
from .analyze.mechanical.run import Mechanical, run_none, run_tools
from .analyze.models.reviewed import build_models
from .analyze.results import FolderStore, NoStore, ResultStore
from .analyze.review import PatchReview, Review, chain_images, recover_diff, review_patches
from .config import Options
from .errors import InputError, NetworkError
from .fetch.mail.message import Message, parse_message
from .fetch.patch.patch_mail import PatchMail, parse_patch_mail
from .fetch.repair import Recovered, repair_patch
from .fetch.series.assembly import Revision, Series, find_series
from .fetch.series.base import choose_tree
from .fetch.series.thread import build_threads
from .fetch.source.copies import merge_copies
from .fetch.source.lore import Lore
from .fetch.source.sources import is_remote, read_messages
from .fetch.tree.source_tree import NoTree, SourceTree, open_tree
from .intake import Intake, standard_input
from .reports.recheck import Outcome
from .reports.verdict import judge
from .reports.words import count
from .reports.written import Written

Progress = Callable[[str], None]
MAX_SOURCE = 8 << 20
"""Bytes of a C file that `compare` reads."""


def silent(_: str) -> None:
    """Show no progress."""


def review(
    options: Options,
    progress: Progress = silent,
    found: Sequence[Series] | None = None,
    results: ResultStore | None = None,
) -> Iterator[Review]:
    """Yield a Review for each series that the sources hold, in the order of their first mail.

    `found` are the series where they were read already; `results` keeps what is compared.

    Raises LorelensError where a source or tree cannot be read at all.
    """
    found = read_series(options, progress) if found is None else found
    for series in found:
        revision = choose_revision(series, options.revision)
        what = f"v{revision.number}, {count(len(revision.patches), 'patch')}" if revision else "no patch"
        progress(f"{series.title or '(no title)'}: {what}")
        tree, notes = choose_tree(options.trees, options.base, revision)
        patches = review_patches(revision.patches, chain_images(series, tree)) if revision else ()
        results = results or _store(options)
        judged = judge_patches(patches, _effort(options), results, progress)
        kernel = version_of((tree.read("Makefile") or b"").decode("utf-8", "replace"))
        index = build_index(tree, results, progress) if judged else None
        called, known = find_called(judged, index), find_known(judged, index)
        checked = check_review(judged, kernel, called, known)
        history = _history(series, revision, options, found)
        mechanical = _mechanical(judged, options, progress)
        findings = worst_first((*checked.findings, *mechanical.findings))
        yield Review(
            series=series,
            revision=revision,
            patches=judged,
            kernel=kernel,
            findings=apply_dismissals(findings, judged, options.dismissals),
            tools=mechanical.tools,
            called=called,
            known=known,
            models=build_models(judged, kernel),
            links=link_comments(
                series.comments, [(one.patch.message.message_id, one.files) for one in judged], tree
            ),
            tree=tree.name,
            command=options.command,
            version=__version__,
            notes=(*notes, *checked.notes),
            history=history,
            followed=_followed(series, revision, checked.findings, history, options, known),
        )


def _mechanical(patches: tuple[PatchReview, ...], options: Options, progress: Progress) -> Mechanical:
    """Run the tools where that is asked for, with the scripts of the user's revision, not the mail's."""
    if not options.mechanical or not patches:
        return run_none(patches)
    tree = open_tree(options.trees, options.base)
    return run_tools(patches, tree, jobs=options.jobs, command=options.command, progress=progress)


def _history(
    series: Series, revision: Revision | None, options: Options, found: Sequence[Series]
) -> History | None:
    """Follow a series' comments through its revisions; None for a thread without a patch."""
    if revision is None:
        return None
    return build_history(series, _index(series, revision), me=options.me, others=found)


def _index(series: Series, revision: Revision) -> int:
    return next(at for at, one in enumerate(series.revisions) if one is revision)


def _followed(
    series: Series,
    revision: Revision | None,
    findings: Sequence[Finding],
    history: History | None,
    options: Options,
    known: frozenset[str],
) -> FollowedFindings | None:
    """Follow the findings through the revisions; None where there is no earlier one."""
    at = _index(series, revision) if revision is not None else 0
    if history is None or not at:
        return None

    def tree_of(earlier: Revision) -> SourceTree:
        return choose_tree(options.trees, options.base, earlier)[0]

    return follow_review(series, at, findings, history.lives, tree_of, known)


def compare(
    pre_path: str, post_path: str, function: str | None, options: Options, progress: Progress = silent
) -> tuple[Delta, ...]:
    """Compare two C files: a Delta for each function that differs or whose surroundings do.

    With `function` only for it. Raises InputError where a file cannot be read or has no such function.
    """
    texts = [_source_text(path) for path in (pre_path, post_path)]
    chosen = select(texts[0], texts[1], function, post_path)
    if function is not None and not chosen:
        raise InputError(f"--function {function}", "neither file defines it", "check the name")
    both = [(pre, post) for pre, post in chosen if pre is not None and post is not None]
    around = _around((pre_path, post_path), texts, [(pre.name, post.name) for pre, post in both], options)
    pairs = [
        Pair(pre=pre, post=post, pre_text=texts[0], post_text=texts[1], around=one)
        for (pre, post), one in zip(both, around, strict=True)
    ]
    judged = iter(judge_pairs(pairs, _effort(options), _store(options), progress))
    return tuple(
        next(judged) if pre is not None and post is not None else compare_definitions(pre, post, None, None)
        for pre, post in chosen
    )


def _around(
    paths: tuple[str, str], texts: Sequence[str], names: Sequence[tuple[str, str]], options: Options
) -> tuple[Around, ...]:
    """Return what functions reach of the trees' headers; a file inside a tree has its path in it."""
    tree = open_tree(options.trees, options.base)
    if isinstance(tree, NoTree):
        return (NOTHING_AROUND,) * len(names)
    inside = []
    for path in paths:
        below = [os.path.relpath(path, one) for one in options.trees]
        inside.append(next((one for one in below if not one.startswith("..")), os.path.basename(path)))
    return around_files((inside[0], texts[0]), (inside[1], texts[1]), names, tree)


def _source_text(path: str) -> str:
    with open(path, "rb") as file:
        raw = file.read(MAX_SOURCE + 1)
    if len(raw) > MAX_SOURCE:
        raise InputError(path, f"it is larger than {MAX_SOURCE >> 20} MB", "cut it")
    return raw.decode("utf-8", "surrogateescape")


def _effort(options: Options) -> Effort:
    return Effort(jobs=options.jobs, budget=options.timeout)


def _store(options: Options) -> ResultStore:
    return FolderStore(options.cache) if options.cache is not None else NoStore()


def read_series(
    options: Options, progress: Progress = silent, intake: Intake | None = None
) -> tuple[Series, ...]:
    """Return the series of all sources; those without a patch only where no other is there."""
    intake = intake or Intake(options)
    messages = list(merge_copies(intake.read()))
    found = find_series(build_threads(messages))
    if intake.archive is not None and not options.offline:
        messages += _other_revisions(found, intake, progress)
        found = _only_asked(find_series(build_threads(merge_copies(messages))), found)
    if not found:
        raise InputError(", ".join(options.sources), "there is no mail in it", "name another")
    return tuple(series for series in found if series.revisions) or found


def _other_revisions(found: tuple[Series, ...], intake: Intake, progress: Progress) -> list[Message]:
    """Ask the archive for other postings; whether they belong to the series is find_series' to say."""
    messages: list[Message] = []
    for series in found:
        for revision in series.revisions[-1:]:
            head = revision.cover or revision.patches[0].message
            mail = parse_patch_mail(head)
            change_id = (mail and mail.change_id) or ""
            try:
                messages += intake.search(change_id, series.title, head.author.email)
            except NetworkError as error:
                intake.failed = True
                progress(f"other revisions were not looked for: {error}")
    return messages


def _only_asked(found: tuple[Series, ...], asked: tuple[Series, ...]) -> tuple[Series, ...]:
    """Drop what a search brought along that belongs to no series that was asked for."""
    wanted = {name for series in asked for name in series.messages}
    return tuple(series for series in found if wanted & set(series.messages))


def choose_revision(series: Series, number: int | None) -> Revision | None:
    """Return the revision of that number, the newest where None is asked for; None where there is no patch.

    Raises InputError where the series has revisions, but not that one.
    """
    if not series.revisions:
        return None
    if number is None:
        return series.revisions[-1]
    for revision in reversed(series.revisions):
        if revision.number == number:
            return revision
    known = ", ".join(f"v{revision.number}" for revision in series.revisions)
    raise InputError(f"-v {number}", f"no such revision of {series.title!r}", f"there are {known}")


def recover(source: str, options: Options) -> tuple[PatchMail | None, Recovered]:
    """Recover the first patch that a source holds, and what its mail says of it.

    Raises LorelensError where the source cannot be read.
    """
    tree = open_tree(options.trees, options.base)
    if is_remote(source):
        raw = Lore(options.lore_url, offline=options.offline).read_mail(source)
        messages = iter([parse_message(raw.raw, raw.origin)])
    else:
        messages = read_messages([source], stdin=standard_input() if source == "-" else None)
    for message in messages:
        mail = parse_patch_mail(message)
        found = recover_diff(mail, tree)[0] if mail and mail.diff else repair_patch(message.body, tree)
        if found.files:
            return mail, found
    return None, Recovered(preamble="", files=())


def recheck(path: str, finding: str | None, progress: Progress = silent) -> tuple[Outcome, ...]:
    """Run the checks of a report again, from the report alone; `path` is a review.json or its folder.

    Raises InputError where it cannot be read as one.
    """
    import json
    from pathlib import Path

    from .reports.recheck import recheck_document

    file = Path(path) / "review.json" if Path(path).is_dir() else Path(path)
    try:
        document = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(str(file), f"it is no JSON: {error}", "name a review.json") from error
    if not isinstance(document, dict):
        raise InputError(str(file), "it is no report", "name a review.json")
    return recheck_document(document, finding, progress)


def is_complete(found: Review, *, undecided_fails: bool = False) -> bool:
    """Whether every patch is here and applies, and where that is asked for, every function is decided."""
    if found.revision is None:
        return True
    failures = [file.failure for patch in found.patches for file in patch.files]
    failures += [file.failure for patch in found.patches for file in patch.recovered]
    if not found.revision.complete or any(failures):
        return False
    functions = (function for patch in found.patches for function in patch.functions)
    return not undecided_fails or all(judge(function).verdict != "undecided" for function in functions)


def fails(found: Review, fail_on: str) -> bool:
    """Whether a review has findings at or above `fail_on`; a mere note, and what is set aside, never is."""
    told = [one for one in found.findings if one.severity != "note" and one.dismissed is None]
    if fail_on == "new":
        return any(one.origin == "introduced" for one in told)
    return fail_on == "any" and any(one.origin != "fixed" for one in told)


def report(found: Review, formats: tuple[str, ...]) -> Written:
    """Render a review in the formats asked for."""
    from .reports.text import first_screen, review_text

    files: dict[str, bytes] = {}
    if "html" in formats:
        from .reports.html import render_html

        files.update(render_html(found))
    if "json" in formats:
        from .reports.to_json import review_document, to_bytes

        files["review.json"] = to_bytes(review_document(found))
    return Written(text=review_text(found) if "text" in formats else first_screen(found), files=files)
