"""Random loops and rewrites of them: peeled, split, fused, unrolled, reversed, hoisted out of, bounds by one.

Some rewrites keep what the loop does, some do not, most may do either: what they do is for the oracle
(native.py) to say. Types, names and callees are those of fuzz_world.h.
"""

# ruff: noqa: E501 -- lines of C

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from .fuzz import HEAD, LOCALS, STARTS, Program, line

PLAIN_END = "z + y + (t ^ w) + c + s + ok * 3 + i * 5"
COUNTERS = ("i", "i", "t", "c", "s")
BOUNDS = ("e", "e", "(a & 7)", "(b & 15)", "a", "b", "s0", "3", "(p->n & 7)", "p->c", "d")
QUIET = (
    "y += 2;",
    "z += @;",
    "z += y;",
    "y ^= @;",
    "w += 3;",
    "y = @;",
    "ok = !ok;",
    "w = w * 3 + 1;",
    "z -= 1;",
)
LOUD = (
    "g(@);", "g(7);", "y = g(y);", "v[@ & 3] = @;", "v[1] = y;", "p->n = y;", "p->m += @;", "h(@, p);", "put(p);",
    "gx = @;", "ok = more();", "z += p->l;", "y += v[@ & 3];", "q->u = y;",
)  # fmt: skip
LEAVING = ("if (y > 40) break;", "if (more()) break;", "if (@ == 5) break;", "if (z == 12) break;")
TESTS = ("o", "a > 3", "p->ok", "b & 1", "y == 2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A counting loop; @ stands for its counter."""

    counter: str
    start: str
    condition: str
    step: str
    body: tuple[str, ...]

    def named(self, words: str) -> str:
        """Return words with the counter in them."""
        return words.replace("@", self.counter)

    def inside(self) -> str:
        """Return the body and the step."""
        return self.named(" ".join((*self.body, self.step)))

    def first(self) -> str:
        """Return the counter's start."""
        return self.named(f"@ = {self.start};")

    def test(self) -> str:
        """Return the condition."""
        return self.named(self.condition)

    def leaves(self) -> bool:
        """Say whether the body may leave the loop."""
        return any("break" in words for words in self.body)

    def text(self) -> str:
        """Return it as it stands."""
        return f"{self.first()} while ({self.test()}) {{ {self.inside()} }}"


def pair(seed: int) -> tuple[str, str, str]:
    """Return two texts and the names of the rewrites between them."""
    rng = Random(seed)
    loop = _loop(rng)
    before = loop.text()
    name, rewrite = rng.choice(REWRITES)
    after = rewrite(rng, loop)
    names = [name]
    if rng.random() < 0.45:
        after = _nudged(rng, after)
        names.append("nudge")
    if rng.random() < 0.3:
        before, after = after, before
    tail = "i = j = 0; t = 0; c = 0; s = 0;" if rng.random() < 0.8 else ""
    other = f"{rng.choice(QUIET).replace('@', 'a')} " if rng.random() < 0.3 else ""
    objects = rng.random() < 0.25
    before, after = (_program(f"{other}{words} {tail}", objects) for words in (before, after))
    return before, after, "+".join(names)


def _program(words: str, objects: bool) -> str:
    """Return a function around a loop; with `objects` it has locals whose address is taken, too."""
    if objects:
        return Program([line("short s0 = d;"), line(words)], dict(LOCALS), {}).text()
    declared = "".join(f"\t{of} {name} = {STARTS[name]};\n" for name, of in LOCALS.items())
    return f"{HEAD}\n{{\n{declared}\tshort s0 = d;\n\t{words}\n\treturn {PLAIN_END};\n}}\n"


def _loop(rng: Random) -> Loop:
    counter, bound = rng.choice(COUNTERS), rng.choice(BOUNDS)
    start, condition, step = rng.choice(
        (
            ("0", f"@ < {bound}", "@++;"),
            ("0", f"@ < {bound}", "@++;"),
            ("0", f"@ < {bound}", "@++;"),
            ("1", f"@ <= {bound}", "@++;"),
            ("0", f"@ <= {bound}", "@++;"),
            ("0", f"@ != {bound}", "@++;"),
            ("0", f"@ < {bound}", "@ += 2;"),
            (bound, "@ > 0", "@--;"),
            (bound, "@ != 0", "@--;"),
            (bound, "@ >= 0", "@--;"),
            (bound, "@ > 0", "@ /= 2;"),
        )
    )
    loud = rng.random() < 0.6
    body = [rng.choice(LOUD if loud and rng.random() < 0.6 else QUIET) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.25:
        body.insert(rng.randint(0, len(body)), rng.choice(LEAVING))
    if rng.random() < 0.3:
        body.append(f"if ({rng.choice(TESTS)}) {{ {rng.choice(QUIET + LOUD)} }}")
    return Loop(counter=counter, start=start, condition=condition, step=step, body=tuple(body))


def _peeled(rng: Random, loop: Loop) -> str:
    """The first turn stands in front; one that may leave does so by goto."""
    once = loop.inside().replace("break;", "goto past;")
    return (
        f"{loop.first()} if ({loop.test()}) {{ {once} while ({loop.test()}) {{ {loop.inside()} }} }} past: ;"
    )


def _unguarded(rng: Random, loop: Loop) -> str:
    once = loop.inside().replace("break;", "goto past;")
    return f"{loop.first()} {once} while ({loop.test()}) {{ {loop.inside()} }} past: ;"


def _turned(rng: Random, loop: Loop) -> str:
    return f"{loop.first()} if ({loop.test()}) do {{ {loop.inside()} }} while ({loop.test()});"


def _unrolled(rng: Random, loop: Loop) -> str:
    between = "" if rng.random() < 0.2 else f"if (!({loop.test()})) break; "
    return f"{loop.first()} while ({loop.test()}) {{ {loop.inside()} {between}{loop.inside()} }}"


def _jumping(rng: Random, loop: Loop) -> str:
    inside = loop.inside().replace("break;", "goto past;")
    return f"{loop.first()} again: if ({loop.test()}) {{ {inside} goto again; }} past: ;"


def _reversed(rng: Random, loop: Loop) -> str:
    """Count down what was counted up; the body still sees what it saw, or does not."""
    found = re.fullmatch(r"@ < (.*)", loop.condition)
    if found is None or loop.start != "0":
        return _turned(rng, loop)
    other = rng.choice(("j", loop.counter))
    body = " ".join(loop.body).replace("@", other if rng.random() < 0.5 else f"({found[1]} - {other})")
    return f"{other} = {found[1]}; while ({other} > 0) {{ {body} {other}--; }}"


def _shifted(rng: Random, loop: Loop) -> str:
    """Start one later, and leave one later."""
    found = re.fullmatch(r"@ (<=|<) (.*)", loop.condition)
    if found is None:
        return _peeled(rng, loop)
    start = int(loop.start) + 1
    less = f"@ <= {found[2]}" if found[1] == "<" else f"@ <= {found[2]} + 1"
    body = tuple(words.replace("@", "(@ - 1)") if "[" not in words else words for words in loop.body)
    return replace(loop, start=str(start), condition=less, body=body).text()


def _later(rng: Random, loop: Loop) -> str:
    """Start one later: right where the first turn does nothing."""
    return replace(loop, start="1").text() if loop.start == "0" else _turned(rng, loop)


def _split(rng: Random, loop: Loop) -> str:
    """One loop for the first statements, one for the others."""
    cut = rng.randint(1, len(loop.body))
    parts = [replace(loop, body=loop.body[:cut]), replace(loop, body=loop.body[cut:])]
    return " ".join(part.text() for part in parts)


def _in_two(rng: Random, loop: Loop) -> str:
    """The first turns by one loop, the others by a second one."""
    mid = rng.choice(("2", "a", "e / 2", "y"))
    word = loop.named(f"@ < {mid} && {loop.condition}")
    inside = loop.inside().replace("break;", "goto past;")
    return f"{loop.first()} while ({word}) {{ {inside} }} while ({loop.test()}) {{ {loop.inside()} }} past: ;"


def _hoisted(rng: Random, loop: Loop) -> str:
    """A test out of the loop, whether it stays the same in it or not."""
    test = rng.choice(TESTS)
    for place, words in enumerate(loop.body):
        found = re.fullmatch(r"if \((.*?)\) \{ (.*) \}", words)
        if found is not None:
            test = found[1]
            then = (*loop.body[:place], found[2], *loop.body[place + 1 :])
            other = (*loop.body[:place], *loop.body[place + 1 :])
            break
    else:
        then = other = loop.body
    arms = [replace(loop, body=body).text() for body in (then, other)]
    return f"if ({test}) {{ {arms[0]} }} else {{ {arms[1]} }}"


def _read_once(rng: Random, loop: Loop) -> str:
    """The bound in a variable of its own."""
    found = re.search(r"p->\w+|\be\b|\ba\b|\bb\b|\bd\b|\bs0\b", loop.condition)
    if found is None:
        return _peeled(rng, loop)
    of = rng.choice(("int", "long", "unsigned int", "unsigned char"))
    held = replace(loop, condition=loop.condition.replace(found[0], "once"))
    return f"{of} once = {found[0]}; {held.text()}"


def _flagged(rng: Random, loop: Loop) -> str:
    """A flag in place of break."""
    inside = loop.named(" ".join(loop.body))
    inside = re.sub(r"if \(([^()]*(?:\(\))?[^()]*)\) break;", r"if (\1) done = 1; if (!done) {", inside)
    closing = "}" * inside.count("done = 1")
    step = loop.named(loop.step)
    test = f"!done && {loop.test()}" if rng.random() < 0.5 else f"{loop.test()} && !done"
    return f"int done = 0; {loop.first()} while ({test}) {{ {inside} {step} {closing} }}"


def _more(rng: Random, loop: Loop) -> str:
    """A loop more, which does nothing but end."""
    empty = replace(loop, counter="j", body=("",) if rng.random() < 0.5 else ("s0 += 1;",))
    parts = [empty.text(), loop.text()]
    rng.shuffle(parts)
    return " ".join(parts)


def _none(rng: Random, loop: Loop) -> str:
    """No loop at all: right where it does nothing, ends, and its counter is not looked at."""
    return loop.first()


Rewrite = Callable[[Random, Loop], str]
REWRITES: tuple[tuple[str, Rewrite], ...] = (
    ("peel", _peeled), ("unguarded", _unguarded), ("turn", _turned), ("unroll", _unrolled), ("jump", _jumping),
    ("reverse", _reversed), ("reverse", _reversed), ("shift", _shifted), ("later", _later), ("split", _split),
    ("two", _in_two), ("hoist", _hoisted), ("once", _read_once), ("flag", _flagged), ("more", _more),
    ("none", _none), ("peel", _peeled),
)  # fmt: skip


def _nudged(rng: Random, words: str) -> str:
    """Change one operator, number or name."""
    changes = [
        (" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" != ", " < "), ("= 0;", "= 1;"), ("= 1;", "= 0;"),
        ("++;", " += 2;"), ("--;", " -= 2;"), ("y += 2;", "y += 3;"), ("break;", ";"), ("(7)", "(8)"), (" & 7", " & 3"),
        ("i", "j"), ("z += ", "z -= "), ("if (", "if (!"), ("p->", "q->"), ("while (", "while (1 && "), ("@", "@ + 1"),
    ]  # fmt: skip
    rng.shuffle(changes)
    for old, new in changes:
        spots = [found.start() for found in re.finditer(re.escape(old), words)]
        if old == "i":
            spots = [found.start() for found in re.finditer(r"\bi\b", words)]
        if spots:
            at = rng.choice(spots)
            return words[:at] + new + words[at + len(old) :]
    return words
