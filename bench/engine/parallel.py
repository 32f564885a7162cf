"""Many cases over a few processes: each with a wall-clock limit, each with what it cost."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One case's end."""

    number: int
    """Index of the case."""
    result: Any
    """What the work returned; None where it raised or was stopped."""
    failure: str
    """The exception's last lines; "stopped" past the limit; "" where it went well."""
    seconds: float
    peak: int
    """The process' largest resident memory so far, in MB."""


class StoppedError(Exception):
    """A case ran past its limit."""


def _stop(_signal: int, _frame: object) -> None:
    raise StoppedError


def run(
    groups: Sequence[str],
    work: Callable[[int], Any],
    *,
    jobs: int = 2,
    limit: float = 60.0,
    minutes: float | None = None,
) -> Iterator[Done]:
    """Yield Done for each case as it ends. groups[i] names the group of case i; a group runs in one process.

    `work` is called with the case's number, in a forked process: it may be a closure. Cases that were under
    way in a process that died (memory, a crash in native code) come back with a failure. After `minutes` the
    run ends with what is done; the cases that were not reached are not yielded.
    """
    context = multiprocessing.get_context("fork")
    tasks, results = context.Queue(), context.Queue()
    by_group: dict[str, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        by_group[group].append(number)
    for numbers in sorted(by_group.values(), key=len, reverse=True):
        tasks.put(numbers)
    for _ in range(jobs):
        tasks.put(None)
    workers = [context.Process(target=_work, args=(tasks, results, work, limit)) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    waiting = set(range(len(groups)))
    started = time.monotonic()
    while waiting:
        if minutes is not None and time.monotonic() - started > minutes * 60:
            print(
                f"stopped after {minutes:g} minutes: {len(waiting)} of {len(groups)} cases were not reached"
            )
            for worker in workers:
                worker.terminate()
            return
        try:
            done = results.get(timeout=1.0)
        except Exception:  # queue.Empty: look whether anybody is left to answer
            if any(worker.is_alive() for worker in workers):
                continue
            break
        waiting.discard(done.number)
        yield done
    for worker in workers:
        worker.join()
    for number in sorted(waiting):
        yield Done(number=number, result=None, failure="process died", seconds=0.0, peak=0)


def _spent() -> float:
    """Return the seconds of the processor that this process has had, with those of the compilers it ran."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def _work(tasks: Any, results: Any, work: Callable[[int], Any], limit: float) -> None:
    signal.signal(signal.SIGALRM, _stop)
    while (numbers := tasks.get()) is not None:
        for number in numbers:
            started = _spent()
            result, failure = None, ""
            signal.setitimer(signal.ITIMER_REAL, limit)
            try:
                result = work(number)
            except StoppedError:
                failure = "stopped"
            except Exception:  # a case that fails is a row of the table, not the end of the run
                failure = "; ".join(traceback.format_exc(limit=-2).strip().splitlines()[-3:])
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            seconds = _spent() - started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            results.put(Done(number=number, result=result, failure=failure, seconds=seconds, peak=peak))
