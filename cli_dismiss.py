"""`lorelens dismiss` and `--dismissals`: a part of cli.py."""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own costs a third of the start
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable
    from pathlib import Path

    from .analyze.checks.dismissal import Dismissal


def add_dismissals(command: ArgumentParser) -> None:
    """Add the option that names the file."""
    command.add_argument("--dismissals", metavar="FILE", help="what was set aside (docs/checks.md)")


def add_dismissal(command: ArgumentParser) -> None:
    """Add the arguments of `lorelens dismiss`."""
    command.add_argument("report", metavar="REPORT", help="a review.json, or the folder that holds it")
    command.add_argument("finding", metavar="ID", help="the finding")
    command.add_argument("--reason", metavar="TEXT", help="why, for the next reader")
    command.add_argument("--by", metavar="ADDRESS", default="", help="whose word it is")
    command.add_argument("--undo", action="store_true", help="take it back")
    add_dismissals(command)


def chosen(arguments: Namespace) -> tuple[Dismissal, ...]:
    """Return what was set aside; a file that was named has to be there. Raises InputError."""
    from .dismissals import open_dismissals

    path = _file(arguments)
    return () if path is None else open_dismissals(path, needed=arguments.dismissals is not None)


def _file(arguments: Namespace) -> Path | None:
    """Return --dismissals, $LORELENS_DISMISSALS ("none" for none), or the user's own."""
    import os
    from pathlib import Path

    from platformdirs import user_data_dir

    named = arguments.dismissals or os.environ.get("LORELENS_DISMISSALS", "")
    if named == "none":
        return None
    return Path(named).expanduser() if named else Path(user_data_dir("lorelens")) / "dismissals.jsonl"


def dismiss(arguments: Namespace, *, tell: Callable[[str], None]) -> int:
    """Run `lorelens dismiss`; return its exit code. Raises InputError."""
    from pathlib import Path

    from .dismissals import set_aside, undo
    from .errors import InputError

    path, report = _file(arguments), Path(arguments.report)
    if path is None:
        raise InputError("--dismissals", "there is no file for them", "name one")
    if arguments.undo == (arguments.reason is not None):
        raise InputError("dismiss", "it takes either --reason TEXT or --undo", "give one of them")
    if arguments.undo:
        done, said = undo(report, arguments.finding, path), "no longer set aside"
    else:
        done = set_aside(report, arguments.finding, path, reason=arguments.reason, by=arguments.by)
        said = "set aside"
    for one in done:
        where = f"{one.path} {one.function}".strip() or "the commit message"
        tell(f"{said}: {one.id} ({where}): {one.reason}")
    tell(f"wrote {path}; the next `lorelens review` reads it")
    return 0
