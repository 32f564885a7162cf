"""The header of one file's diff -> its paths, blob ids and modes (git-diff(1); diff -u, diff -r, hg, svn)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..fetch.tree.source_tree import refuse_path

DEV_NULL = "/dev/null"
_INDEX = re.compile(r"index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: |$)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_ESCAPES = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}
_TIME = re.compile(r" +(?:\w{3} \w{3} +\d{1,2} |\d{4}-\d\d-\d\d |\((?:revision|working copy|nonexistent)\b)")
_REVISION = re.compile(r"(?: -r [0-9a-f]+)+ +(\S.*)")
_LETTERS = frozenset("abciow12")
"""Of git's prefixes: a/ b/, and with diff.mnemonicPrefix c/ i/ o/ w/ and 1/ 2/ (git-config(1))."""


@dataclass(slots=True)
class Header:
    """What a file's header says."""

    pre_path: str | None = None
    """None: there is no file before."""
    post_path: str | None = None
    """None: there is no file after."""
    pre_blob: str | None = None
    post_blob: str | None = None
    mode_changed: bool = False
    copied: bool = False
    complaint: str = ""
    """Why the file's paths are not to be used; "" where they are."""


def parse_header(lines: Sequence[str], added: bool, removed: bool) -> Header:
    """Read a file's header; `added` and `removed` are what its hunks say (-0,0 and +0,0).

    These count only where no git header tells.
    """
    header = Header()
    says: dict[str, str] = {}
    for line in lines:
        for word in _WORDS:
            if line.startswith(word):
                says.setdefault(word, line[len(word) :].rstrip("\r"))
                break
    if index := _INDEX.match("index " + says.get("index ", "")):
        header.pre_blob, header.post_blob = (blob if blob.strip("0") else None for blob in index.groups())
    header.mode_changed = "old mode " in says or "new mode " in says
    header.copied = "copy from " in says
    git = "diff --git " in says
    is_new = "new file mode " in says or (added and not git)
    is_gone = "deleted file mode " in says or (removed and not git)
    pre, post = _names(says)
    header.pre_path = None if is_new or pre == DEV_NULL else pre
    header.post_path = None if is_gone or post == DEV_NULL else post
    _complain(header)
    return header


_WORDS = (
    "diff --git ", "diff --cc ", "diff --combined ", "diff -", "--- ", "+++ ", "index ",
    "old mode ", "new mode ", "new file mode ", "deleted file mode ",
    "rename from ", "rename to ", "rename old ", "rename new ",
    "copy from ", "copy to ", "Binary file",
)  # fmt: skip


def _names(says: dict[str, str]) -> tuple[str, str]:
    """Return the paths before and after, without prefixes; "" where the header does not tell."""
    for word in ("rename from ", "rename old ", "copy from "):
        after = word.replace("from", "to").replace("old", "new")
        if word in says and after in says:
            return _plain(says[word]), _plain(says[after])
    git = "diff --git " in says
    first, second = _pair(says)
    if "--- " in says and "+++ " in says:
        pre, post = _file_name(says["--- "], git), _file_name(says["+++ "], git)
        if pre == DEV_NULL:
            return pre, _strip_lone(post, first)
        if post == DEV_NULL:
            return _strip_lone(pre, second), post
        pre, post = strip_prefixes(pre, post)
    else:
        pre, post = strip_prefixes(first, second)
    return post, post  # without rename headers the names differ by suffixes alone: x.c~fix and x.c


def _complain(header: Header) -> None:
    paths = [path for path in (header.pre_path, header.post_path) if path is not None]
    if not any(paths):
        header.complaint = "its header names no file"
    for path in paths:
        if path and (why := refuse_path(path)):
            header.complaint = f"the path {path[:200]!r} is refused: {why}"


def strip_prefixes(pre: str, post: str) -> tuple[str, str]:
    """Take "a/" and "b/", or the two directories that `diff -r` was given, from a pair of names.

    Names that begin alike ("mm/gup.c" twice) have none. What begins with "/" after that is refused later.
    """
    pre_top, pre_slash, pre_rest = pre.partition("/")
    post_top, post_slash, post_rest = post.partition("/")
    if not pre_slash or not post_slash:
        return pre, post
    letters = pre_top in _LETTERS and post_top in _LETTERS and (pre_top != post_top or pre_top == "a")
    if letters or (pre_top != post_top and pre_top and post_top and _same_file(pre_rest, post_rest)):
        return pre_rest, post_rest
    return pre, post


def _strip_lone(name: str, other: str) -> str:
    """Take the prefix from a name opposite /dev/null; `other` is what the "diff" line has there, or ""."""
    top, _, rest = name.partition("/")
    if top in ("a", "b") and rest and other != name:
        return rest
    return strip_prefixes(name, other)[0]


def _same_file(pre: str, post: str) -> bool:
    return pre == post or pre.startswith(post + "~") or pre == post + ".orig"


def _pair(says: dict[str, str]) -> tuple[str, str]:
    """Return the two names of the "diff" or "Binary files" line as they stand; "" where there are none."""
    if "diff --git " in says:
        return _split(says["diff --git "])
    for word in ("diff --cc ", "diff --combined "):
        if word in says:
            return _plain(says[word]), _plain(says[word])
    if "diff -" in says:
        if found := _REVISION.match(" -" + says["diff -"]):  # Mercurial: diff -r REVISION [-r REVISION] NAME
            return found[1], found[1]
        words = says["diff -"].split()
        if len(words) >= 3:
            return words[-2], words[-1]
    if "Binary file" in says:
        pre, _, post = says["Binary file"].lstrip("s").strip().removesuffix(" differ").partition(" and ")
        return _plain(pre), _plain(post.strip() or pre)
    return "", ""


def _split(text: str) -> tuple[str, str]:
    """Split "a/NAME b/NAME", where NAME may hold blanks: there both names are the same (git's apply.c)."""
    if quoted := _QUOTED.match(text):
        return _unquote(quoted[1]), _plain(text[quoted.end() :].strip())
    if text.endswith('"') and ' "' in text:
        first, _, second = text.partition(' "')
        return first, _plain('"' + second)
    middle = len(text) // 2
    if text[middle : middle + 1] == " ":
        first, second = text[:middle], text[middle + 1 :]
        if first.partition("/")[2] == second.partition("/")[2]:
            return first, second
    first, _, second = text.partition(" ")
    return first, second


def _file_name(text: str, git: bool) -> str:
    """Read the name of a "---" or "+++" line: quoted, or up to a tab; outside git also up to a time."""
    if text.startswith('"'):
        return _plain(text)
    name = text.partition("\t")[0]
    if not git and len(name) <= 4096:
        name = _TIME.split(name, maxsplit=1)[0]
    return name.rstrip()


def _plain(text: str) -> str:
    quoted = _QUOTED.match(text)
    return _unquote(quoted[1]) if quoted else text


def _unquote(text: str) -> str:
    """Undo git's C quoting (quote.c): bytes in octal, which are UTF-8 unless they cannot be."""

    def byte(escape: re.Match[bytes]) -> bytes:
        code = escape[1]
        return bytes([_ESCAPES[code] if code in _ESCAPES else int(code, 8) & 255])

    content = _ESCAPE.sub(byte, text.encode("utf-8", "replace"))
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")
