"""Review with history: what is unchanged is served from the store, what was done is kept in it.

A store that fails never stops a report: it says so once, and the report goes on without.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import fields
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING

from .config import Options
from .errors import LorelensError, NetworkError, StoreError
from .fetch.source.state import source_state
from .fetch.tree.watch import Reads, watch_reads
from .reports.store.identity import mails_state, run_key, search_key
from .reports.store.serve import KeptRun, find_in_file, find_run

if TYPE_CHECKING:
    from .analyze.results import ResultStore
    from .analyze.review import Review
    from .intake import Intake, Search
    from .reports.store.record import FinishedRun, KeptMail
    from .reports.store.store import Store
    from .reports.written import Written

NOT_IN_KEY = frozenset({"output", "jobs", "cache", "store", "anew"})
"""Options that no document depends on."""
_AGAIN = ("budget", "solver")
"""Reasons that another run may not have."""


class Keeper:
    """One `lorelens review` and the store; used as `with Keeper(...) as keeper`."""

    def __init__(self, options: Options, progress: Callable[[str], None]) -> None:
        self._options, self._progress = options, progress
        self._intake: Intake | None = None
        self._store: Store | None = None
        self._trees = ""
        self._sources: str | None = None
        """The state of the sources, where they have one."""
        self._reads = Reads()
        self._stack = ExitStack()

    def __enter__(self) -> Keeper:
        self._reads = self._stack.enter_context(watch_reads())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def intake(self) -> Intake:
        """The mails; made when they are first asked for."""
        if self._intake is None:
            from .intake import Intake

            self._intake = Intake(self._options)
        return self._intake

    def find(self) -> KeptRun | None:
        """Return the same run as it was kept; None where it has to be made. Raises as read_series does."""
        if self._options.store is None:
            return None
        self._trees, self._sources = self._tree_state(), source_state(self._options.sources)
        kept = self._find_in_file()
        if kept is None:
            self._open(self._options.store)
            if self._store is not None and not self.intake.hold():
                self._give_up(StoreError("the store", "the sources are too large to be kept", "name a part"))
            kept = self._find_in_store()
        if kept is not None:
            more = f"; {kept.word}" if kept.word else ""
            self._progress(f"unchanged since {kept.made_at[:19]}Z, served from the store{more}")
        return kept

    def _find_in_file(self) -> KeptRun | None:
        """Ask a SQLite file for a run that needs no archive: the short way, as it is taken most often."""
        named = self._options.store or ""
        if not self._may_serve() or "://" in named or self._sources is None:
            return None
        return find_in_file(os.path.expanduser(named), self._key())

    def _find_in_store(self) -> KeptRun | None:
        if self._store is None or not self._may_serve():
            return None
        try:
            searches = self._known_searches()
            if searches is None:
                return None
            for search in searches:
                self.intake.find(*search)
            return find_run(self._store, self._key())
        except NetworkError:
            return None
        except StoreError as error:
            self._give_up(error)
            return None

    def _may_serve(self) -> bool:
        return bool(self._trees) and not self._options.anew

    def _open(self, named: str) -> None:
        from .reports.store.store import open_store

        try:
            self._store = self._stack.enter_context(open_store(named))
        except StoreError as error:
            self._give_up(error)

    def review(self) -> Iterator[Review]:
        """Yield the reviews as pipeline.review does, results of comparisons out of the store."""
        from .pipeline import read_series, review

        found = read_series(self._options, self._progress, self.intake)
        yield from review(self._options, self._progress, found, self._results())

    def keep(self, reviews: Sequence[Review], written: Sequence[Written], code: int) -> None:
        """Keep a finished run; says so where that fails."""
        if self._store is None:
            return
        from .reports.store.record import record_run

        try:
            if self.intake.searches:
                searches = json.dumps(list(self.intake.searches)).encode()
                self._store.put(self._search_key(), searches)
            record_run(self._store, self._finished(reviews, written, code))
        except StoreError as error:
            self._give_up(error)

    def get(self, key: str) -> bytes | None:
        """Return a result of the store (ResultStore)."""
        try:
            return self._store.get(key) if self._store and not self._options.anew else None
        except StoreError as error:
            self._give_up(error)
            return None

    def put(self, key: str, value: bytes) -> None:
        """Keep a result in the store (ResultStore)."""
        try:
            if self._store:
                self._store.put(key, value)
        except StoreError as error:
            self._give_up(error)

    def _results(self) -> ResultStore | None:
        return self if self._store is not None else None

    def _give_up(self, error: StoreError) -> None:
        self._progress(f"lorelens: {error}; the report goes on without the store")
        self._store = None

    def _finished(self, reviews: Sequence[Review], written: Sequence[Written], code: int) -> FinishedRun:
        from .analyze.mechanical.run import read_unwatched
        from .reports.store.record import FinishedReview, FinishedRun
        from .reports.to_json import review_document

        state = self._trees, self._sources
        steady = self._trees and state == (self._tree_state(), source_state(self._options.sources))
        steady = steady and self._reads.steady and not any(read_unwatched(one.tools) for one in reviews)
        return FinishedRun(
            key=self._key(),
            made_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            code=code,
            reads=self._reads.by_file,
            word=_budget_word(reviews),
            served=bool(steady) and not self.intake.failed and not _slow_git(reviews),
            mails=self._mails(reviews),
            reviews=tuple(
                FinishedReview(document=review_document(review), written=one)
                for review, one in zip(reviews, written, strict=True)
            ),
        )

    def _mails(self, reviews: Sequence[Review]) -> tuple[KeptMail, ...]:
        """Return the mails that were counted to the reviewed series."""
        from .reports.store.record import KeptMail

        wanted = {name for review in reviews for name in review.series.messages}
        return tuple(
            KeptMail(mail=mail, messages=counted)
            for number, mail in enumerate(self.intake.mails)
            if (counted := tuple(m for m in self.intake.messages.get(number, ()) if m.message_id in wanted))
        )

    def _tree_state(self) -> str:
        """Return the state of the trees; "" where it cannot be told."""
        if not self._options.trees:
            return "none"
        from .fetch.tree.state import tree_state

        if "@{" in (self._options.base or ""):  # a reference's log and the clock decide
            return ""
        try:
            return tree_state(self._options.trees)
        except (LorelensError, OSError):
            return ""

    def _known_searches(self) -> list[Search] | None:
        """Return what the archive was asked for after these mails; None where that is not known yet."""
        if self.intake.archive is None or self._options.offline:
            return []
        kept = self._store.get(self._search_key()) if self._store else None
        return None if kept is None else [(one[0], one[1], one[2]) for one in json.loads(kept)]

    def _search_key(self) -> str:
        return search_key(self._options.lore_url, self.intake.held)

    def _key(self) -> str:
        named = {field.name: getattr(self._options, field.name) for field in fields(self._options)}
        named = {name: value for name, value in named.items() if name not in NOT_IN_KEY}
        if self._options.mechanical:
            named["programs"] = _programs(self._options)
        return run_key(named, self._trees, self._sources or mails_state(self.intake.mails))


def _programs(options: Options) -> list[str]:
    """Return what a run with --mechanical depends on beside all others: programs, and which scripts there
    are."""
    from .analyze.compiler import program_state
    from .analyze.mechanical.run import PROGRAMS, script_names

    try:
        scripts = script_names(options.trees, options.base)
    except LorelensError as error:
        scripts = (str(error),)
    return [*map(program_state, PROGRAMS), *scripts]


def _budget_word(reviews: Sequence[Review]) -> str:
    """Say how many functions might be decided on a quieter machine."""
    from .reports.words import count

    reasons = [
        function.delta.reason.code
        for review in reviews
        for patch in review.patches
        for function in patch.functions
        if function.delta is not None and function.delta.reason is not None
    ]
    number = sum(code in _AGAIN for code in reasons)
    return f"{count(number, 'function')} ran out of time then, --no-cache tries again" if number else ""


def _slow_git(reviews: Sequence[Review]) -> bool:
    """Whether git ran out of time in the search for a base: another run may find one."""
    return any("took more than" in note.detail for review in reviews for note in review.notes)
