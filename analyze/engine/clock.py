"""The time that a comparison may cost: seconds of the processor, so that a busy machine decides nothing."""

from __future__ import annotations

import time


def now() -> float:
    """Return the seconds that this process has computed; deadlines are times of this clock.

    A worker that waits for a processor spends nothing of its budget; workers.py ends one that hangs.
    """
    return time.process_time()
