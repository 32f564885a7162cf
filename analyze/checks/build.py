"""Texts -> a PatchCase: what examples, tests and `lorelens check` run the checks on."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import unified_diff

from ...fetch.tree.source_tree import NoTree, PatchedTree
from ..diff import parse_diff
from ..functions import changed_functions, link_moves
from ..images import images
from .finding import Example
from .view import PatchCase


def build_case(
    diff: str,
    pre: Mapping[str, str],
    *,
    message: str = "",
    title: str = "",
    message_id: str = "",
    position: int = 1,
) -> PatchCase:
    """Build a case out of a patch's diff and its pre-images by path; one without is its hunks alone."""
    held = {path: text.encode("utf-8", "surrogateescape") for path, text in pre.items()}
    changes = images(parse_diff(diff).files, PatchedTree(NoTree(), held))
    functions = link_moves([function for change in changes for function in changed_functions(change)])
    return PatchCase(
        position=position,
        message_id=message_id,
        title=title,
        commit_message=message,
        files=changes,
        functions=functions,
    )


def example_case(example: Example) -> PatchCase:
    """Build a check's example into the patch that it is."""
    return build_case(
        diff_of(example.pre, example.post), example.pre, message=example.message, title="an example"
    )


def diff_of(pre: Mapping[str, str], post: Mapping[str, str]) -> str:
    """Return the diff between two sets of files, as git prints it but for the index lines."""
    parts: list[str] = []
    for path in sorted({*pre, *post}):
        before, after = pre.get(path), post.get(path)
        if before == after:
            continue
        old = "/dev/null" if before is None else f"a/{path}"
        new = "/dev/null" if after is None else f"b/{path}"
        lines = unified_diff(
            (before or "").splitlines(keepends=True), (after or "").splitlines(keepends=True), old, new
        )
        mode = "new file mode 100644\n" if before is None else ""
        parts.append(f"diff --git a/{path} b/{path}\n{mode}" + "".join(lines))
    return "".join(parts)
