"""The command line: the only place that parses arguments, prints or exits; imports the rest lazily."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # typing's own costs a third of the start
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from .analyze.review import Review
    from .config import Options

DONE, FINDINGS, USAGE, INCOMPLETE, DEFECT, INTERRUPTED = 0, 1, 2, 3, 101, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run `lorelens`; return the exit code of CONTRACT.md."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        from . import __version__

        print(f"lorelens {__version__}")
        return DONE
    from .errors import LorelensError

    try:
        options = _parser().parse_args(arguments)
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except SystemExit as stop:  # argparse's own way out: --help is 0, a usage error 2
        return int(stop.code or 0)
    except LorelensError as error:
        print(f"lorelens: {_visible(str(error))}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader (`| head`) has seen enough; keep Python from complaining at exit
        sys.stdout = None
        return DONE
    except Exception:
        import traceback

        traceback.print_exc()
        print("lorelens: this is a defect of lorelens; please report it with the text above", file=sys.stderr)
        return DEFECT


def _parser() -> ArgumentParser:
    from argparse import ArgumentParser

    parser = ArgumentParser(prog="lorelens", description="What a patch series changes, read from its thread.")
    parser.add_argument("-V", "--version", action="store_true", help="print the version")
    parser.set_defaults(run=lambda options: _help(parser))
    commands = parser.add_subparsers(metavar="COMMAND")

    command = commands.add_parser("demo", help="review the bundled example, offline")
    _add_output(command)
    command.set_defaults(run=_demo)

    command = commands.add_parser("review", help="review a series: an HTML report and review.json")
    _add_sources(command)
    _add_trees(command)
    _add_output(command)
    command.add_argument("--format", default="html,json", help="of html, json and text (default: html,json)")
    command.add_argument("-v", "--revision", metavar="N", type=int, help="the revision (default: the newest)")
    command.add_argument("--fail-on", choices=("new", "any", "undecided", "none"), default="none")
    command.set_defaults(run=_review)

    command = commands.add_parser("series", help="threads, series, revisions and comments, without analysis")
    _add_sources(command)
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.set_defaults(run=_series)

    command = commands.add_parser("recover", help="print the exact patch out of a damaged one")
    command.add_argument("file", metavar="FILE", help="a mail or page that holds a patch, or -")
    _add_trees(command)
    command.add_argument("--format", choices=("patch", "json"), default="patch")
    command.set_defaults(run=_recover)

    command = commands.add_parser("doctor", help="what is installed, what is missing, and what that costs")
    command.set_defaults(run=_doctor)
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


def _options(arguments: Namespace, command: str) -> Options:
    import os
    import shlex
    from pathlib import Path

    from .config import FORMATS, LORE_URL, Options
    from .errors import InputError

    formats = tuple(dict.fromkeys(getattr(arguments, "format", "json").split(",")))
    if command == "review" and (unknown := set(formats) - set(FORMATS)):
        why = f"{', '.join(sorted(unknown))} is not known"
        raise InputError("--format", why, f"use {', '.join(FORMATS)}")
    sources = tuple(getattr(arguments, "sources", ()))
    words = ["lorelens", command, *sources]
    for tree in getattr(arguments, "tree", ()):
        words += ["--tree", tree]
    for name in ("base", "revision"):
        if getattr(arguments, name, None) is not None:
            words += ["-v" if name == "revision" else "--base", str(getattr(arguments, name))]
    return Options(
        sources=sources,
        trees=tuple(getattr(arguments, "tree", ())),
        base=getattr(arguments, "base", None),
        output=Path(getattr(arguments, "output", "lorelens-report")),
        formats=formats,
        revision=getattr(arguments, "revision", None),
        offline=getattr(arguments, "offline", False),
        lore_url=os.environ.get("LORELENS_LORE_URL", LORE_URL),
        fail_on=getattr(arguments, "fail_on", "none"),
        command=shlex.join(words),
    )


def _demo(arguments: Namespace) -> int:
    from dataclasses import replace
    from importlib.resources import as_file, files

    from .pipeline import review

    with as_file(files("lorelens.examples")) as examples:
        options = _options(arguments, "demo")
        options = replace(options, sources=(str(examples / "thread.mbox"),), trees=(str(examples / "tree"),))
        reviews = review(replace(options, formats=("html", "json"), command="lorelens demo"), _progress)
        return _write(options, [replace(found, tree="the bundled tree") for found in reviews])


def _review(arguments: Namespace) -> int:
    from .pipeline import review

    options = _options(arguments, "review")
    return _write(options, list(review(options, _progress)))


def _write(options: Options, reviews: list[Review]) -> int:
    from .pipeline import report

    for number, found in enumerate(reviews, 1):
        folder = options.output if len(reviews) == 1 else options.output / f"{number:02d}"
        written = report(found, options.formats)
        sys.stdout.write(written.text)
        for name, content in written.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            if name in ("index.html", "review.json"):
                _progress(f"wrote {path}")
    return INCOMPLETE if any(not _is_complete(found) for found in reviews) else DONE


def _is_complete(review: Review) -> bool:
    if review.revision is None:
        return True
    broken = any(file.failure for patch in review.patches for file in patch.files)
    broken = broken or any(file.failure for patch in review.patches for file in patch.recovered)
    return review.revision.complete and not broken


def _series(arguments: Namespace) -> int:
    from .pipeline import read_series
    from .reports.text import series_text
    from .reports.to_json import series_document, to_bytes

    found = read_series(_options(arguments, "series"), _progress)
    as_json = arguments.format == "json"
    sys.stdout.write(to_bytes(series_document(found)).decode() if as_json else series_text(found))
    return DONE


def _recover(arguments: Namespace) -> int:
    from .pipeline import recover
    from .reports.patch import patch_text, repair_lines
    from .reports.to_json import recover_document, to_bytes

    mail, recovered = recover(arguments.file, _options(arguments, "recover"))
    as_json = arguments.format == "json"
    text = to_bytes(recover_document(recovered)).decode() if as_json else patch_text(mail, recovered)
    sys.stdout.write(text)
    for line in repair_lines(recovered):
        _progress(line)
    broken = [file for file in recovered.files if file.failure or file.verified is False]
    return DONE if recovered.files and not broken else INCOMPLETE


def _doctor(arguments: Namespace) -> int:
    from .doctor import examine

    for line in examine():
        print(line)
    return DONE


def _progress(text: str) -> None:
    print(_visible(text), file=sys.stderr)


def _visible(text: str) -> str:
    """Show control characters: text out of mail never steers a terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in text)


if __name__ == "__main__":
    sys.exit(main())
