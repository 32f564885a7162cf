"""A function as a patch leaves it, in two revisions: pairs for the behaviour engine, or why there is none.

Where the whole file is at hand, it is what the function is compared in. Where only hunks are, the function
must stand whole in them; beside it stands what else this patch or one before it shows whole of the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from ...fetch.series.assembly import Patch
from ...fetch.tree.source_tree import PatchedTree, SourceTree
from ..behaviour import Pair
from ..definition import Definition
from ..functions import changed_functions, outline
from ..images import FileChange, apply_to, images
from ..side import show
from .functions import FunctionInterdiff, Name
from .reading import read_files

HUNKS_ALONE = "what the hunks do not show of the file is the same in both revisions"
"""What a comparison of functions assumes that are whole in their hunks, but whose files are not at hand."""

_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedPatch:
    """A patch on what the patches of its revision before it leave."""

    changes: tuple[FileChange, ...]
    touched: frozenset[tuple[str, str]]
    """(path, name) of what it or a patch before it changes."""
    added: frozenset[tuple[str, str]]
    """(path, name) of the functions that it adds."""
    tree: PatchedTree
    """What it leaves."""
    shown: Mapping[str, Mapping[Name, Definition]]
    """By path what stands whole in its hunks, or in those of a patch before it that it leaves alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostImage:
    """A function after a patch, and the text that it stands in."""

    definition: Definition
    text: str
    """The whole file, or what is shown whole of it."""
    whole: bool
    """Whether the whole file is at hand."""
    names: frozenset[str]
    """What is defined in the text, where it is not the whole file."""


def apply_revision(patches: Sequence[Patch], tree: SourceTree) -> dict[int, AppliedPatch]:
    """Return by position each patch with its files before and after, on what the patches before it leave."""
    found: dict[int, AppliedPatch] = {}
    touched: set[tuple[str, str]] = set()
    shown: dict[str, dict[Name, Definition]] = {}
    for patch in patches:
        changes = images(read_files(patch), tree)
        tree = left = apply_to(tree, changes)
        added: set[tuple[str, str]] = set()
        for change in changes:
            functions = changed_functions(change)
            added |= {(change.path, one.name) for one in functions if one.pre is None}
            touched |= {(change.path, one.name) for one in functions}
            here = shown.setdefault(change.path, {})
            for function in functions:
                here.pop((function.symbol, function.name), None)
            here |= _shown_whole(change)
        kept = {path: dict(definitions) for path, definitions in shown.items()}
        found[patch.position] = AppliedPatch(
            changes=changes, touched=frozenset(touched), added=frozenset(added), tree=left, shown=kept
        )
    return found


def _shown_whole(change: FileChange) -> dict[Name, Definition]:
    if change.post is None or change.post.whole:
        return {}
    return {
        (one.first.symbol, one.first.name): one.define()
        for one in show(change.post, change.path)
        if one.whole and one.first.symbol != "other"
    }


def find_pair(
    function: FunctionInterdiff, before: AppliedPatch, after: AppliedPatch, differing: Set[str]
) -> tuple[Pair, bool] | str:
    """Return both post-images of a function and whether their files are whole; else why not, a clause.

    `differing` are names that by then only one of the revisions has changed, or both unlike: a function that
    uses one of them is compared only where that one's text is at hand too.
    """
    if function.symbol != "function":
        return "it is no function"
    one = post_image(function.former or function.name, function.former_path, before)
    other = post_image(function.name, function.path, after)
    if isinstance(one, str) or isinstance(other, str):
        why, which = (one, "earlier") if isinstance(one, str) else (other, "later")
        if {"added": "earlier", "dropped": "later"}.get(function.kind) == which:
            return f"the {which} revision does not touch it"
        return f"{why} in the {which} revision"
    for image in (one, other):
        own = {image.definition.name}
        unknown = set(_NAME.findall(image.definition.text)) & differing - image.names - own
        if unknown and not image.whole:
            return f"{min(unknown)}, which it uses, differs between the revisions and is not at hand whole"
    pair = Pair(pre=one.definition, post=other.definition, pre_text=one.text, post_text=other.text)
    return pair, one.whole and other.whole


def post_image(name: str, path: str, patch: AppliedPatch) -> PostImage | str:
    """Return the function as a patch leaves it; why it is not at hand, a clause, where it is not."""
    text = _whole_text(path, patch.tree)
    if text is not None:
        named = [one for one in outline(text, path) if one.symbol == "function" and one.name == name]
        if len(named) == 1:
            return PostImage(definition=named[0], text=text, whole=True, names=frozenset())
        return "it is not there" if not named else "it stands there several times (#ifdef)"
    change = next((one for one in reversed(patch.changes) if one.path == path), None)
    if change is None or change.post is None:
        return "the patch does not leave its file"
    shown = patch.shown.get(path, {})
    definition = _shown_whole(change).get(("function", name))
    if definition is None:
        return change.failure.detail.rstrip(".") if change.failure else "only a part of it is in the hunks"
    others = [one for key, one in shown.items() if key != ("function", name)]
    text = _placed(definition, others)
    return PostImage(
        definition=definition, text=text, whole=False, names=frozenset(name for _, name in shown)
    )


def _whole_text(path: str, tree: PatchedTree) -> str | None:
    """Return a file as the patch leaves it; None where it is not at hand with all patches so far."""
    content = None if path in tree.unknown else tree.read(path)
    if content is None:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _placed(definition: Definition, others: Sequence[Definition]) -> str:
    """Return a text with the definition at its own line, and the others below it."""
    texts = [one.text.removesuffix("\n") for one in (definition, *others)]
    return "\n" * (definition.start - 1) + "\n\n".join(texts) + "\n"
