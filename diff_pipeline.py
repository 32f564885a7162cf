"""The stages of `lorelens diff`: sources in, what changed between two revisions of each series out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import __version__
from .analyze.behaviour import Effort
from .analyze.history.interdiff import RevisionDiff, compare_revisions, judge_interdiffs
from .analyze.results import FolderStore, NoStore
from .analyze.review import chain_images
from .config import Options
from .errors import InputError
from .fetch.series.assembly import Revision, Series
from .fetch.series.base import choose_tree
from .pipeline import Progress, read_series, silent
from .reports.words import revision_name
from .reports.written import Written

_NUMBER = re.compile(r"v?(\d{1,6})", re.IGNORECASE)


def diff(
    options: Options, earlier: str, later: str, *, behaviour: bool = True, progress: Progress = silent
) -> tuple[RevisionDiff, ...]:
    """Compare two revisions of each series that the sources hold and that has both.

    `earlier` and `later` are "2", "v2", what the mails say ("RFC v2"), or the message-id of a cover letter or
    patch; two message-ids may name revisions of different series, of one that goes on under another title.
    Raises LorelensError where a source or tree cannot be read, and InputError where no series has both.
    """
    found = read_series(options, progress)
    one, other = find_posting(found, earlier), find_posting(found, later)
    if one is not None and other is not None:
        return (_compare(other[0], one[1], other[1], options, behaviour=behaviour, progress=progress),)
    chosen = [(series, find_revision(series, earlier), find_revision(series, later)) for series in found]
    diffs = [
        _compare(series, one, other, options, behaviour=behaviour, progress=progress)
        for series, one, other in chosen
        if one is not None and other is not None
    ]
    if not diffs:
        known = "; ".join(f"{series.title!r} has {_known(series)}" for series in found)
        raise InputError(f"{earlier} {later}", "no series at hand has both revisions", f"here {known}")
    return tuple(diffs)


def find_posting(found: Sequence[Series], name: str) -> tuple[Series, Revision] | None:
    """Return the revision, and its series, that the mail of that message-id belongs to."""
    name = name.strip().strip("<>")
    for series in found:
        for revision in series.revisions:
            mails = [revision.cover, *(patch.message for patch in revision.patches)]
            if any(mail is not None and mail.message_id == name for mail in mails):
                return series, revision
    return None


def find_revision(series: Series, text: str) -> Revision | None:
    """Return the revision that is called so: by the mails' label first, then the newest of that number."""
    wanted = " ".join(text.split()).casefold()
    for revision in reversed(series.revisions):
        if wanted and wanted in (revision.label.casefold(), revision_name(revision).casefold()):
            return revision
    number = _NUMBER.fullmatch(wanted)
    named = [one for one in series.revisions if number and one.number == int(number[1])]
    return named[-1] if named else None


def _known(series: Series) -> str:
    return ", ".join(dict.fromkeys(map(revision_name, series.revisions))) or "no revision"


def _compare(
    series: Series,
    before: Revision,
    after: Revision,
    options: Options,
    *,
    behaviour: bool,
    progress: Progress,
) -> RevisionDiff:
    progress(f"{series.title or '(no title)'}: {revision_name(before)} to {revision_name(after)}")
    matching, patches = compare_revisions(before, after)
    (one, notes), (other, more) = (
        choose_tree(options.trees, options.base, revision) for revision in (before, after)
    )
    if behaviour:
        images = chain_images(series, one), chain_images(series, other)
        store = FolderStore(options.cache) if options.cache is not None else NoStore()
        effort = Effort(jobs=options.jobs, budget=options.timeout)
        patches = judge_interdiffs(patches, (before, after), images, effort, store, progress)
    return RevisionDiff(
        series=series,
        before=before,
        after=after,
        matching=matching,
        patches=patches,
        trees=(one.name, other.name),
        command=options.command,
        version=__version__,
        notes=tuple(dict.fromkeys((*notes, *more))),
    )


def is_complete(diff: RevisionDiff) -> bool:
    """Whether every announced patch of both revisions is here."""
    return diff.before.complete and diff.after.complete


def report(diffs: Sequence[RevisionDiff], form: str) -> Written:
    """Render the diffs as "text", "json" or "html": files, and a line a patch for standard output."""
    from .reports.diff_text import brief_text, diff_text

    files: dict[str, bytes] = {}
    if form == "html":
        from .reports.diff_html import render_diff

        for number, one in enumerate(diffs, 1):
            files["index.html" if len(diffs) == 1 else f"{number:02d}/index.html"] = render_diff(one)
    if form == "json":
        from .reports.diff_json import diff_document
        from .reports.to_json import to_bytes

        files["diff.json"] = to_bytes(diff_document(diffs, diffs[0].command, diffs[0].version))
    if form == "text":
        files["diff.txt"] = "\n".join(map(diff_text, diffs)).encode("utf-8", "replace")
    return Written(text="\n".join(map(brief_text, diffs)), files=files)
