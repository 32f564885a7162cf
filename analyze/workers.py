"""Work in processes of their own, each piece with a limit on its time: what hangs or crashes ends alone."""

from __future__ import annotations

import multiprocessing
import resource
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

MOST_MEMORY = 3 << 30
"""Bytes of private memory that a worker may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A piece of work without a result."""

    why: str
    """A clause for a reader."""


@dataclass(slots=True)
class _Worker:
    process: multiprocessing.process.BaseProcess
    pipe: Connection
    task: int = -1
    """Index of what it works on; -1 where it waits."""
    deadline: float = 0.0


def run_all(
    work: Callable[..., Any],
    tasks: Sequence[tuple[Any, ...]],
    *,
    jobs: int,
    limit: float,
    total: float | None = None,
) -> Iterator[tuple[int, Any]]:
    """Yield (index of the task, what `work(*task)` returned) as they end; Ended for one that has no result.

    `limit` is in seconds for one task, `total` for all. `work` must be importable, tasks and results
    picklable. A worker is started anew where one was ended.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([work.__module__])
    end = None if total is None else time.monotonic() + total
    waiting = deque(range(len(tasks)))
    workers: list[_Worker] = []
    try:
        while waiting or any(worker.task >= 0 for worker in workers):
            now = time.monotonic()
            if end is not None and now > end:
                for number in (*waiting, *(worker.task for worker in workers if worker.task >= 0)):
                    yield number, Ended(why="the time for all functions together was used up")
                return
            while waiting and len(workers) < jobs:
                workers.append(_start(context, work))
            for worker in workers:
                if worker.task < 0 and waiting:
                    worker.task = waiting.popleft()
                    worker.deadline = time.monotonic() + limit
                    worker.pipe.send(tasks[worker.task])
            yield from _answers(workers)
    finally:
        for worker in workers:
            worker.pipe.close()
            worker.process.kill()
            worker.process.join()


def _answers(workers: list[_Worker]) -> Iterator[tuple[int, Any]]:
    """Wait for the next answers, a second at most; end what has run past its limit."""
    busy = {worker.pipe: worker for worker in workers if worker.task >= 0}
    ready = wait(list(busy), timeout=1.0)
    for pipe, worker in busy.items():
        number = worker.task
        if pipe in ready:
            try:
                answer = worker.pipe.recv()
                worker.task = -1
                yield number, answer
                continue
            except (EOFError, OSError):
                why = "the comparison ended in a crash"
        elif time.monotonic() > worker.deadline:
            why = "the comparison did not end in time"
        else:
            continue
        worker.process.kill()
        worker.process.join()
        workers.remove(worker)
        yield number, Ended(why=why)


def _start(context: Any, work: Callable[..., Any]) -> _Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _serve(pipe: Connection, work: Callable[..., Any]) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    while True:
        try:
            task = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            answer = work(*task)
        except KeyboardInterrupt:
            return
        except MemoryError:
            answer = Ended(why="the comparison needed too much memory")
        except Exception:
            last = traceback.format_exc(limit=-1).strip().splitlines()
            answer = Ended(why=f"a defect of lorelens: {'; '.join(last[-2:])}"[:300])
        pipe.send(answer)
