"""One large mail: seconds, and whether twice the mail takes twice the time.

    python bench/large_mail.py [--shared DIR] [--rounds N]

Takes fixtures/large-mail.eml (3.5 MB), the same mail with its body twice, four and eight times, and mails
that are made to be slow: each kind in two sizes. The least of the rounds is shown; the ratio is that of the
row to the one above.
"""

from __future__ import annotations

import argparse
import base64
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from lorelens.fetch.mail.message import parse_message

HERE = Path(__file__).resolve().parent
HEAD = b"From: a@b.example\nDate: Tue, 8 Mar 2022 11:11:13 +0000\nMessage-ID: <1@b.example>\n"


FRESH = """
import sys, time
from lorelens.fetch.mail.message import parse_message
head, _, body = open(sys.argv[1], "rb").read().partition(b"\\n\\n")
raw = head + b"\\n\\n" + body * int(sys.argv[2])
parse_message(head + b"\\n\\n")
start = time.perf_counter()
parse_message(raw)
print(len(raw), time.perf_counter() - start)
"""


def large(path: Path, times: int, rounds: int) -> tuple[int, float]:
    """Bytes and least seconds of the real mail with its body `times` times, a process each.

    Decoding 3.5 MB takes a millisecond; whether the process has such memory at hand already takes longer
    than that.
    """
    command = [sys.executable, "-c", FRESH, str(path), str(times)]
    runs = [
        subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        for _ in range(rounds)
    ]
    return int(runs[0][0]), min(float(seconds) for _, seconds in runs)


def made(size: int) -> Iterator[tuple[str, bytes]]:
    """Mails of about `size` bytes that a careless parser is slow on."""
    text = HEAD + b"Content-Type: text/plain; format=flowed\n\n"
    yield "flowed soft lines", text + b"word \n" * (size // 6)
    yield (
        "base64",
        HEAD
        + b"Content-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(b"line of text\n" * (size // 18)),
    )
    yield "stray '='", HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=3D= = \n" * (size // 8)
    multi = HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n"
    yield "small parts", multi + b"--x\n\ny\n" * (size // 7)
    yield "boundary-like lines", multi + b"--x-\n" * (size // 5)
    yield "html", HEAD + b"Content-Type: text/html\n\n" + b"<p>a<b>c</b>&lt;" * (size // 16)
    yield "one line", HEAD + b"\n" + b"a" * size
    yield "bytes of no charset", HEAD + b"\n" + b"\xff\xe9 text\n" * (size // 8)
    yield "header fields", b"X-Y: z\nCc: a@b.example\n" * (size // 23) + HEAD + b"\ntext\n"
    yield "encoded words", b"Subject: " + b"=?utf-8?q?a" * (size // 11) + b"\n" + HEAD + b"\ntext\n"
    yield "addresses", b"Cc: " + b'("<a@b,' * (size // 7) + b"\n" + HEAD + b"\ntext\n"
    yield "references", b"References: " + b"<a" * (size // 2) + b"\n" + HEAD + b"\ntext\n"


def measure(raw: bytes, rounds: int) -> float:
    """The least of the rounds' seconds."""
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        parse_message(raw)
        took.append(time.perf_counter() - start)
    return min(took)


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = os.environ.get("LORELENS_SHARED", HERE.parent.parent / "shared")
    options.add_argument("--shared", type=Path, default=Path(default))
    options.add_argument("--rounds", type=int, default=9)
    arguments = options.parse_args()
    print(f"{'mail':<28} {'MB':>6} {'seconds':>8} {'ratio':>6}")
    before = 0.0
    for times in (1, 2, 4, 8):
        size, took = large(arguments.shared / "fixtures/large-mail.eml", times, arguments.rounds)
        ratio = f"{took / before:.2f}" if before else ""
        print(f"{f'large-mail.eml, body x {times}':<28} {size / 1e6:>6.1f} {took:>8.4f} {ratio:>6}")
        before = took
    for (name, small), (_, twice) in zip(made(2_000_000), made(4_000_000), strict=True):
        once, double = measure(small, arguments.rounds), measure(twice, arguments.rounds)
        print(f"{name:<28} {len(small) / 1e6:>6.1f} {once:>8.3f}")
        print(f"{name + ', twice':<28} {len(twice) / 1e6:>6.1f} {double:>8.3f} {double / once:>6.2f}")


if __name__ == "__main__":
    main()
