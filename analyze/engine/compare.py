"""Two versions of a function -> a Delta. What the rest of lorelens calls (rules B6, B7)."""

from __future__ import annotations

from dataclasses import replace

from ..definition import Definition
from ..functions import outline
from .comparison import CompareOptions as CompareOptions
from .comparison import Comparison, kinds
from .comparison import blank_delta as blank_delta
from .delta import Delta as Delta
from .delta import Difference as Difference
from .delta import Reason as Reason
from .delta import Unchanged as Unchanged
from .delta import Witness as Witness
from .environment import Environment
from .surroundings import Surroundings

NOTHING = Witness(parameters=(), cells=(), constants=(), config=(), before=(), after=())


def compare(
    pre: Definition | None,
    post: Definition | None,
    pre_environment: Environment | None,
    post_environment: Environment | None,
    options: CompareOptions | None = None,
) -> Delta:
    """Compare two versions of a function; None is a version that does not have it. One of them must be given.

    An environment is what the definition's file defines; None where only the definition's own text is at
    hand.
    """
    options = options or CompareOptions()
    one = pre or post
    assert one is not None
    if pre is None or post is None:
        return _added_or_removed(pre, post)
    before = pre_environment or Environment.from_text(pre.path, pre.text)
    after = post_environment or Environment.from_text(post.path, post.text)
    if not (pre.whole and post.whole):
        reason = Reason(code="unparsed", text="only the lines that the hunks show are at hand")
        return replace(blank_delta(post, kinds(pre, post)), reason=reason)
    return Comparison(before, after, options).compare(pre.name, pre, post)


def compare_texts(
    pre_text: str,
    post_text: str,
    function: str | None = None,
    budget: float = 10.0,
    path: str = "",
    by_text: bool = True,
) -> tuple[Delta, ...]:
    """Compare two C files; with `function` only it, else every function that differs or whose surroundings
    do.

    `budget` is in seconds for each function. A name that neither file defines gives ().
    """
    before = Environment.from_text(path, pre_text)
    after = Environment.from_text(path, post_text)
    options = CompareOptions(budget=budget, by_text=by_text)
    return tuple(
        compare(pre, post, before, after, options)
        for pre, post in select(pre_text, post_text, function, path)
    )


def select(
    pre_text: str, post_text: str, function: str | None = None, path: str = ""
) -> tuple[tuple[Definition | None, Definition | None], ...]:
    """Return the functions of two C files that are to be compared, those of the version after first.

    With `function` only it, else every function that differs, that only one file has, or whose surroundings
    (B7) differ. Functions are matched by name and preprocessor condition.
    """
    around = Surroundings(Environment.from_text(path, pre_text), Environment.from_text(path, post_text))
    old = {(one.name, one.config): one for one in outline(pre_text, path) if one.symbol == "function"}
    new = {(one.name, one.config): one for one in outline(post_text, path) if one.symbol == "function"}
    found = []
    for key in dict.fromkeys((*new, *old)):
        if function is not None and key[0] != function:
            continue
        pre, post = old.get(key), new.get(key)
        same = pre is not None and post is not None and pre.text == post.text
        if function is not None or not same or around.changed(key[0]):
            found.append((pre, post))
    return tuple(found)


def _added_or_removed(pre: Definition | None, post: Definition | None) -> Delta:
    one = post or pre
    assert one is not None
    words = ("no such function", "defined") if pre is None else ("defined", "no such function")
    row = Difference(
        when="always",
        effect="call",
        before=words[0],
        after=words[1],
        witness=NOTHING,
        line_before=None,
        line_after=None,
        replay_reason="one version has no such function",
    )
    kind = ("added",) if pre is None else ("removed",)
    return replace(blank_delta(one, kind), verdict="changed", reason=None, differences=(row,))
