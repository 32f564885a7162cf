"""sparse over the C files before and after each patch, with the headers of a configured tree.

Its flags are those of a kernel build as near as can be told without one. A series that changes a header is
left out: what sparse would say of its files would be wrong. So is a text that includes what lies outside the
tree, or may do so: a mail must not choose a file of this machine to be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ...fetch.tree.source_tree import GitTree, ManyTrees, PlainTree, SourceTree, refuse_path
from ..checks.finding import Side
from .differ import mark_fixed_later, text_lines
from .program import Ran, Stopped, find_program, run_program
from .texts import Texts
from .tool import Remark, Said, not_run, told

if TYPE_CHECKING:
    from ..images import FileChange
    from ..review import PatchReview

NAME = "sparse"
LIMIT = 60.0
"""Seconds for one text."""
_SAID = re.compile(r"(?:.*/)?(\d{4}\.c):(\d{1,9}):\d+: (warning|error): (.*)")
_SIDES: tuple[Side, ...] = ("pre", "post")
_ANY = re.compile(r"#[^\n#]*include[^\n]*")
_INCLUDES = re.compile(r"""#[ \t]*include[ \t]*[<"]([\w./+-]+)[>"][ \t\r]*(?:/[/*].*)?""")
_HIDDEN = re.compile(r"#\s*/\*|(?:%:|\?\?=)[^\n]*include|include_next")
_LOST = re.compile(r"unable to open '|too many errors")
_BEFORE = ("compiler-version.h", "kconfig.h", "compiler_types.h")


def sparse(patches: Sequence[PatchReview], tree: SourceTree, folder: Path) -> Said:
    """Run sparse over each text."""
    program = find_program("sparse")
    if program is None:
        return not_run(NAME, "skipped", "not installed: sparse")
    root, arch = configured(tree)
    if root is None:
        return not_run(NAME, "skipped", "no tree at hand is configured for a build")
    headers = any(change.path.endswith(".h") for patch in patches for change in patch.files)
    texts = Texts(patches, lambda change: _fits(change, headers, arch))
    if not texts.names:
        return not_run(NAME, "skipped", "; ".join(["no C file to be seen", *texts.lacking[:2]]))
    texts.write(folder / "texts")
    said: dict[str, list[Remark]] = {}
    lacking = []
    for name, path in sorted(texts.paths.items()):
        command = (program, *_flags(root, arch, path), name)
        ran = run_program(command, folder=folder / "texts", limit=LIMIT)
        why = _failure(ran)
        if why:
            lacking.append(f"{path}: {why}")
        elif isinstance(ran, Ran):
            said[name] = read_remarks(ran.out + ran.err, name)
    seen = [one for one in texts.changes if all(name in said for name in texts.named(one[1]))]
    texts.changes = seen
    if not said:
        return not_run(NAME, "failed", "; ".join(lacking[:3]))
    found = mark_fixed_later(list(texts.findings(NAME, said)), patches)
    return told(NAME, f"over {len(said)} of {len(texts.paths)} texts", [*lacking, *texts.lacking], found)


def _failure(ran: Ran | Stopped) -> str:
    """Say why an answer is none: half of a file seen is nothing to compare."""
    if isinstance(ran, Stopped):
        return ran.why
    if ran.cut:
        return "it wrote too much"
    if ran.code < 0:
        return f"it ended with {ran.code}"
    lost = next((line for line in (ran.out + ran.err).split("\n") if _LOST.search(line)), "")
    return lost[-160:]


def configured(tree: SourceTree) -> tuple[Path | None, str]:
    """Return the folder of the first tree that was configured for a build, and its architecture."""
    for member in tree.trees if isinstance(tree, ManyTrees) else (tree,):
        if isinstance(member, GitTree):
            root = member.repository.absolute() / member.folder
        elif isinstance(member, PlainTree):
            root = member.directory.absolute()
        else:
            continue
        made = sorted(path.parent.parent.name for path in root.glob("arch/*/include/generated"))
        if made and (root / "include/generated/autoconf.h").is_file():
            return root, made[0]
    return None, ""


def _fits(change: FileChange, headers: bool, arch: str) -> bool:
    parts = change.path.split("/")
    texts = ("\n".join(text_lines(change, side)) for side in _SIDES)
    ours = not headers and (parts[0] != "arch" or parts[1:2] == [arch])
    return ours and len(parts) > 1 and all(map(includes_only_the_tree, texts))


def includes_only_the_tree(text: str) -> bool:
    """Say whether every #include names a file below the folders that are searched, as far as can be told."""
    joined = re.sub(r"\\[ \t]*\r?\n", "", text)
    if _HIDDEN.search(joined):
        return False
    named = (_INCLUDES.fullmatch(line) for line in _ANY.findall(joined))
    return all(one and not one[1].startswith("/") and one[1].split("/").count("..") < 2 for one in named)


def _flags(root: Path, arch: str, path: str) -> list[str]:
    """Return the flags; `path` only says beside which of the tree's own files a text belongs."""
    here = [f"arch/{arch}/include", f"arch/{arch}/include/generated", "include"]
    here += [f"arch/{arch}/include/uapi", f"arch/{arch}/include/generated/uapi"]
    here += ["include/uapi", "include/generated/uapi"]
    flags = ["-D__KERNEL__", "-nostdinc", "-std=gnu11", "-DKBUILD_MODNAME=x", "-DKBUILD_BASENAME=x"]
    flags += [word for folder in here for word in ("-I", str(root / folder))]
    beside = root / PurePosixPath(path).parent
    if not refuse_path(path) and beside.is_dir():
        flags += ["-I", str(beside)]
    for name in _BEFORE:
        if (root / "include/linux" / name).is_file():
            flags += ["-include", str(root / "include/linux" / name)]
    return flags


def read_remarks(out: str, name: str) -> list[Remark]:
    """Read lines of the form "0001.c:12:3: warning: text" that speak of the file itself."""
    found: Mapping[tuple[int, str, str], None] = {
        (int(match[2]), match[3], match[4]): None
        for line in out.split("\n")
        if (match := _SAID.fullmatch(line)) and match[1] == name
    }
    return [Remark(rule=level, line=line, text=text, severity="note") for line, level, text in sorted(found)]
