"""The pipeline: sources in, reviews out. The command line, CI and tests all call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from . import __version__
from .analyze.review import Review, review_patches
from .config import Options
from .errors import InputError
from .fetch.base import choose_tree
from .fetch.repair import Recovered, repair_patch
from .fetch.series import Revision, Series, find_series
from .fetch.sources import read_messages
from .fetch.thread import build_threads
from .fetch.tree import NoTree, open_tree

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A review in the formats asked for."""

    screen: str
    """The first screen, or with the format "text" the whole text; for standard output."""
    files: Mapping[str, bytes]
    """File name -> content, relative to the report's folder."""


def review(options: Options, progress: Progress = lambda _: None) -> Iterator[Review]:
    """Yield a Review for each series that the sources hold, in the order of their first mail."""
    for series in read_series(options, progress):
        revision = choose_revision(series, options.revision)
        progress(f"{series.title}: " + (f"v{revision.number}, {len(revision.patches)} patches" if revision else "no patch"))
        tree, notes = choose_tree(options.trees, options.base, revision)
        yield Review(
            series=series,
            revision=revision,
            patches=review_patches(revision.patches, tree) if revision else (),
            tree=tree.name,
            command=options.command,
            version=__version__,
            notes=(*series.notes, *notes),
        )


def read_series(options: Options, progress: Progress) -> tuple[Series, ...]:
    """Return the series of all sources; those without a patch only where no other is there."""
    messages = read_messages(options.sources, offline=options.offline, lore_url=options.lore_url)
    found = find_series(build_threads(messages))
    if not found:
        raise InputError(", ".join(options.sources), "no mail in it", "name a source that holds a thread")
    return tuple(series for series in found if series.revisions) or found


def choose_revision(series: Series, number: int | None) -> Revision | None:
    """Return the revision of that number, the newest where None is asked for; None where there is no patch."""
    if not series.revisions:
        return None
    if number is None:
        return series.revisions[-1]
    for revision in reversed(series.revisions):
        if revision.number == number:
            return revision
    known = ", ".join(f"v{revision.number}" for revision in series.revisions)
    raise InputError(f"-v {number}", f"no such revision of {series.title!r}", f"there are {known}")
