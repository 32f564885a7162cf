"""Patch + tree -> pre-image and post-image of every file, checked against the blob ids.

The order in which a pre-image is looked for, and what each answer lets us claim: docs/trees.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..fetch.mail.note import Note
from ..fetch.tree.source_tree import PatchedTree, SourceTree, blob_id, candidates, has_id, refuse_path
from .apply import Applied, Conflict, apply_hunks, hunk_sides, reverse
from .diff import FileDiff

MAX_IMAGES = 256 << 20
"""Bytes of whole images that one patch may ask for; its further files are shown by their hunks."""
MAX_REMEMBERED = 256 << 20
"""Bytes of post-images that stay at hand for the thread's other patches; the oldest go first."""
MAX_TRIED = 8
"""Trees (and blobs of one abbreviated id) that are tried for a file."""
ALONE = "hunks alone"
ITSELF = "the patch itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A run of consecutive lines of a file."""

    start: int
    """1-based number of its first line."""
    text: str
    section: str = ""
    """The hunk's section heading: the line that opens the enclosing function, as git guessed it, or ""."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A file before or after: one Fragment from line 1 where it is whole, else what the hunks show."""

    fragments: tuple[Fragment, ...]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file of a patch, before and after."""

    path: str
    diff: FileDiff
    pre: Image | None
    """None for an added file."""
    post: Image | None
    """None for a removed file."""
    verified: bool | None
    """Whether the post-image's blob id agrees: True, False, or None where it cannot be told."""
    source: str
    """Where the pre-image came from, for people: "TREE, by blob id", "earlier patch of the thread, ..."."""
    failure: Note | None
    """Why the patch does not apply, with the hunk; the images are then those of the hunks alone."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both images of a file, whole."""

    pre: str
    post: str
    content: bytes
    """The post-image as the file has it."""
    offset: bool
    """Whether a hunk stood elsewhere than its header says."""


def images(diffs: Sequence[FileDiff], tree: SourceTree) -> tuple[FileChange, ...]:
    """Return every file of one patch before and after, in order. Never raises on a diff.

    `tree` is what the patch applies to: the base with the thread's earlier patches (apply_to). Of two diffs
    of one file within the patch the second applies to what the first made, as `git apply` has it.
    """
    changes: list[FileChange] = []
    done: dict[str, bytes | None] = {}
    spent = 0
    for diff in diffs:
        if spent > MAX_IMAGES:
            why = f"the patch's whole files have more than {MAX_IMAGES >> 20} MB together"
            changes.append(_alone(diff, Note(kind="size", detail=f"{diff.path}: {why}.")))
            continue
        again = diff.pre_path in done and diff.pre_path == diff.post_path
        change = _change(diff, PatchedTree(tree, done) if again else tree)
        if change.post and change.post.whole and diff.post_path:
            done[diff.post_path] = content_of(change)
        whole = [image for image in (change.pre, change.post) if image and image.whole]
        spent += sum(len(image.fragments[0].text) for image in whole)
        changes.append(change)
    return tuple(changes)


def apply_to(tree: SourceTree, changes: Sequence[FileChange]) -> PatchedTree:
    """Return `tree` with one patch's changes applied: what the thread's next patch applies to.

    A file whose post-image is not whole becomes `unknown`; what the tree held there stays readable.
    """
    patched = tree if isinstance(tree, PatchedTree) else PatchedTree(tree, {})
    files, blobs, unknown = dict(patched.files), dict(patched.blobs), set(patched.unknown)
    for change in changes:
        pre_path, post_path = change.diff.pre_path, change.diff.post_path
        if pre_path and pre_path != post_path and not change.diff.copied:
            files[pre_path] = None
            unknown.discard(pre_path)
    for change in changes:
        post_path = change.diff.post_path
        if not post_path or refuse_path(post_path):
            continue
        if change.post is None or not change.post.whole:
            unknown.add(post_path)
            continue
        content = files[post_path] = content_of(change)
        blobs[blob_id(content)] = content
        if not _is_stale(patched, change):
            unknown.discard(post_path)
    forget(blobs)
    return PatchedTree(patched.base, files, blobs, frozenset(unknown))


def forget(blobs: dict[str, bytes]) -> None:
    """Drop the oldest images until the rest fit into MAX_REMEMBERED."""
    size = sum(map(len, blobs.values()))
    while size > MAX_REMEMBERED:
        size -= len(blobs.pop(next(iter(blobs))))


def content_of(change: FileChange) -> bytes:
    """Return a whole post-image's bytes."""
    assert change.post is not None
    text = change.post.fragments[0].text
    blob = change.diff.post_blob
    for encoding in ("utf-8", "latin-1"):
        content = _encode(text, encoding)
        if blob is None or has_id(content, blob):
            return content
    return _encode(text, "utf-8")


def apply_bytes(content: bytes, diff: FileDiff) -> Pair | Conflict:
    """Apply a file's hunks to its bytes. A file whose lines all end in CR LF takes hunks that lost their CR.

    Text is UTF-8 where it can be, else ISO 8859-1, as old kernel files are.
    """
    try:
        pre, encoding = content.decode(), "utf-8"
    except UnicodeDecodeError:
        pre, encoding = content.decode("latin-1"), "latin-1"
    answer = apply_hunks(pre, diff)
    if isinstance(answer, Applied):
        return Pair(pre, answer.text, _encode(answer.text, encoding), any(answer.offsets))
    if "\r\n" in pre and pre.count("\r\n") == pre.count("\n"):
        second = apply_hunks(pre.replace("\r\n", "\n"), diff)
        if isinstance(second, Applied):
            post = second.text.replace("\n", "\r\n")
            return Pair(pre, post, _encode(post, encoding), any(second.offsets))
    return answer


def _encode(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:  # lone surrogates, or a letter that ISO 8859-1 lacks
        return text.encode("utf-8", "replace")


def _change(diff: FileDiff, tree: SourceTree) -> FileChange:
    if diff.binary:
        return _alone(diff, diff.failure, "binary file: not read")
    if diff.failure and not diff.hunks:
        return _alone(diff, diff.failure)
    paths = [path for path in (diff.pre_path, diff.post_path) if path is not None]
    if not paths or any(refuse_path(path) for path in paths):
        return _alone(diff, diff.failure)
    if diff.pre_path is None:
        return _added(diff)
    exact = _exact(diff, diff.pre_path, tree)
    return exact if exact is not None else _by_path(diff, diff.pre_path, tree)


def _added(diff: FileDiff) -> FileChange:
    answer = apply_bytes(b"", diff)
    if isinstance(answer, Conflict):
        return _alone(diff, diff.failure or _conflict_note(diff, "an empty file", answer))
    return _whole(diff, answer, exact=True, source=ITSELF)


def _exact(diff: FileDiff, path: str, tree: SourceTree) -> FileChange | None:
    """Return the change where the pre-image is at hand by its id: as such, or by taking the patch back."""
    if diff.pre_blob is None:
        return None
    conflict: FileChange | None = None
    for content, name in _tried(tree, path, diff.pre_blob):
        answer = apply_bytes(content, diff)
        if isinstance(answer, Pair):
            return _whole(diff, answer, exact=True, source=f"{name}, by blob id")
        note = _conflict_note(diff, f"{name}, though that is the file which the index line names", answer)
        conflict = conflict or _alone(diff, diff.failure or note, f"{ALONE}; {name} has the file by blob id")
    if conflict is None and diff.post_blob is not None and diff.post_path is not None:
        for content, name in _tried(tree, diff.post_path, diff.post_blob):
            back = apply_bytes(content, reverse(diff))
            if isinstance(back, Pair) and has_id(back.content, diff.pre_blob):
                pair = Pair(back.post, back.pre, content, back.offset)
                return _whole(diff, pair, exact=True, source=f"{name}, by the post-image's blob id")
    return conflict


def _by_path(diff: FileDiff, path: str, tree: SourceTree) -> FileChange:
    """Return the change with the first file at its path that takes the hunks, else the hunks alone."""
    best: tuple[Conflict, str] | None = None
    for content, name in _tried(tree, path, None):
        answer = apply_bytes(content, diff)
        if isinstance(answer, Pair):
            lacks = isinstance(tree, PatchedTree) and path in tree.unknown
            source = f"{name}, by path" + (" and without an earlier patch of this file" if lacks else "")
            return _whole(diff, answer, exact=False, source=source)
        if best is None or answer.hunk > best[0].hunk:
            best = answer, name
    taken_back = _taken_back(diff, tree)
    if taken_back is not None:
        return taken_back
    note = diff.failure
    if note is None and best is not None:
        note = _conflict_note(diff, best[1], best[0])
    return _alone(diff, note)


def _taken_back(diff: FileDiff, tree: SourceTree) -> FileChange | None:
    """Return the change where a tree has the patch already: taken back at the very lines that it names."""
    if diff.post_path is None or not diff.hunks or diff.copied:
        return None
    for content, name in _tried(tree, diff.post_path, None):
        back = apply_bytes(content, reverse(diff))
        if isinstance(back, Pair) and not back.offset:
            pair = Pair(back.post, back.pre, content, back.offset)
            source = f"{name}, by path: the patch is in it already, and was taken back"
            return _whole(diff, pair, exact=False, source=source)
    return None


def _tried(tree: SourceTree, path: str, blob: str | None) -> Iterator[tuple[bytes, str]]:
    for number, found in enumerate(candidates(tree, path, blob)):
        if number == MAX_TRIED:
            return
        yield found.content, found.name


def _is_stale(tree: PatchedTree, change: FileChange) -> bool:
    return change.diff.path in tree.unknown and change.verified is not True


def _whole(diff: FileDiff, pair: Pair, *, exact: bool, source: str) -> FileChange:
    """Build the change out of whole images, and check it against the post-image's blob id."""
    verified: bool | None = None
    failure = diff.failure
    if diff.post_path is None:
        if pair.post:
            note = f"{diff.path}: the patch removes the file, and its hunks leave some of it in {source}."
            return _alone(diff, failure or Note(kind="conflict", detail=note))
        verified = True if exact and diff.pre_blob else None
    elif diff.post_blob is not None and len(diff.post_blob) <= 40:
        agrees = has_id(pair.content, diff.post_blob)
        verified = agrees if exact or agrees else None
    if verified:
        failure = None  # the id proves the text, whatever the headers say
    if failure is not None:
        return _alone(diff, failure)
    return FileChange(
        path=diff.path,
        diff=diff,
        pre=None if diff.pre_path is None else _image(pair.pre),
        post=None if diff.post_path is None else _image(pair.post),
        verified=verified,
        source=source,
        failure=None,
    )


def _image(text: str) -> Image:
    return Image(fragments=(Fragment(start=1, text=text),), whole=True)


def _alone(diff: FileDiff, failure: Note | None, source: str = ALONE) -> FileChange:
    """Build the change out of what the hunks show."""
    pre, post = [], []
    for hunk in diff.hunks:
        before, after = hunk_sides(hunk)
        if before:
            pre.append(Fragment(start=max(hunk.pre_start, 1), text="".join(before), section=hunk.section))
        if after:
            post.append(Fragment(start=max(hunk.post_start, 1), text="".join(after), section=hunk.section))
    is_added = diff.pre_path is None and diff.post_path is not None
    is_removed = diff.post_path is None and diff.pre_path is not None
    return FileChange(
        path=diff.path,
        diff=diff,
        pre=None if is_added else Image(fragments=tuple(pre), whole=False),
        post=None if is_removed else Image(fragments=tuple(post), whole=False),
        verified=None,
        source=source,
        failure=failure,
    )


def _conflict_note(diff: FileDiff, where: str, conflict: Conflict) -> Note:
    return Note(kind="conflict", detail=f"{diff.path}: does not apply to {where}: {conflict.reason}.")
