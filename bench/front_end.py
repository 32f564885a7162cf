"""The C front end against Universal Ctags' list of functions, on a kernel tree.

For each set of files: how many functions ctags lists, how many of them the front end cuts out with the same
line of the name
and the same last line, how many of these parse without an ERROR or MISSING node, and the share of all that
ctags lists;
then what is listed on one side only, and at what speed cutting, and cutting with normalising and parsing,
run (in this
process, on this machine; the time of ctags stands beside it for scale). `--rules` counts what the normaliser
wrote
over, by rule. Needs ctags (Debian package universal-ctags).

    python bench/front_end.py                       # linux-source-6.12, unpacked once into a cache
    python bench/front_end.py --tree DIR --set mm --show 20
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tarfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from lorelens.analyze.lexical import Source, scan
from lorelens.analyze.outline import Piece, cut
from lorelens.analyze.syntax import faults
from lorelens.analyze.tree import parse_piece

FOLDERS = ("mm", "fs", "kernel", "arch/x86/mm", "include")
SETS = {
    "mm": ("mm/*.c", "fs/userfaultfd.c"),
    "wide": ("fs/**/*.c", "kernel/**/*.c", "mm/**/*.c", "arch/x86/mm/**/*.c"),
}


@dataclass
class Result:
    """What one set of files gives."""

    files: int = 0
    size: int = 0
    listed: int = 0
    found: int = 0
    clean: int = 0
    ours: int = 0
    cutting: float = 0.0
    parsing: float = 0.0
    ctags: float = 0.0
    missing: list[str] = field(default_factory=list)
    spurious: list[str] = field(default_factory=list)
    dead: int = 0
    unclean: list[str] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)


def unpacked(archive: Path) -> Path:
    """Unpack what is measured of a Debian kernel source into the tests' cache; return the tree."""
    name = archive.name.removesuffix(".tar.xz")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "lorelens-tests"
    tree = cache / name
    if not (tree / ".whole").exists():
        wanted = tuple(f"{name}/{folder}/" for folder in FOLDERS)
        cache.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as tar:
            tar.extractall(cache, (m for m in tar if m.name.startswith(wanted)), filter="data")
        (tree / ".whole").touch()
    return tree


def tags(tree: Path, files: list[str]) -> dict[str, list[dict[str, object]]]:
    """Return ctags' functions by file."""
    command = ["ctags", "--languages=C", "--kinds-C=f", "--fields=+ne", "--output-format=json"]
    command += ["-f", "-", "-L", "-"]
    names = "\n".join(files)
    run = subprocess.run(command, cwd=tree, input=names, capture_output=True, text=True, check=True)
    found = defaultdict(list)
    for line in run.stdout.splitlines():
        tag = json.loads(line)
        if tag["_type"] == "tag":
            found[tag["path"]].append(tag)
    return found


def measure(tree: Path, patterns: tuple[str, ...]) -> Result:
    """Measure one set."""
    result = Result()
    files = sorted({str(path.relative_to(tree)) for pattern in patterns for path in tree.glob(pattern)})
    started = time.perf_counter()
    listed = tags(tree, files)
    result.ctags = time.perf_counter() - started
    for path in files:
        text = (tree / path).read_bytes().decode("utf-8", "surrogateescape")
        measure_file(result, path, text, listed.get(path, []))
    result.files = len(files)
    return result


def measure_file(result: Result, path: str, text: str, listed: list[dict[str, object]]) -> None:
    """Add one file to the result."""
    result.size += len(text)
    started = time.perf_counter()
    source = scan(text)
    pieces = [piece for piece in cut(source) if piece.symbol == "function"]
    cut_at = time.perf_counter()
    clean = {}
    for piece in pieces:
        tree = parse_piece(source, piece)
        clean[source.line(piece.name_at), source.line(piece.end - 1)] = tree is not None and tree.clean
        if tree is not None:
            result.rules.update(rewrite.rule for rewrite in tree.rewrites)
        if (tree is None or not tree.clean) and not is_dead(piece):
            result.unclean.append(describe(path, source, piece))
    result.cutting += cut_at - started
    result.parsing += time.perf_counter() - started
    result.ours += len(pieces)
    theirs = {(tag["line"], tag["end"]): tag["name"] for tag in listed}
    result.listed += len(theirs)
    for place, name in theirs.items():
        if place in clean:
            result.found += 1
            result.clean += clean[place]
        else:
            inside = [last for first, last in clean if place[0] <= first and last <= place[1]]
            result.missing.append(f"{path}:{place[0]}-{place[1]} {name}: {explain(place, inside)}")
    for piece in pieces:
        if (source.line(piece.name_at), source.line(piece.end - 1)) not in theirs:
            if is_dead(piece):
                result.dead += 1
            else:
                result.spurious.append(describe(path, source, piece))


def explain(place: tuple[int, int], inside: list[int]) -> str:
    """Say what stands where ctags has a function that we have not."""
    if place[1] in inside:
        return f"{len(inside)} function(s) begin behind ctags' line, the last ends at its end"
    return "none ends there"


def is_dead(piece: Piece) -> bool:
    """Say whether a piece stands under #if 0, which ctags leaves out."""
    return piece.config is not None and "0" in piece.config.split(" && ")


def describe(path: str, source: Source, piece: Piece) -> str:
    """Return a piece's place, name and first fault."""
    tree = parse_piece(source, piece)
    fault = faults(tree.root)[:1] if tree else ()
    where = ""
    if fault and tree:
        kind = f"MISSING {fault[0].kind}" if fault[0].is_missing else "ERROR"
        where = f" [{kind}, line {fault[0].line + tree.line - 1}]"
    return f"{path}:{source.line(piece.name_at)}-{source.line(piece.end - 1)} {piece.name}{where}"


def report(name: str, result: Result, show: int, rules: bool) -> None:
    """Print one set's table."""
    print(f"\n{name}: {result.files} files, {result.size / 1e6:.1f} M characters")
    print(f"  functions by ctags              {result.listed:7}")
    print(f"  found with the same lines       {result.found:7}  {result.found / result.listed:9.3%}")
    print(f"  and parsed clean                {result.clean:7}  {result.clean / result.listed:9.3%}")
    print(f"  ours that ctags has not         {len(result.spurious):7}  (and {result.dead} under #if 0)")
    print(f"  cutting                         {result.size / 1e6 / result.cutting:7.2f} M characters/s")
    speed = result.size / 1e6 / result.parsing
    each = result.ours / result.parsing
    print(f"  cut, normalised and parsed      {speed:7.2f} M characters/s, {each:.0f} functions/s")
    print(f"  ctags, its process and output   {result.size / 1e6 / result.ctags:7.2f} M characters/s")
    if rules:
        counts = (f"{rule} {count}" for rule, count in result.rules.most_common())
        print("  written over, by rule: " + ", ".join(counts))
    kinds = {"only ctags": result.missing, "only ours": result.spurious, "not clean": result.unclean}
    for title, rows in kinds.items():
        for row in rows[:show]:
            print(f"  {title}: {row}")


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--archive", type=Path, default=Path("/usr/src/linux-source-6.12.tar.xz"))
    parser.add_argument("--tree", type=Path, help="an unpacked kernel tree, instead of the archive")
    parser.add_argument("--set", choices=(*SETS, "all"), default="all")
    parser.add_argument(
        "--show", type=int, default=10, metavar="N", help="rows of what differs or is not clean"
    )
    parser.add_argument("--rules", action="store_true", help="count what the normaliser wrote over")
    options = parser.parse_args()
    tree = options.tree or unpacked(options.archive)
    for name, patterns in SETS.items():
        if options.set in (name, "all"):
            report(name, measure(tree, patterns), options.show, options.rules)


if __name__ == "__main__":
    main()
