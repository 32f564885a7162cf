"""Comments that name what is gone, a parameter that is none, or another function than is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..definition import Definition
from ..lexical import Source, scan
from .calls import parameters_of
from .finding import Check, Example, Hit, Shown
from .view import FileView, PatchView

_DOC_PARAMETER = re.compile(r"^\s*\*\s*@(?!returns?:|context:|note:)(\w+):", re.MULTILINE | re.IGNORECASE)
_MENTIONED = re.compile(r"^\s*\*\s*@(\w+)", re.MULTILINE)
MOST_GONE = 100
"""Functions that are gone whose names are looked for in one file's comments."""
_ERROR = re.compile(r"\breturn(?:s|ing|ed)?\s+(?:\*\s*)?-(E[A-Z]{3,})\b")
_NEXT_CALL = re.compile(r"\b(\w+)\s*\(")
_SEE = re.compile(
    r"\b[Ss]ee\s+(?:also\s+)?(?:the\s+comment\s+(?:in|above|at|on)\s+)?(\w+)\(\)\s+for\s+(?:an?\s+|the\s+|more\s+|further\s+)*"
    r"(?:discussion|details?|explanation|description|information|rationale)"
)


def find(view: PatchView) -> Iterable[Hit]:
    """Find names in comments that the patch makes, or leaves, wrong."""
    yield from _parameters(view)
    yield from _gone(view)
    yield from _elsewhere(view)
    yield from _errors(view)


def _parameters(view: PatchView) -> Iterator[Hit]:
    """Kernel-doc of a changed function whose @names are not its parameters."""
    for one in view.case.functions:
        post, pre = one.post, one.pre
        if one.symbol != "function" or post is None or not post.whole:
            continue
        file = view.post.files.get(post.path)
        named = _documented(file, post)
        parameters = parameters_of(post)
        if file is None or not named or parameters is None or any(not p.name for p in parameters):
            continue
        names = {p.name for p in parameters}
        old = _documented(view.pre.files.get(pre.path), pre) if pre is not None else {}
        old_names = {p.name for p in (parameters_of(pre) or ())} if pre is not None else set()
        for name, line in named.items():
            if name not in names and not (name in old and name not in old_names):
                says = f"{post.name}()'s kernel-doc describes @{name}, which is no parameter of it"
                yield _hit(file, post.name, f"@{name}", line, says)
        mentioned = set(_MENTIONED.findall(_kernel_doc(file, post)[0]))  # without a colon, too
        for name in sorted(names - mentioned - (old_names - old.keys())):
            says = f"{post.name}()'s kernel-doc leaves out its parameter {name}"
            yield _hit(file, post.name, f"no @{name}", post.start, says)


def _documented(file: FileView | None, definition: Definition) -> dict[str, int]:
    """Return the @names of the kernel-doc right above a function, by line; {} where there is none."""
    text, top = _kernel_doc(file, definition)
    return {
        found[1]: top + 1 + text.count("\n", 0, found.start(1)) for found in _DOC_PARAMETER.finditer(text)
    }


def _kernel_doc(file: FileView | None, definition: Definition) -> tuple[str, int]:
    """Return the kernel-doc right above a function and how many lines stand in front of it; "" for none."""
    if file is None or not file.whole:
        return "", 0
    lines = file.text.split("\n")[: definition.start - 1]
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    if not end or not lines[end - 1].rstrip().endswith("*/"):
        return "", 0
    top = end - 1
    while top and "/*" not in lines[top]:
        top -= 1
    if not lines[top].strip().startswith("/**") or not re.search(
        rf"\b{definition.name}\b", "\n".join(lines[top : top + 2])
    ):
        return "", 0
    return "\n".join(lines[top:end]), top


def _gone(view: PatchView) -> Iterator[Hit]:
    """A comment that still speaks of a function which the patch removes or renames."""
    gone = _removed(view)
    for file in view.post.files.values():
        if not file.whole or not file.exact or not file.path.endswith((".c", ".h")) or not gone & file.words:
            continue
        source = scan(file.text)
        code = set(re.findall(r"[A-Za-z_]\w*", source.mask))
        for name in sorted((gone & file.words) - code)[:MOST_GONE]:
            for line in _comment_lines(source, rf"\b{name}\(\)"):
                says = f"a comment speaks of {name}(), which the patch takes away"
                yield _hit(file, "", f"gone {name}", line, says)
                break


def _removed(view: PatchView) -> set[str]:
    """Return the functions that are gone from all of the patch's files: static ones, and others whose
    prototype the patch removes, too."""
    names = {
        one.pre.name
        for one in view.case.functions
        if one.symbol == "function" and one.pre is not None and one.pre.whole
        and (one.post is None or one.post.name != one.pre.name)
    }  # fmt: skip
    own = {
        one.pre.name
        for one in view.case.functions
        if one.pre is not None and re.match(r"[^({]*\bstatic\b", one.pre.text)
    }
    declared = {
        one.pre.name
        for one in view.case.functions
        if one.symbol == "prototype" and one.pre is not None and one.post is None
    }
    names &= own | declared  # else it may have moved to a file that is not at hand
    there = {one.post.name for one in view.case.functions if one.post is not None}
    there |= {name for file in view.post.files.values() for name in file.functions}
    return {name for name in names - there if len(name) > 5 and "_" in name}


def _comment_lines(source: Source, pattern: str) -> Iterator[int]:
    wanted = re.compile(pattern)
    for start, end in source.comments:
        for found in wanted.finditer(source.text, start, end):
            yield source.line(found.start())


def _elsewhere(view: PatchView) -> Iterator[Hit]:
    """A new comment that refers to a function without a comment, where a new one beside it has it."""
    for file in view.post.files.values():
        touched = file.touched()
        joined = re.sub(r"\n[ \t]*\*", "\n ", file.text)
        for name in sorted({found[1] for found in _SEE.finditer(joined)}):
            lines = list(_lines_naming(file, name, touched))
            meant = _meant(view, name) if lines else ""
            if meant:
                says = (
                    f"a new comment refers to {name}() for more, which has no comment; {meant}(), "
                    "new in this patch, has one"
                )
                yield _hit(file, "", f"see {name}", lines[0], says)


def _errors(view: PatchView) -> Iterator[Hit]:
    """A new comment that says what a function of the file returns: an error that no code of the file has, nor
    a comment before the patch."""
    for file in view.post.files.values():
        if not file.whole or not file.exact or not file.path.endswith(".c"):
            continue
        source, touched = scan(file.text), file.touched()
        before = view.pre.files.get(file.path)
        names = set(re.findall(r"\bE[A-Z]{3,}\b", source.mask)) | (before.words if before else frozenset())
        for start, end in source.comments:
            for found in _ERROR.finditer(source.text, start, end):
                line = source.line(found.start())
                call = _NEXT_CALL.search(source.mask, end)
                own = call is not None and call[1] in file.functions
                if line in touched and found[1] not in names and own:
                    says = f"a new comment names -{found[1]}, which nothing in the code of this file returns"
                    yield _hit(file, "", f"-{found[1]}", line, says)


def _lines_naming(file: FileView, name: str, touched: frozenset[int]) -> Iterator[int]:
    for line in sorted(touched):
        if re.search(rf"\b[Ss]ee\b.*\b{name}\(\)", file.line(line)):
            yield line


def _meant(view: PatchView, name: str) -> str:
    """Return the new function, named after `name`, that has the comment which `name` lacks; "" where none."""
    there = view.post.definition(name, "")
    if there is None or _has_comment(there.file, there.definition):
        return ""
    for one in view.case.functions:
        if (
            one.symbol == "function"
            and one.pre is None
            and one.post is not None
            and one.name.startswith(f"{name}_")
        ):
            file = view.post.files.get(one.path)
            if file is not None and _has_comment(file, one.post):
                return one.name
    return ""


def _has_comment(file: FileView, definition: Definition) -> bool:
    above = file.line(definition.start - 1) or file.line(definition.start - 2)
    return above.endswith("*/")


def _hit(file: FileView, function: str, key: str, line: int, says: str) -> Hit:
    return Hit(
        key=key,
        function=function,
        path=file.path,
        line=line,
        says=says,
        shown=(Shown(path=file.path, side="post", line=line, text=file.line(line)),),
        sources=("Documentation/doc-guide/kernel-doc.rst",),
    )


_BEFORE = """\
/**
 * stash_add - add a page
 * @s: the stash
 * @page: the page
 */
int stash_add(struct stash *s, struct page *page)
{
	return stash_do(s, page, 0);
}
"""

CHECK = Check(
    id="comment-names",
    title="Comments name what is there, and what is meant",
    proves=(
        "A kernel-doc describes a parameter that the function has not, or leaves one out, since the "
        "patch; a comment names a function that the patch takes away; or it refers to a function without "
        "a comment where a new one has it."
    ),
    assumes=("the removed function has no namesake in another file",),
    severity="low",
    patch=find,
    fires=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
/**
 * stash_add - add a page
 * @s: the stash
 * @page: the page
 */
int stash_add(struct stash *s, struct page *page, int order)
{
	return stash_do(s, page, order);
}
"""
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
/**
 * stash_add - add a page
 * @s: the stash
 * @page: the page
 * @order: its order
 */
int stash_add(struct stash *s, struct page *page, int order)
{
	return stash_do(s, page, order);
}
"""
        },
    ),
)
