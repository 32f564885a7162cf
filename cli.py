"""The command line: the only place that parses arguments, prints or exits; imports the rest lazily."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Run `lorelens`; return the exit code of CONTRACT.md."""
    argv = sys.argv[1:] if argv is None else argv
    from . import __version__

    print(f"lorelens {__version__}")
    return 0
