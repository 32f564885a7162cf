"""`lorelens history`: its arguments, and what it prints and writes; cli.py's, in a module of its own."""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own costs a third of the start
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from .reports.store.store import Store
    from .reports.store.values import SeriesHistory

STATES = ("addressed", "partly", "open", "moved", "declined", "unknown")
DONE = 0


def add_question(command: ArgumentParser) -> None:
    """Add what is asked, and in which form it is answered."""
    command.add_argument("query", nargs="?", default="", help="part of a title, or a message-id")
    for name, what in (
        ("author", "part of the name or address of who sent or commented"),
        ("file", "a file that patches change, or part of its path"),
        ("function", "a function that patches change"),
    ):
        command.add_argument(f"--{name}", default="", metavar=name.upper(), help=what)
    command.add_argument("--state", choices=STATES, default="", help="what became of a comment")
    command.add_argument("--format", choices=("text", "json", "html"), default="text")
    command.add_argument("--export", metavar="FILE", help="write it as JSON lines, and the mails beside it")
    command.add_argument("--copy-to", metavar="URL", help="copy the whole store into another")


def history(
    arguments: Namespace,
    named: str | None,
    *,
    show: Callable[[bytes | str], None],
    tell: Callable[[str], None],
    write: Callable[[Path, Mapping[str, bytes]], None],
) -> int:
    """Answer out of the store of that name; raises LorelensError where it cannot be read."""
    from pathlib import Path

    from . import __version__
    from .errors import InputError
    from .reports.history_text import history_document, history_text
    from .reports.store.query import find_history
    from .reports.store.store import open_store
    from .reports.store.values import Question
    from .reports.to_json import to_bytes

    if named is None:
        raise InputError("the store", "$LORELENS_STORE says none", "name one by --store")
    with open_store(named, create=False) as store:
        if arguments.copy_to is not None:
            return _copy_store(store, arguments.copy_to, tell)
        asked = {name: getattr(arguments, name) for name in ("author", "file", "function", "state")}
        found = find_history(store, Question(text=arguments.query, **asked))
        if arguments.export is not None:
            return _export(store, found, Path(arguments.export), tell)
        if arguments.format == "html":
            from .reports.history_page import render_history

            write(Path(arguments.output), render_history(found, __version__, store.name))
            tell(f"wrote {Path(arguments.output) / 'history.html'}")
        else:
            as_json = arguments.format == "json"
            show(to_bytes(history_document(found)) if as_json else history_text(found, store.name))
    return DONE


def _copy_store(store: Store, named: str, tell: Callable[[str], None]) -> int:
    from .reports.store.export import copy_store
    from .reports.store.store import open_store

    with open_store(named) as target:
        rows = copy_store(store, target)
        tell(f"copied {rows} rows into {target.name}")
    return DONE


def _export(store: Store, found: Sequence[SeriesHistory], path: Path, tell: Callable[[str], None]) -> int:
    from .reports.store.export import export_lines, export_mbox

    with open(path, "wb") as file:
        file.writelines(export_lines(store, found))
    mbox = path.with_name(path.name + ".mbox")
    with open(mbox, "wb") as file:
        mails = export_mbox(store, found, file)
    tell(f"wrote {path} ({len(found)} series) and {mbox} ({mails} mails)")
    return DONE
