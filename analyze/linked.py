"""Comments -> the lines of code that they speak of, also where they quote none: by the functions that a
sentence names and what else of the code stands in it.

A sentence that names a function which is defined once at hand is linked with that function: with the lines
that have most of the sentence's other names (flags, fields, calls, quoted code) where these are few, else
with the function's first line. What is found twice is not linked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..fetch.comment.quote import Comment
from ..fetch.tree.defined import find_defining
from ..fetch.tree.source_tree import SourceTree
from .definition import Definition
from .functions import outline
from .images import FileChange

MOST_LINKS = 6
"""Of one comment."""
MOST_SENTENCES = 60
MOST_COMMENTS = 400
MOST_LINES = 2
"""Lines of one function that one sentence is linked with; where more fit alike, it is the function."""
_SENTENCE = re.compile(r"(?<=[.?!;])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bcf\.)\s+|\n\s*\n")
_CALL = re.compile(r"(?<![\w>.])([A-Za-z_]\w{3,})\s?\(")
_MENTION = re.compile(r"(?<![\w>.])([A-Za-z_]\w{3,})\(\)")
_FLAG = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
_MEMBER = re.compile(r"(?:->|\.)([a-z_]\w{2,})\b")
_SNAKE = re.compile(r"\b[a-z]+[a-z0-9]*(?:_[a-z0-9]+)+\b")
_QUOTED = re.compile(r"`([^`\n]{3,80})`")
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place that a comment speaks of."""

    message_id: str
    """Of the comment."""
    number: int
    """Of the comment in its mail."""
    sentence: str
    function: str
    path: str
    side: str
    """"pre" or "post" of a patch, "tree" where only a tree at hand has it."""
    patch: str
    """Message-id of the patch, "" for a tree."""
    line: int
    """1-based in that file."""
    text: str
    """The line without blanks around it."""
    by: tuple[str, ...]
    """The names that the sentence and the line share, the function's first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A version of a file, to look names up in."""

    path: str
    text: str
    side: str
    patch: str = ""


def link_comments(
    comments: Sequence[Comment], changes: Iterable[tuple[str, Sequence[FileChange]]], tree: SourceTree
) -> tuple[Link, ...]:
    """Return what the comments speak of; `changes` are the patches' files by message-id."""
    told = {
        comment: sentences
        for comment in comments[:MOST_COMMENTS]
        if (sentences := [one for one in _sentences(comment.text) if _MENTION.search(one)])
    }
    if not told:
        return ()
    sources = list(_sources(changes))
    names = {name for sentences in told.values() for one in sentences for name in _MENTION.findall(one)}
    known = _defined(sources, names)
    lacking = sorted(names - known.keys())
    files = find_defining(tree, lacking)
    known |= _defined(
        [Source(path=path, text=text, side="tree") for path, text in files.items()], set(lacking)
    )
    found: list[Link] = []
    for comment, sentences in told.items():
        links = [link for sentence in sentences for link in _links(comment, sentence, known)]
        found += list({(link.path, link.line): link for link in reversed(links)}.values())[::-1][:MOST_LINKS]
    return tuple(found)


def _sentences(text: str) -> list[str]:
    parts = (" ".join(part.split()) for part in _SENTENCE.split(text))
    return [part for part in parts if part][:MOST_SENTENCES]


def _sources(changes: Iterable[tuple[str, Sequence[FileChange]]]) -> Iterator[Source]:
    """Yield the images at hand, the post-images first: a comment speaks of what the patch makes."""
    held = list(changes)
    for side in ("post", "pre"):
        for patch, files in held:
            for change in files:
                image = change.post if side == "post" else change.pre
                if (
                    image is not None
                    and image.whole
                    and image.fragments
                    and change.path.endswith((".c", ".h"))
                ):
                    yield Source(path=change.path, text=image.fragments[0].text, side=side, patch=patch)


def _defined(sources: Sequence[Source], names: set[str]) -> dict[str, tuple[Source, Definition]]:
    """Return where each function is defined, where that is one file only (the first version of it)."""
    places: dict[str, list[tuple[Source, Definition]]] = {}
    for source in sources:
        here = {name for name in names if name in source.text}
        for one in outline(source.text, source.path) if here else ():
            if one.symbol == "function" and one.name in here:
                places.setdefault(one.name, []).append((source, one))
    found = {}
    for name, several in places.items():
        first = [one for one in several if one[0] is several[0][0]]
        if len({one[0].path for one in several}) == 1 and len(first) == 1:
            found[name] = first[0]
    return found


def _links(comment: Comment, sentence: str, known: Mapping[str, tuple[Source, Definition]]) -> Iterator[Link]:
    names = list(dict.fromkeys(name for name in _MENTION.findall(sentence) if name in known))
    words = _code_words(sentence)
    for name in names:
        source, definition = known[name]
        others = words - {name}
        for line, by in _best(definition, others) or [(definition.start, ())]:
            yield Link(
                message_id=comment.message_id,
                number=comment.number,
                sentence=sentence,
                function=name,
                path=source.path,
                side=source.side,
                patch=source.patch,
                line=line,
                text=definition.text.split("\n")[line - definition.start].strip(),
                by=(name, *by),
            )


def _code_words(sentence: str) -> set[str]:
    """Return the names of a sentence that are code by their look."""
    words = {*_FLAG.findall(sentence), *_MEMBER.findall(sentence), *_SNAKE.findall(sentence)}
    words.update(_CALL.findall(sentence))
    for quoted in _QUOTED.findall(sentence):
        words.update(_WORD.findall(quoted))
    return words


def _best(definition: Definition, words: set[str]) -> list[tuple[int, tuple[str, ...]]]:
    """Return the lines below the first that have most of the words; [] where none has, or too many do."""
    shared: list[tuple[int, tuple[str, ...]]] = []
    lines = definition.text.split("\n")
    for number, text in enumerate(lines[1:], definition.start + 1):
        there = words & set(_WORD.findall(text.partition("/*")[0]))
        if there and not text.strip().startswith("*"):
            shared.append((number, tuple(sorted(there))))
    most = max((len(by) for _, by in shared), default=0)
    best = [one for one in shared if len(one[1]) == most]
    return best if len(best) <= MOST_LINES else []
