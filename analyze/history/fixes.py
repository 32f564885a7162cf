"""Fixes that the -mm tree's keeper folds into a patch, held against the comments on that patch."""

from __future__ import annotations

from collections.abc import Iterable

from ...fetch.comment.quote import Comment
from ...fetch.series.assembly import Patch
from ...fetch.series.tree_notes import TreeNote
from .facts import Fixed
from .related import stems
from .spoken import TELLING, Block
from .texts import diff_text

MOST_LINES = 12


def find_fix(
    comment: Comment, patch: Patch | None, block: Block | None, notes: Iterable[TreeNote]
) -> Fixed | None:
    """Return the first later fix of the patch that takes out the last quoted line."""
    if patch is None or block is None or block.sign != "+" or len(block.keys[-1]) < TELLING:
        return None
    for note in notes:
        message = note.message
        early = message.date is not None and comment.date is not None and message.date <= comment.date
        if note.kind != "fix" or note.patch != patch.message.message_id or early:
            continue
        text = diff_text(note.diff)
        if text.stands(block.path, "-", [block.keys[-1]]):
            added = [
                shown
                for line, shown in zip(text.lines, text.shown, strict=True)
                if line.path == block.path and line.sign == "+"
            ]
            shared = stems(comment.text) & stems(f"{note.title} {message.body}")
            answers = comment.message_id in (message.in_reply_to, *message.references) or len(shared) > 1
            return Fixed(
                message_id=message.message_id,
                title=note.title,
                after=tuple(added[:MOST_LINES]),
                answers=answers,
            )
    return None
