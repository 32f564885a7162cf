"""All revisions of a thread -> the images that follow from one another, by blob id alone.

An index line is an edge between two blobs: with either at hand, the hunks give the other, and its id
proves it. So one post-image in a tree, a newer one perhaps than the base, gives every image before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..fetch.tree.source_tree import PatchedTree, SourceTree, blob_id, has_id
from .apply import reverse
from .diff import FileDiff
from .images import MAX_REMEMBERED, Pair, apply_bytes

_KEY = 7
"""Hexadecimal digits that tell a thread's blobs apart; the whole abbreviations are compared as well."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """A diff in one direction: with the blob of id `known` at hand, that of id `wanted` follows."""

    diff: FileDiff
    path: str
    known: str
    wanted: str


def find_blobs(diffs: Iterable[FileDiff], tree: SourceTree) -> PatchedTree:
    """Return `tree` with every image that the thread's `diffs`, of all its revisions, prove out of it.

    Bounded: images beyond MAX_REMEMBERED bytes are not kept.
    """
    edges: dict[str, list[_Edge]] = {}
    for edge in _edges(diffs):
        edges.setdefault(edge.known[:_KEY], []).append(edge)
    derived: dict[str, bytes] = {}
    seen: set[str] = set()
    for key, group in edges.items():
        content = _root(group, tree) if key not in seen else None
        if content is not None:
            seen.add(key)
            _follow(key, content, edges, derived, seen)
    return PatchedTree(tree, {}, derived)


def _root(group: Sequence[_Edge], tree: SourceTree) -> bytes | None:
    """Return the image that these edges start from, if the tree holds it; added files start from nothing."""
    if not group[0].known:
        return b""
    names = {(edge.path, edge.known): None for edge in group}
    return next((content for name in names if (content := tree.read(*name)) is not None), None)


def _follow(
    key: str, content: bytes, edges: Mapping[str, Sequence[_Edge]], derived: dict[str, bytes], seen: set[str]
) -> None:
    """Walk the edges from one image, adding to `derived` what their blob ids prove."""
    queue = deque([(key, content)])
    size = sum(map(len, derived.values()))
    while queue:
        key, content = queue.popleft()
        for edge in edges.get(key, ()):
            start = edge.wanted[:_KEY]
            if start in seen or size > MAX_REMEMBERED:
                continue
            if edge.known and not has_id(content, edge.known):
                continue
            answer = apply_bytes(content, edge.diff)
            if isinstance(answer, Pair) and has_id(answer.content, edge.wanted):
                seen.add(start)
                size += len(answer.content)
                derived[blob_id(answer.content)] = answer.content
                queue.append((start, answer.content))


def _edges(diffs: Iterable[FileDiff]) -> Iterable[_Edge]:
    for diff in diffs:
        if diff.binary or not diff.hunks or diff.failure or diff.post_blob is None or diff.post_path is None:
            continue
        if diff.pre_path is None:  # an added file follows from nothing
            yield _Edge(diff, diff.post_path, "", diff.post_blob)
        elif diff.pre_blob is not None:
            yield _Edge(diff, diff.pre_path, diff.pre_blob, diff.post_blob)
            yield _Edge(reverse(diff), diff.post_path, diff.post_blob, diff.pre_blob)
