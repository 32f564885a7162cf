"""The command line: the only place that parses arguments, prints or exits; imports the rest lazily."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # typing's own costs a third of the start
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from .analyze.review import Review
    from .config import Options
    from .history import Keeper
    from .reports.written import Written

DONE, FINDINGS, USAGE, INCOMPLETE, DEFECT, INTERRUPTED = 0, 1, 2, 3, 101, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run `lorelens`; return the exit code of CONTRACT.md."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except SystemExit as stop:  # argparse's own way out: --help is 0, a usage error 2
        return int(stop.code or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader (`| head`) has seen enough; keep Python from complaining at exit
        sys.stdout = None
        return DONE
    except OSError as error:  # a full disk, a folder that may not be read: the machine's state, no defect
        where = error.filename or "reading or writing"
        why = error.strerror or error
        _progress(f"lorelens: {where}: {why} (check the path, its permissions and free space)")
        sys.stdout = None
        return USAGE
    except Exception as error:
        from .errors import LorelensError

        if isinstance(error, LorelensError):
            _progress(f"lorelens: {error}")
            return USAGE
        import traceback

        _progress(traceback.format_exc().rstrip())
        _progress("lorelens: this is a defect of lorelens; please report it with the text above")
        return DEFECT


def _run(arguments: list[str]) -> int:
    if arguments in (["--version"], ["-V"]):
        from . import __version__

        print(f"lorelens {__version__}")
        return DONE
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that is no UTF-8 gets escapes, not an exception
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    code: int = options.run(options)
    return code


def _parser() -> ArgumentParser:
    from argparse import ArgumentParser

    from .cli_dismiss import add_dismissal, add_dismissals
    from .cli_history import add_question

    parser = ArgumentParser(prog="lorelens", description="What a patch series changes, read from its thread.")
    parser.add_argument("-V", "--version", action="store_true", help="print the version")
    parser.set_defaults(run=lambda options: _help(parser))
    commands = parser.add_subparsers(metavar="COMMAND")

    command = commands.add_parser("demo", help="review the bundled example, offline")
    _add_output(command)
    _add_effort(command)
    command.set_defaults(run=_demo)

    command = commands.add_parser("review", help="review a series: an HTML report and review.json")
    _add_sources(command)
    _add_trees(command)
    _add_output(command)
    command.add_argument("--format", default="html,json", help="of html, json and text (default: html,json)")
    _add_effort(command)
    command.add_argument("-v", "--revision", metavar="N", type=int, help="the revision (default: the newest)")
    command.add_argument("--fail-on", choices=("new", "any", "undecided", "none"), default="none")
    add_dismissals(command)
    command.add_argument("--mechanical", action="store_true", help="run checkpatch and the like too")
    _add_store(command)
    command.add_argument("--no-store", action="store_true", help="neither serve what is kept nor keep")
    command.add_argument("--me", metavar="ADDRESS", help="my comments first, then what to read again")
    command.set_defaults(run=_review)

    command = commands.add_parser("series", help="threads, series, revisions and comments, without analysis")
    _add_sources(command)
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.set_defaults(run=_series)

    command = commands.add_parser("recover", help="print the exact patch out of a damaged one")
    command.add_argument("file", metavar="FILE", help="a mail or page that holds a patch, a message-id, or -")
    _add_trees(command)
    command.add_argument("--format", choices=("patch", "json"), default="patch")
    command.add_argument("--offline", action="store_true", help="use only what is on this machine")
    command.set_defaults(run=_recover)

    command = commands.add_parser("compare", help="what two versions of a C file do differently")
    command.add_argument("pre", metavar="PRE.c", help="the file before")
    command.add_argument("post", metavar="POST.c", help="the file after")
    command.add_argument(
        "--tree",
        action="append",
        default=[],
        metavar="PATH",
        help="a repository or folder with their headers",
    )
    command.add_argument("--base", metavar="REV", help="the repository's commit")
    command.add_argument("--function", metavar="F", help="only this function")
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.add_argument("--fail-on", choices=("changed", "undecided", "none"), default="none")
    _add_effort(command)
    command.set_defaults(run=_compare)

    command = commands.add_parser("diff", help="what changed between two revisions, text and behaviour")
    _add_sources(command)
    command.add_argument("earlier", metavar="V1", help='a revision: 2, v2, "RFC v2", or a message-id')
    command.add_argument("later", metavar="V2", help="the revision to compare with it")
    _add_trees(command)
    _add_output(command)
    command.add_argument("--format", choices=("text", "json", "html"), default="text")
    command.add_argument(
        "--no-behaviour", action="store_true", help="compare texts alone, in a second or two"
    )
    _add_effort(command)
    command.set_defaults(run=_diff, output=None)
    command = commands.add_parser("check", help="run a report's checks again, from the report alone")
    command.add_argument("report", metavar="REPORT", help="a review.json, or the folder that holds it")
    command.add_argument("finding", metavar="ID", nargs="?", help="only this finding")
    command.set_defaults(run=_check)

    command = commands.add_parser("dismiss", help="set a finding aside, with a reason")
    add_dismissal(command)
    command.set_defaults(run=_dismiss)

    command = commands.add_parser("doctor", help="what is installed, what is missing, and what that costs")
    command.add_argument("--store", nargs="?", const="", metavar="URL", help="look at the store as well")
    command.set_defaults(run=_doctor)

    command = commands.add_parser("history", help="what the store knows of series over time")
    add_question(command)
    _add_output(command)
    _add_store(command)
    command.set_defaults(run=_history)
    return parser


def _help(parser: ArgumentParser) -> int:
    parser.print_help()
    return USAGE


def _add_sources(command: ArgumentParser) -> None:
    command.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="message-id, lore URL, mbox, maildir, .eml, web-archive page, public-inbox repository, or -",
    )
    command.add_argument("--offline", action="store_true", help="use only what is on this machine")


def _add_output(command: ArgumentParser) -> None:
    command.add_argument("-o", "--output", metavar="DIR", default="lorelens-report", help="where it goes")


def _add_trees(command: ArgumentParser) -> None:
    command.add_argument(
        "--tree", action="append", default=[], metavar="PATH", help="a repository or folder with pre-images"
    )
    command.add_argument("--base", metavar="REV", help="the commit that the series applies to")


def _add_effort(command: ArgumentParser) -> None:
    command.add_argument("--jobs", metavar="N", type=int, help="functions compared at once (default: cores)")
    command.add_argument(
        "--timeout", metavar="SECONDS", type=float, default=10.0, help="for one function (default: 10)"
    )
    command.add_argument("--no-cache", action="store_true", help="compare anew what was compared before")


def _add_store(command: ArgumentParser) -> None:
    command.add_argument("--store", metavar="URL", help="a SQLite file or a database URL (docs/store.md)")


def _options(arguments: Namespace, command: str) -> Options:
    import os
    import shlex
    from pathlib import Path

    from .cli_dismiss import chosen
    from .config import FORMATS, LORE_URL, Options
    from .errors import InputError

    formats = tuple(dict.fromkeys(getattr(arguments, "format", "json").split(",")))
    if command == "review" and (unknown := set(formats) - set(FORMATS)):
        why = f"{', '.join(sorted(unknown))} is not known"
        raise InputError("--format", why, f"use {', '.join(FORMATS)}")
    sources = tuple(dict.fromkeys(getattr(arguments, "sources", ())))
    for name in (*sources, *getattr(arguments, "tree", ()), getattr(arguments, "me", None) or "-"):
        if not name.strip():
            raise InputError("an empty argument", "it names no source or tree", "is a shell variable unset?")
    named = [getattr(arguments, name) for name in ("earlier", "later") if hasattr(arguments, name)]
    words = ["lorelens", command, *sources, *named]
    for tree in getattr(arguments, "tree", ()):
        words += ["--tree", tree]
    told = (("base", "--base"), ("revision", "-v"), ("me", "--me"), ("dismissals", "--dismissals"))
    for name, option in told:
        if getattr(arguments, name, None) is not None:
            words += [option, str(getattr(arguments, name))]
    mechanical = getattr(arguments, "mechanical", False)
    words += ["--mechanical"] * mechanical
    return Options(
        sources=sources,
        trees=tuple(getattr(arguments, "tree", ())),
        base=getattr(arguments, "base", None),
        output=Path(getattr(arguments, "output", None) or "lorelens-report"),
        formats=formats,
        revision=getattr(arguments, "revision", None),
        offline=getattr(arguments, "offline", False),
        lore_url=os.environ.get("LORELENS_LORE_URL") or LORE_URL,
        fail_on=getattr(arguments, "fail_on", "none"),
        me=getattr(arguments, "me", None),
        command=shlex.join(words),
        store=_store(arguments) if command == "review" else None,
        dismissals=chosen(arguments) if command == "review" else (),
        mechanical=mechanical,
        anew=getattr(arguments, "no_cache", False),
        **_effort(arguments),
    )


def _store(arguments: Namespace) -> str | None:
    """Return the store that is meant: --store, $LORELENS_STORE ("none" for none), or the user's own."""
    import os
    from pathlib import Path

    from platformdirs import user_data_dir

    if getattr(arguments, "no_store", False):
        return None
    named = arguments.store or os.environ.get("LORELENS_STORE", "")
    if named == "none":
        return None
    return named or str(Path(user_data_dir("lorelens")) / "store.sqlite3")


def _effort(arguments: Namespace) -> dict[str, Any]:
    """Return what of Options says how much comparing may cost."""
    import os
    from pathlib import Path

    from platformdirs import user_cache_dir

    from .errors import InputError

    jobs, timeout = getattr(arguments, "jobs", None), getattr(arguments, "timeout", 10.0)
    if jobs is not None and not 1 <= jobs <= 1024:
        raise InputError(f"--jobs {jobs}", "it is no number of processes", "give one from 1 to 1024")
    if not 0 < timeout <= 86400:
        raise InputError(f"--timeout {timeout:g}", "it is no number of seconds", "give one from 0 to 86400")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    kept = None if getattr(arguments, "no_cache", False) else Path(user_cache_dir("lorelens")) / "results"
    return {"jobs": jobs or cores, "timeout": timeout, "cache": kept}


def _demo(arguments: Namespace) -> int:
    from dataclasses import replace
    from importlib.resources import as_file, files

    from .pipeline import review

    with as_file(files("lorelens.examples")) as examples:
        options = replace(
            _options(arguments, "demo"),
            sources=(str(examples / "thread.mbox"),),
            trees=(str(examples / "tree"),),
            formats=("html", "json"),
            command="lorelens demo",
        )
        reviews = review(options, _progress)
        return _write(options, [replace(found, tree="the bundled tree") for found in reviews])


def _review(arguments: Namespace) -> int:
    from .history import Keeper

    options = _options(arguments, "review")
    with Keeper(options, _progress) as keeper:
        kept = keeper.find()
        if kept is None:
            return _write(options, list(keeper.review()), keeper)
        _emit(options, kept.parts)
        return kept.code


def _write(options: Options, reviews: list[Review], keeper: Keeper | None = None) -> int:
    from .pipeline import fails, is_complete, report

    written = [report(found, options.formats) for found in reviews]
    _emit(options, written)
    failing = options.fail_on == "undecided"
    whole = all(is_complete(found, undecided_fails=failing) for found in reviews)
    code = DONE if whole else INCOMPLETE
    if any(fails(found, options.fail_on) for found in reviews):
        code = FINDINGS
    if keeper is not None:
        keeper.keep(reviews, written, code)
    return code


def _emit(options: Options, parts: Sequence[Written]) -> None:
    for number, written in enumerate(parts, 1):
        folder = options.output if len(parts) == 1 else options.output / f"{number:02d}"
        sys.stdout.write(written.text)
        _write_files(folder, written.files)
        for name in written.files:
            if name in ("index.html", "review.json"):
                _progress(f"wrote {folder / name}")


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write each file whole or not at all, and drop the pages of an earlier report that this one has not."""
    import os

    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        try:
            part.write_bytes(content)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    if "index.html" in files:
        for page in folder.glob("patch-[0-9][0-9][0-9][0-9].html"):
            if page.name not in files:
                page.unlink()


def _series(arguments: Namespace) -> int:
    from .pipeline import read_series
    from .reports.text import series_text
    from .reports.to_json import series_document, to_bytes

    found = read_series(_options(arguments, "series"), _progress)
    _print(to_bytes(series_document(found)) if arguments.format == "json" else series_text(found))
    return DONE


def _recover(arguments: Namespace) -> int:
    from .pipeline import recover
    from .reports.patch import patch_text, repair_lines
    from .reports.to_json import recover_document, to_bytes

    mail, recovered = recover(arguments.file, _options(arguments, "recover"))
    as_json = arguments.format == "json"
    text = patch_text(mail, recovered).encode(errors="replace")
    _print(to_bytes(recover_document(recovered)) if as_json else text)
    for line in repair_lines(recovered):
        _progress(line)
    broken = [file for file in recovered.files if file.failure or file.verified is False]
    return DONE if recovered.files and not broken else INCOMPLETE


def _compare(arguments: Namespace) -> int:
    from .pipeline import compare
    from .reports.delta import compare_document, delta_text
    from .reports.to_json import to_bytes

    found = compare(
        arguments.pre, arguments.post, arguments.function, _options(arguments, "compare"), _progress
    )
    _print(to_bytes(compare_document(found)) if arguments.format == "json" else delta_text(found))
    verdicts = {delta.verdict for delta in found}
    if arguments.fail_on != "none" and "changed" in verdicts:
        return FINDINGS
    return INCOMPLETE if arguments.fail_on == "undecided" and "undecided" in verdicts else DONE


def _history(arguments: Namespace) -> int:
    from .cli_history import history

    return history(arguments, _store(arguments), show=_print, tell=_progress, write=_write_files)


def _diff(arguments: Namespace) -> int:
    from dataclasses import replace
    from pathlib import Path

    from .diff_pipeline import diff, is_complete, report

    folder = Path(arguments.output or "lorelens-report")
    to_stdout = arguments.format != "html" and arguments.output is None
    options = replace(_options(arguments, "diff"), output=folder)
    names = (arguments.earlier, arguments.later)
    found = diff(options, *names, behaviour=not arguments.no_behaviour, progress=_progress)
    written = report(found, arguments.format)
    _print(next(iter(written.files.values())) if to_stdout else written.text)
    if not to_stdout:
        _write_files(folder, written.files)
        for name in written.files:
            _progress(f"wrote {folder / name}")
    return DONE if all(map(is_complete, found)) else INCOMPLETE


def _check(arguments: Namespace) -> int:
    from .pipeline import recheck

    outcomes = recheck(arguments.report, arguments.finding, _progress)
    if not outcomes:
        _progress("the report has no finding to run again")
    for one in outcomes:
        print(_visible(one.line))
    if any(one.state == "differs" for one in outcomes):
        return FINDINGS
    return INCOMPLETE if any(one.state == "incomplete" for one in outcomes) else DONE


def _dismiss(arguments: Namespace) -> int:
    from .cli_dismiss import dismiss

    return dismiss(arguments, tell=_progress)


def _doctor(arguments: Namespace) -> int:
    from .doctor import examine

    for line in examine():
        print(line)
    if arguments.store is None:
        return DONE
    from .reports.store.health import examine_store

    lines = list(examine_store(_store(arguments) or "none"))
    for line in lines:
        _print(_visible(line) + "\n")
    return INCOMPLETE if any(line.startswith("broken") for line in lines) else DONE


def _print(data: bytes | str) -> None:
    """Write to standard output; bytes as they are, whatever the terminal's encoding."""
    if isinstance(data, str):
        sys.stdout.write(data)
        return
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)  # a stand-in for standard output may have none
    if buffer is None:
        sys.stdout.write(data.decode())
    else:
        buffer.write(data)


def _progress(text: str) -> None:
    """Tell on standard error; that nobody can hear it is no reason to stop."""
    from contextlib import suppress

    with suppress(OSError, ValueError):
        print(_visible(text), file=sys.stderr, flush=True)


def _visible(text: str) -> str:
    """Show control characters: text out of mail never steers a terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in text)


if __name__ == "__main__":
    sys.exit(main())
