"""Mails a second: parse_message against b4's LoreMessage, on the same mails, in turns in one run.

    python bench/messages.py [--shared DIR] [--mails N] [--rounds N]

Both get the raw bytes of each mail in memory and make their message object of it: b4 by liblore's
parse_message and LoreMessage, as b4 itself does. Mails are taken evenly from gold/revisions and threads/. A
second table shows what reading and holding the whole of gold as Messages takes: seconds, and the process's
peak of memory.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import b4
import liblore.utils
from lorelens.fetch.mail.message import parse_message
from lorelens.fetch.source.sources import read_source

HERE = Path(__file__).resolve().parent
HOLD = """
import resource, sys, time
from lorelens.fetch.source.sources import read_messages
start = time.perf_counter()
messages = list(read_messages([sys.argv[1]]))
took = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
characters = sum(len(message.body) for message in messages)
print(f"{len(messages)} mails, {characters / 1e6:.0f} M characters: {took:.2f} s, peak {peak:.0f} MB")
"""


def parse_with_b4(raw: bytes) -> None:
    """As b4's mailbox does; a mail that b4 refuses counts as read."""
    try:
        b4.LoreMessage(liblore.utils.parse_message(raw))
    except ValueError as error:
        logging.debug("b4 refuses a mail: %s", error)


def measure(parse, mails: list[bytes]) -> float:
    """Mails a second."""
    start = time.perf_counter()
    for raw in mails:
        parse(raw)
    return len(mails) / (time.perf_counter() - start)


def main() -> None:
    """Print both tables."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = os.environ.get("LORELENS_SHARED", HERE.parent.parent / "shared")
    options.add_argument("--shared", type=Path, default=Path(default))
    options.add_argument("--mails", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=5)
    arguments = options.parse_args()
    logging.disable(logging.CRITICAL)
    gold = arguments.shared / "gold/revisions/mail.mbox.xz"
    every = [mail.raw for source in (gold, arguments.shared / "threads") for mail in read_source(source)]
    mails = every[:: max(len(every) // arguments.mails, 1)]
    size = sum(map(len, mails)) / 1e6
    print(f"{len(mails)} of {len(every)} mails, {size:.1f} MB, {arguments.rounds} rounds in turns")
    print(f"{'round':>5} {'lorelens/s':>11} {'b4/s':>7} {'ratio':>6}")
    ratios = []
    for turn in range(1, arguments.rounds + 1):
        ours, theirs = measure(parse_message, mails), measure(parse_with_b4, mails)
        ratios.append(ours / theirs)
        print(f"{turn:>5} {ours:>11.0f} {theirs:>7.0f} {ratios[-1]:>6.1f}")
    print(f"median ratio {statistics.median(ratios):.1f}, least {min(ratios):.1f}")
    subprocess.run([sys.executable, "-c", HOLD, str(gold)], check=True)


if __name__ == "__main__":
    main()
