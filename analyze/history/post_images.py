"""A function as a patch leaves it, in two revisions: pairs for the behaviour engine, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...fetch.series.assembly import Patch
from ...fetch.tree.source_tree import SourceTree
from ..behaviour import Pair
from ..definition import Definition
from ..functions import outline
from ..images import FileChange, apply_to, images
from ..side import show
from .functions import FunctionInterdiff
from .reading import read_files

HUNKS_ALONE = "what the hunks do not show of the file is the same in both revisions"
"""What a comparison of functions assumes that are whole in their hunks, but whose files are not at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostImage:
    """A function after a patch, and the text that it stands in."""

    definition: Definition
    text: str
    """The whole file, or what the hunks show whole of it, each at its own line."""
    whole: bool
    """Whether the whole file is at hand."""


def apply_revision(patches: Sequence[Patch], tree: SourceTree) -> dict[int, tuple[FileChange, ...]]:
    """Return by position each patch's files before and after, on what the patches before it leave."""
    found: dict[int, tuple[FileChange, ...]] = {}
    for patch in patches:
        found[patch.position] = changes = images(read_files(patch), tree)
        tree = apply_to(tree, changes)
    return found


def find_pair(
    function: FunctionInterdiff, before: Sequence[FileChange], after: Sequence[FileChange]
) -> tuple[Pair, bool] | str:
    """Return both post-images of a function and whether their files are whole; else why not, a clause."""
    if function.symbol != "function":
        return "it is no function"
    if function.kind == "added":
        return "the earlier revision leaves it as it was"
    if function.kind == "dropped":
        return "the later revision leaves it as it was"
    one = post_image(function.name, function.former_path, before)
    other = post_image(function.name, function.path, after)
    if isinstance(one, str) or isinstance(other, str):
        why, which = (one, "earlier") if isinstance(one, str) else (other, "later")
        return f"{why} in the {which} revision"
    pair = Pair(pre=one.definition, post=other.definition, pre_text=one.text, post_text=other.text)
    return pair, one.whole and other.whole


def post_image(name: str, path: str, changes: Sequence[FileChange]) -> PostImage | str:
    """Return the function as a patch leaves it; why it is not at hand, a clause, where it is not."""
    change = next((one for one in reversed(changes) if one.path == path), None)
    if change is None or change.post is None:
        return "the patch does not leave its file"
    if change.post.whole:
        text = change.post.fragments[0].text if change.post.fragments else ""
        named = [one for one in outline(text, path) if one.symbol == "function" and one.name == name]
        if len(named) == 1:
            return PostImage(definition=named[0], text=text, whole=True)
        return "it is not there" if not named else "it stands there several times (#ifdef)"
    shown = [one.define() for one in show(change.post, path) if one.whole and one.first.symbol != "other"]
    named = [one for one in shown if one.symbol == "function" and one.name == name]
    if len(named) != 1:
        return (
            f"{change.failure.detail.rstrip('.')}" if change.failure else "only a part of it is in the hunks"
        )
    return PostImage(definition=named[0], text=_placed(shown), whole=False)


def _placed(definitions: Sequence[Definition]) -> str:
    """Return a text with each definition at its own line, and empty lines between."""
    lines: list[str] = []
    for one in sorted(definitions, key=lambda one: one.start):
        if one.start > len(lines):
            lines += [""] * (one.start - 1 - len(lines))
            lines += one.text.removesuffix("\n").split("\n")
    return "\n".join(lines) + "\n"
