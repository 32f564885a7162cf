"""Functions that a patch gives another name, and nothing else: what calls them calls the same (rule I7)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from .definition import ChangedFunction, Definition
from .engine.lower.tabled import is_tabled
from .lexical import CONDITIONALS, scan

_TOKEN = re.compile(
    r"""[A-Za-z_]\w*+ | \.?\d(?:[eEpP][+-]|[\w.])*+ | "(?:[^"\\\n]++|\\.)*+"?+ | '(?:[^'\\\n]++|\\.)*+'?+
    | <<= | >>= | \.\.\. | -> | \+\+ | -- | << | >> | [-+*/%&|^<>=!]= | && | \|\| | \#\# | \S""",
    re.VERBOSE,
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_NAMING = re.compile(r"static_call\w*|guard|scoped_\w+|CLASS|__free")
_STATIC = re.compile(r"[^({]*\bstatic\b")
_REPLACED = re.compile(
    r"""(?P<kept> /\*(?:[^*]++|\*(?!/))*+(?:\*/)?+ | //[^\n]*+ | "(?:[^"\\\n]++|\\.)*+"?+
    | '(?:[^'\\\n]++|\\.)*+'?+ ) | [A-Za-z_]\w*+""",
    re.VERBOSE | re.DOTALL,
)


def find_renames(functions: Iterable[ChangedFunction]) -> dict[str, str]:
    """Return the names before -> after of the functions of one patch whose text is the same but for such
    names.

    A name counts where the version after has no changed function of the old name, and the one before none of
    the new; a function that changes in any other way counts for nothing.
    """
    functions = [one for one in functions if one.symbol == "function"]
    pairs: dict[str, list[tuple[Definition, Definition]]] = {}
    for one in functions:
        if one.pre is not None and one.post is not None and one.pre.name != one.post.name:
            pairs.setdefault(one.pre.name, []).append((one.pre, one.post))
    before = Counter(one.pre.name for one in functions if one.pre is not None)
    after = Counter(one.post.name for one in functions if one.post is not None)
    found = {}
    for old, both in pairs.items():
        (new, *others) = {post.name for _, post in both}
        counts = before[old], after[old], before[new], after[new]
        if not others and counts == (len(both), 0, 0, len(both)):  # of several, each stands under an #if
            found[old] = new
    while True:
        kept = {old: new for old, new in found.items() if all(_is_same(*both, found) for both in pairs[old])}
        if kept == found:
            return found
        found = kept


def _is_same(pre: Definition, post: Definition, names: Mapping[str, str]) -> bool:
    if not (pre.whole and post.whole and pre.clean and post.clean) or pre.config != post.config:
        return False
    tokens = _tokens(renamed(pre.text, names))
    return tokens is not None and tokens == _tokens(post.text)


def _tokens(text: str) -> list[str] | None:
    """Return a function's tokens; None where it holds directives other than conditionals."""
    source = scan(text)
    if any(one.name not in CONDITIONALS for one in source.directives):
        return None
    return _TOKEN.findall(source.code)


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return C text with each word that is one of `names` replaced, but in comments and literals."""

    def one(found: re.Match[str]) -> str:
        word = found.group()
        return word if found["kept"] else names.get(word, word)

    return _REPLACED.sub(one, text) if names else text


def usable(names: Mapping[str, str], before: str, after: str) -> dict[str, str]:
    """Return the names that can be replaced in the text before: there only the old one stands, and only the
    new one in the text after."""
    if not names:
        return {}
    old, new = _words(before), _words(after)
    return {one: two for one, two in names.items() if one in old - new and two in new - old}


def seen_from(path: str, names: Mapping[str, str], functions: Iterable[ChangedFunction]) -> dict[str, str]:
    """Return the names that a file sees: not those of static functions of another C file."""
    hidden = {
        one.pre.name
        for one in functions
        if one.pre is not None and one.path.endswith(".c") and one.path != path
        if _STATIC.match(one.pre.text)
    }
    return {old: new for old, new in names.items() if old not in hidden}


def unclear(names: Mapping[str, str], before: str, after: str) -> tuple[str, ...]:
    """Return the old names that one of the texts may use for something else than the function: as a field or
    tag, or in what a macro is given, which may paste it, make a string of it, or look for more under it."""
    found: set[str] = set()
    for text, words in (
        (before, {old: old for old in names}),
        (after, {two: one for one, two in names.items()}),
    ):
        source = scan(text)
        defines = [one.argument for one in source.directives if one.name == "define"]
        pasting = {_WORD.findall(one)[0] for one in defines if "#" in one and _WORD.search(one)}
        for code, depth in ((source.mask, 0), *((one, 1) for one in defines)):
            found |= {words[one] for one in _odd_uses(code, depth, words, pasting)}
    return tuple(old for old in names if old in found)


def _odd_uses(code: str, depth: int, words: Collection[str], pasting: Collection[str]) -> Iterator[str]:
    """Yield those words of a text that stand behind `.`, `->` or `struct`, beside a `##`, or anywhere inside
    the arguments of a macro that the engine's tables do not speak of; none of file level (EXPORT_SYMBOL)."""
    before, around = "", [""]
    for word in _TOKEN.findall(code):
        if word in words and depth > 0:
            odd = before in (".", "->", "struct", "union", "enum", "##", "#")
            if odd or any(one in pasting or _may_name(one) for one in around):
                yield word
        if word == "##" and before in words:
            yield before
        if word == "(":
            around.append(before)
        elif word == ")" and len(around) > 1:
            around.pop()
        elif word in "{}":
            depth += 1 if word == "{" else -1
        before = word


def _may_name(macro: str) -> bool:
    """Say whether what goes by this name may make other names of those that it is given."""
    return _NAMING.fullmatch(macro) is not None or (macro.isupper() and not is_tabled(macro))


def _words(text: str) -> set[str]:
    """Return the words of C text outside of comments and literals."""
    return {found.group() for found in _REPLACED.finditer(text) if not found["kept"]}


def renamed_definition(definition: Definition, names: Mapping[str, str]) -> Definition:
    """Return a definition under the new names."""
    name = names.get(definition.name, definition.name)
    return replace(definition, name=name, text=renamed(definition.text, names))
