"""Random small functions in the kernel's style, and random edits of them: the engine's fuzz.

A function is a tree of statements; an edit changes the tree or the words of one of its lines. Some edits keep
the meaning, some do not, most may do either: what they do is for the oracle (native.py) to say, never for
this module. Names, types and callees are those of fuzz_world.h.
"""

# ruff: noqa: E501 -- lines of C

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

TOLD = """typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long u64;
struct mutex { int x; };
struct obj {
	int n; int m; unsigned int u; long l; unsigned long w; unsigned char c; short s; bool ok;
	unsigned int lo:3; unsigned int hi:5; int part:4;
	struct obj *next; int arr[4];
	struct { int a; long b; } in;
	union { unsigned int word; unsigned short half; } as;
	struct mutex mtx;
};
struct pair { int a; long b; };
extern int gx; extern unsigned long gl; extern struct obj gobj;
int g(int x); long h(long x, struct obj *p); bool more(void); unsigned char narrow(short x);
struct obj *get(struct obj *p); void put(struct obj *p); void read_len(int *x); int send(struct pair *x);
"""
"""What the engine is told; struct hid, zz, unk() and unkp() it is not."""
HEAD = (
    "long f(int a, unsigned int b, long d, unsigned char e, bool o, struct obj *p, struct obj *q, int *v, "
    "int *x, struct hid *hp)"
)
LOCALS = {
    "i": "int",
    "j": "int",
    "y": "int",
    "z": "long",
    "t": "unsigned int",
    "w": "unsigned long",
    "c": "unsigned char",
    "s": "short",
    "ok": "bool",
}
STARTS = {"i": "0", "j": "0", "y": "gx", "z": "d", "t": "b", "w": "gl", "c": "e", "s": "a", "ok": "o"}
END = "z + y + (t ^ w) + c + s + ok * 3 + v0 + v1 * 5 + k[1] + pr.a"
TYPES = ("int", "unsigned int", "long", "unsigned long", "unsigned char", "short", "bool", "u16")
FIELDS = ("n", "m", "u", "l", "w", "c", "s", "ok", "lo", "hi", "part", "in.a", "in.b", "as.word", "as.half")
SCALARS = ("a", "b", "d", "e", "o", "y", "z", "t", "w", "c", "s", "ok", "y", "z", "i")
NUMBERS = ("0", "1", "2", "3", "7", "-1", "255", "256", "0x80000000", "-22", "4UL", "1L", "0xffff", "128")


READ = (
    "test_bit({value} & 63, &{object}->w)",
    "huge_page_order((struct hstate *){object})",
    "is_cow_mapping({value})",
)
"""Calls of functions of the kernel's headers of which the engine knows that they only read (C1)."""
_READER = re.compile(r"\b(?:help\d+|test_bit|huge_page_order|is_cow_mapping)\(")


OUTSIDE = re.compile(
    r"\b(?:k|v|arr)\[(?:[^\[\]]*[^\[\]&] ?3|[^\[\]]*& (?!3\])[^\[\]]*|-?\d{2,}\w*|[4-9]\w*|-\d)\](?! = \{)"
)
"""An index that may lie outside of its array: undefined, so that the oracle says nothing."""


NOT_Y = re.compile(r"\by\b")


@dataclass(slots=True)
class Part:
    """A statement. `kind`: line, if, while, for, do, switch, case, block, guard; `bodies` as the kind has
    them."""

    kind: str
    words: str = ""
    bodies: list[list[Part]] = field(default_factory=list)


@dataclass(slots=True)
class Program:
    """A function with its locals' types, and the static helpers beside it, by name."""

    body: list[Part]
    locals: dict[str, str]
    helpers: dict[str, str]
    told: str = TOLD

    def text(self) -> str:
        """Return the C text, without what is TOLD."""
        declared = "".join(f"\t{of} {name} = {STARTS[name]};\n" for name, of in self.locals.items())
        extra = "\tstruct obj *r = p;\n\tstruct pair pr = { 1, 2 };\n\tint v0 = 3, v1 = 4, k[4] = { 1, 2, 3, 4 };\n"
        extra += "\tint *lp = &v1;\n"
        helpers = "".join(f"{one}\n" for one in self.helpers.values())
        inner = "".join(_lines(part, 1) for part in self.body)
        return f"{helpers}{HEAD}\n{{\n{declared}{extra}{inner}out:\n\treturn {END};\n}}\n"


def _lines(part: Part, depth: int) -> str:
    """Return a statement as text."""
    tab = "\t" * depth
    inner = ["".join(_lines(one, depth + 1) for one in body) for body in part.bodies]
    if part.kind == "line":
        return f"{tab}{part.words}\n"
    if part.kind == "raw":
        return f"{part.words}\n"
    if part.kind == "if":
        other = f"{tab}}} else {{\n{inner[1]}" if len(inner) > 1 and inner[1] else ""
        return f"{tab}if ({part.words}) {{\n{inner[0]}{other}{tab}}}\n"
    if part.kind == "do":
        return f"{tab}do {{\n{inner[0]}{tab}}} while ({part.words});\n"
    if part.kind == "case":
        return f"{tab}{part.words}\n{inner[0]}"
    head = {"block": "", "guard": "scoped_guard(mutex, "}.get(part.kind, f"{part.kind} (")
    return f"{tab}{head}{part.words}{')' if head else ''} {{\n{inner[0]}{tab}}}\n"


def line(words: str) -> Part:
    """Return a plain statement."""
    return Part("line", words)


class Writer:
    """Writes one program; `rng` decides everything."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.helpers: dict[str, str] = {}
        self.loops = 0

    def program(self) -> Program:
        """Return a program with up to two helpers."""
        for number in range(self.rng.choice((0, 0, 1, 1, 2))):
            self.helpers[f"help{number}"] = self.helper(number)
        body = self.body(self.rng.choice((1, 2, 2)), self.rng.randint(1, 4))
        return Program(body, dict(LOCALS), dict(self.helpers))

    def helper(self, number: int) -> str:
        """Return a small static function."""
        rng = self.rng
        of, takes = rng.choice(TYPES), rng.choice(TYPES)
        words = rng.choice(
            (
                "\treturn y + p->n;",
                "\treturn y * 3;",
                "\treturn p->next ? p->next->n : y;",
                "\tif (p->u & 8)\n\t\treturn p->in.a;\n\treturn p->arr[y & 3];",
                "\treturn gx + *&p->m;",
                "\treturn READ_ONCE(p->n);",
                f"\treturn help0(y, p) - p->{rng.choice(FIELDS)};" if number else "\treturn p->w >> 3;",
                "\tif (y > 3)\n\t\treturn g(y);\n\treturn 0;",
                "\tp->m = y;\n\treturn y;",
                "\tstatic int count = 1;\n\tcount += y;\n\treturn count;",
                "\tif (!p)\n\t\treturn -22;\n\treturn p->u;",
                "\tint i, s = 0;\n\tfor (i = 0; i < (y & 3); i++)\n\t\ts += p->arr[i];\n\treturn s;",
                "\tmutex_lock(&p->mtx);\n\tp->n += y;\n\tmutex_unlock(&p->mtx);\n\treturn p->n;",
                "\tguard(mutex)(&p->mtx);\n\treturn p->n++;",
                "\tread_len(&p->n);\n\treturn p->n == y;",
                "\tswitch (y) {\n\tcase 0:\n\t\treturn 5;\n\tcase 1 ... 4:\n\t\ty++;\n\tdefault:\n\t\tbreak;\n\t}\n\treturn y;",
            )
        )
        return f"static {of} help{number}({takes} y, struct obj *p)\n{{\n{words}\n}}\n"

    def body(self, depth: int, count: int = 0) -> list[Part]:
        """Return some statements."""
        return [self.statement(depth) for _ in range(count or self.rng.randint(1, 3))]

    def statement(self, depth: int) -> Part:
        """Return one statement, with others inside while `depth` allows."""
        rng = self.rng
        kinds = [
            self.assign,
            self.assign,
            self.store,
            self.call,
            self.call,
            self.pointer,
            self.odd,
            self.leave,
        ]
        if depth:
            kinds += [self.branch, self.branch, self.branch, self.loop, self.loop, self.choice, self.other]
        return rng.choice(kinds)(depth)

    def assign(self, depth: int) -> Part:
        """A store to a variable."""
        rng, name = (
            self.rng,
            self.rng.choice(("y", "z", "t", "w", "c", "s", "ok", "a", "b", "d", "e", "y", "z")),
        )
        if rng.random() < 0.2:
            return line(
                rng.choice((f"{name}++;", f"--{name};", f"{name}--;", f"y = {name}++;", f"z = --{name};"))
            )
        if rng.random() < 0.1:
            return line(f"{name} {rng.choice(('<<=', '>>='))} {rng.randint(0, 6)};")
        if rng.random() < 0.06:
            return line(f"{name} {rng.choice(('/=', '%='))} {self.value(0)};")
        return line(f"{name} {rng.choice(('=', '=', '=', '+=', '-=', '|=', '&=', '^='))} {self.value(2)};")

    def store(self, depth: int) -> Part:
        """A store to memory."""
        rng = self.rng
        return line(
            rng.choice(
                (
                    f"{self.object()}->{rng.choice(FIELDS)} {rng.choice(('=', '=', '=', '+=', '|='))} {self.value(1)};",
                    f"{self.object()}->{rng.choice(FIELDS)} {rng.choice(('=', '=', '-=', '&='))} {self.value(1)};",
                    f"{self.object()}->{rng.choice(FIELDS[:10])}++;",
                    f"{self.object()}->arr[{self.value(0)} & 3] = {self.value(1)};",
                    f"v[{self.value(0)} & 3] = {self.value(1)};",
                    f"*x = {self.value(1)};",
                    f"k[{self.value(0)} & 3] = {self.value(1)};",
                    f"gx = {self.value(1)};",
                    f"gl += {self.value(1)};",
                    f"gobj.n = {self.value(1)};",
                    f"pr.a = {self.value(1)};",
                    f"pr.b = {self.value(1)};",
                    f"*lp = {self.value(1)};",
                    f"v0 = {self.value(1)};",
                    f"hp->{rng.choice('abc')} = {self.value(1)};",
                    f"zz = {self.value(1)};",
                )
            )
        )

    def call(self, depth: int) -> Part:
        """An effect."""
        rng, obj = self.rng, self.object()
        return line(
            rng.choice(
                [
                    f"g({self.value(1)});",
                    f"y = g({self.value(1)});",
                    f"z = h({self.value(1)}, {obj});",
                    "ok = more();",
                    f"c = narrow({self.value(1)});",
                    f"y = narrow({self.value(0)});",
                    f"put({obj});",
                    "read_len(&v0);",
                    "y = send(&pr);",
                    f"z = unk({self.value(1)});",
                    f"y = unk({self.value(0)});",
                    f"t = unkp(hp, {self.value(1)});",
                    "read_len(k);",
                    f"mutex_lock(&{obj}->mtx);",
                    f"mutex_unlock(&{obj}->mtx);",
                    f"y = READ_ONCE({obj}->n);",
                    f"WRITE_ONCE({obj}->m, {self.value(1)});",
                    f"h(z, {obj});",
                    f"{rng.choice('yztw')} = {self.reader()};",
                    f"{rng.choice('yztw')} = {self.reader()};",
                    f"{self.reader()};",
                    f"{rng.choice('yzw')} = g({self.value(0)}) {rng.choice('+&|')} {rng.choice(NUMBERS)};",
                    *(
                        f"{rng.choice('yztw')} = {name}({self.value(1)}, {obj});"
                        for name in self.helpers
                        for _ in range(4)
                    ),
                ]
            )
        )

    def pointer(self, depth: int) -> Part:
        """A store to a pointer."""
        return line(
            self.rng.choice(
                (
                    "r = p;",
                    "r = q;",
                    "r = p->next;",
                    "r = r->next;",
                    "r = get(p);",
                    f"r = {self.condition(0)} ? p : q;",
                    "r = &gobj;",
                    "lp = &v0;",
                    f"lp = {self.condition(0)} ? &v0 : &k[1];",
                    "lp = k;",
                    "lp = &pr.a;",
                    "lp = x;",
                    "lp = &p->n;",
                    "r = p ?: q;",
                )
            )
        )

    def odd(self, depth: int) -> Part:
        """What is rarer."""
        rng = self.rng
        return line(
            rng.choice(
                (
                    "swap(y, a);",
                    "swap(p, q);",
                    "*p = *q;",
                    "pr = (struct pair){ y, z };",
                    "swap(v[0], v[1]);",
                    "memset_none();".replace("memset_none()", "z = 0"),
                    f"z += min(y, {rng.randint(0, 9)});",
                    f"w = max_t(unsigned int, y, {self.value(0)});",
                    "z = ({ int q1 = y; y = a; q1; });",
                    f"t = ALIGN(t, {rng.choice((4, 8))});",
                    "z = IS_ERR(r) ? PTR_ERR(r) : 0;",
                    f"y = ({self.value(0)}, {self.value(0)});",
                    "struct_none();".replace("struct_none()", "y = pr.a"),
                    f"ok = {self.condition(1)};",
                    f"y = {self.condition(1)} && {self.condition(1)};",
                    f"y = !({self.condition(1)});",
                    f"z = {self.value(0)} / {self.value(0)};",
                    f"y = {self.value(0)} % {self.value(0)};",
                    f"w = BIT({self.value(0)} & 31);",
                )
            )
        )

    def leave(self, depth: int) -> Part:
        """A way out, a jump."""
        rng = self.rng
        inside = [["break;"], ["continue;"]] if self.loops else []
        words = rng.choice(
            [["goto out;"], [f"return {self.value(1)};"], ["z = 5;", "goto out;"], *inside, *inside]
        )
        return Part("if", self.condition(1), [[line(one) for one in words]])

    def branch(self, depth: int) -> Part:
        """An if."""
        bodies = [self.body(depth - 1)]
        if self.rng.random() < 0.5:
            bodies.append(self.body(depth - 1))
        return Part("if", self.condition(2), bodies)

    def loop(self, depth: int) -> Part:
        """A loop; most of them end."""
        rng, name = self.rng, self.rng.choice(("i", "j"))
        self.loops += 1
        inner = self.body(depth - 1)
        self.loops -= 1
        kind = rng.randrange(8)
        if kind < 3:
            bound = rng.choice((f"({self.value(0)} & 3)", "2", "e", "a", "p->n", "3"))
            step = rng.choice((f"{name}++", f"{name}++", f"{name} += 2", f"++{name}"))
            start = rng.choice(("0", "0", "1"))
            return Part("for", f"{name} = {start}; {name} < {bound}; {step}", [inner])
        if kind == 3:
            return Part("while", rng.choice(("more()", f"{self.condition(0)} && more()")), [inner])
        if kind == 4:
            return Part(
                "do", rng.choice(("more()", f"++{name} < {rng.randint(1, 3)}", f"{name}++ < e")), [inner]
            )
        if kind == 5:
            return Part("for", f"r = p, {name} = 0; r && {name} < 3; r = r->next, {name}++", [inner])
        if kind == 6:
            return Part("for", f"{name} = 3; {name} >= 0; {name}--", [inner])
        return Part(
            "block",
            "",
            [[line(f"{name} = 0;"), Part("while", f"{name} < e", [[line(f"{name}++;"), *inner]])]],
        )

    def choice(self, depth: int) -> Part:
        """A switch."""
        rng = self.rng
        labels = rng.sample(
            ("case 0:", "case 1:", "case 2 ... 5:", "case -1:", "case 255:", "default:"), rng.randint(2, 4)
        )
        cases = []
        for label in labels:
            inner = self.body(depth - 1, 1)
            cases.append(Part("case", label, [[*inner, *([line("break;")] if rng.random() < 0.75 else [])]]))
        cases[-1].bodies[0].append(line("break;"))
        return Part("switch", self.value(1), [cases])

    def other(self, depth: int) -> Part:
        """A block: a guard, one under #ifdef, one with a variable of its own."""
        inner = self.body(depth - 1)
        kind = self.rng.randrange(4)
        if kind == 0:
            return Part("guard", f"&{self.object()}->mtx", [inner])
        if kind == 1:
            return Part("block", "", [[line(f"guard(mutex)(&{self.object()}->mtx);"), *inner]])
        if kind == 2:
            return Part("block", "", [[Part("raw", "#ifdef CONFIG_A"), *inner, Part("raw", "#endif")]])
        return Part(
            "block",
            "",
            [
                [
                    line(f"{self.rng.choice(TYPES)} y = {NOT_Y.sub('a', self.value(1))};"),
                    *inner,
                    line("z += y;"),
                ]
            ],
        )

    def object(self) -> str:
        """Return a pointer to a struct obj."""
        return self.rng.choice(("p", "p", "p", "q", "q", "r", "p->next", "(&gobj)"))

    def value(self, depth: int) -> str:
        """Return a value without effects."""
        rng = self.rng
        kind = rng.randrange(11 if depth else 5)
        if kind < 2:
            return rng.choice(SCALARS)
        if kind == 2:
            return rng.choice(NUMBERS)
        if kind == 3:
            return f"{self.object()}->{rng.choice(FIELDS)}"
        if kind == 4:
            return rng.choice(
                (
                    "v[0]",
                    "v[y & 3]",
                    "*x",
                    "gx",
                    "gl",
                    "pr.a",
                    "pr.b",
                    "v0",
                    "*lp",
                    "k[1]",
                    "k[y & 3]",
                    "p->arr[1]",
                    "hp->a",
                    "hp->b",
                    "hp->c",
                    "zz",
                    "gobj.n",
                    "i",
                )
            )
        if kind < 8:
            sign = rng.choice(("+", "-", "&", "|", "^", "*", "+", "-"))
            return f"({self.value(depth - 1)} {sign} {self.value(depth - 1)})"
        if kind == 8:
            return f"({self.condition(depth - 1)} ? {self.value(depth - 1)} : {self.value(depth - 1)})"
        if kind == 9:
            return f"({rng.choice(TYPES)}){self.atom()}"
        return rng.choice(
            (
                f"-{self.atom()}",
                f"~{self.atom()}",
                f"!{self.atom()}",
                f"({self.atom()} >> {rng.randint(0, 5)})",
                f"({self.atom()} << {rng.randint(0, 5)})",
                f"({self.condition(depth - 1)})",
            )
        )

    def reader(self) -> str:
        """Return a call that only reads, or one of a helper."""
        rng = self.rng
        forms = [*READ, *(f"{name}({{value}}, {{object}})" for name in self.helpers)]
        return rng.choice(forms).format(value=rng.choice(SCALARS), object=rng.choice(("p", "p", "q", "r")))

    def atom(self) -> str:
        """Return a value that any operator may stand before."""
        return f"({self.value(0)})"

    def condition(self, depth: int) -> str:
        """Return a condition."""
        rng = self.rng
        kind = rng.randrange(9 if depth else 4)
        if kind < 3:
            left = self.reader() if rng.random() < 0.2 else self.value(0)
            return f"{left} {rng.choice(('==', '!=', '<', '<=', '>', '>='))} {self.value(0)}"
        if kind == 3:
            return rng.choice(
                (
                    *SCALARS,
                    "p",
                    "!p",
                    "q",
                    "p == q",
                    "r",
                    "!r",
                    "p->next",
                    "lp == x",
                    "IS_ERR_OR_NULL(q)",
                    "likely(p)",
                )
            )
        if kind == 4:
            return f"!({self.condition(depth - 1)})"
        if kind == 5:
            return rng.choice(
                ("more()", "g(y) == 0", "y++ > 1", "--t", "unk(y)", "!send(&pr)", "(y = g(a)) < 0")
            )
        return f"({self.condition(depth - 1)} {rng.choice(('&&', '||'))} {self.condition(depth - 1)})"


# Edits


def walk(body: list[Part]) -> Iterator[tuple[list[Part], int]]:
    """Yield the place of every statement: the list that it stands in, and its index."""
    for index, part in enumerate(body):
        yield body, index
        for inner in part.bodies:
            yield from walk(inner)


class Editor:
    """Makes one small edit of a program; `rng` decides which."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.edits = (
            self.invert,
            self.hold,
            self.reloop,
            self.split,
            self.drop,
            self.exchange,
            self.word,
            self.word,
            self.number,
            self.retype,
            self.twice,
            self.extract,
            self.identity,
            self.negate,
            self.unnest,
            self.retarget,
            self.hoist,
            *[self.ask] * 5,
            self.cast,
            self.wrap,
            self.helper,
            self.leave,
        )

    def edit(self, program: Program) -> tuple[Program, str]:
        """Return an edited copy and the edit's name."""
        for _ in range(30):
            made = copy.deepcopy(program)
            how = self.rng.choice(self.edits)
            if how(made) and made.text() != program.text() and not OUTSIDE.search(made.text()):
                return made, how.__name__
        return program, "none"

    def place(self, program: Program, kinds: str) -> tuple[list[Part], int] | None:
        """Return a random statement of the kinds."""
        found = [one for one in walk(program.body) if one[0][one[1]].kind in kinds.split()]
        return self.rng.choice(found) if found else None

    def invert(self, program: Program) -> bool:
        """Swap an if's arms under the negated condition."""
        at = self.place(program, "if")
        if at is None:
            return False
        part = at[0][at[1]]
        arms = [*part.bodies, []][:2]
        at[0][at[1]] = Part("if", f"!({part.words})", [arms[1] or [line(";")], arms[0]])
        return True

    def hold(self, program: Program) -> bool:
        """Give a value a variable of its own, perhaps of another type."""
        at = self.place(program, "line")
        if at is None:
            return False
        found = re.fullmatch(r"(.+?) = ([^=].*);", at[0][at[1]].words)
        if found is None or found[1].startswith(TYPES):
            return False
        of = self.rng.choice(TYPES)
        if "get(" in found[2] or found[1] in ("r", "lp"):
            return False
        at[0][at[1]] = Part("block", "", [[line(f"{of} held = {found[2]};"), line(f"{found[1]} = held;")]])
        return True

    def reloop(self, program: Program) -> bool:
        """Write a loop in another form."""
        at = self.place(program, "for while do")
        if at is None:
            return False
        part, body = at[0][at[1]], at[0][at[1]].bodies[0]
        if part.kind == "for":
            start, test, step = part.words.split("; ")
            made = self.rng.choice(
                (
                    Part(
                        "block", "", [[line(f"{start};"), Part("while", test, [[*body, line(f"{step};")]])]]
                    ),
                    Part(
                        "block",
                        "",
                        [
                            [
                                line(f"{start};"),
                                Part("if", test, [[Part("do", test, [[*body, line(f"{step};")]])]]),
                            ]
                        ],
                    ),
                    Part(
                        "for", f"{start}; ; {step}", [[Part("if", f"!({test})", [[line("break;")]]), *body]]
                    ),
                    Part("for", f"{start}, y = y; {test}; {step}", [body]),
                )
            )
        elif part.kind == "while":
            made = self.rng.choice(
                (
                    Part("for", f"; {part.words}; ", [body]),
                    Part("do", part.words, [body]),
                    Part("if", part.words, [[Part("do", part.words, [body])]]),
                    Part("while", "1", [[Part("if", part.words, [body, [line("break;")]])]]),
                )
            )
        else:
            made = Part("while", "true", [[*body, Part("if", f"!({part.words})", [[line("break;")]])]])
        at[0][at[1]] = made
        return True

    def split(self, program: Program) -> bool:
        """Nest the halves of && or of ||."""
        at = self.place(program, "if")
        if at is None:
            return False
        part = at[0][at[1]]
        found = re.fullmatch(r"\(([^()&|]+) (&&|\|\|) ([^()&|]+)\)", part.words)
        if found is None:
            return False
        other = part.bodies[1] if len(part.bodies) > 1 else []
        inner = Part("if", found[3], [part.bodies[0], copy.deepcopy(other)])
        arms = [[inner], other] if found[2] == "&&" else [copy.deepcopy(part.bodies[0]), [inner]]
        at[0][at[1]] = Part("if", found[1], arms)
        return True

    def drop(self, program: Program) -> bool:
        """Delete a statement."""
        at = self.place(program, "line if while for")
        if at is None or (len(at[0]) == 1 and at[0] is not program.body):
            return False
        del at[0][at[1]]
        return True

    def exchange(self, program: Program) -> bool:
        """Exchange two neighbours."""
        at = self.place(program, "line if while for do switch block guard")
        if at is None or at[1] + 1 >= len(at[0]) or at[0][at[1] + 1].kind in ("raw", "case"):
            return False
        at[0][at[1]], at[0][at[1] + 1] = at[0][at[1] + 1], at[0][at[1]]
        return True

    def _reword(self, program: Program, pairs: list[tuple[str, str]]) -> bool:
        """Put one word in another's place, somewhere."""
        self.rng.shuffle(pairs)
        places = [one for one in walk(program.body) if one[0][one[1]].words and one[0][one[1]].kind != "raw"]
        self.rng.shuffle(places)
        for body, index in places[:6]:
            for old, new in pairs:
                spots = list(re.finditer(old, body[index].words))
                if spots:
                    one = self.rng.choice(spots)
                    words = body[index].words
                    body[index].words = words[: one.start()] + one.expand(new) + words[one.end() :]
                    return True
        return False

    def word(self, program: Program) -> bool:
        """Change an operator or a name."""
        pairs = [
            ("==", "!="),
            ("<=", "<"),
            (r" < ", " <= "),
            (r" \+ ", " - "),
            (r" \+ ", " | "),
            ("&&", "||"),
            (r"\|\|", "&&"),
            (r"->n\b", "->m"),
            (r"\bp->", "q->"),
            (r"\bq->", "p->"),
            (r"\by\b", "a"),
            (r"\bz\b", "d"),
            (r" & ", " | "),
            (r"\bbreak;", "continue;"),
            (r"\bcontinue;", "break;"),
            (r"\bgoto out;", "return z + y;"),
            (r"\+=", "-="),
            (r"\+\+", "--"),
            (r"\bt\b", "b"),
            (r"->u\b", "->n"),
            (r">>", "<<"),
            (r" > ", " >= "),
            (r"\bi\b", "j"),
            (r"case 0:", "case 7:"),
            (r"&v0", "&v1"),
            ("READ_ONCE", ""),
            (r"likely\(", "("),
            (r"\bmin\(", "max("),
        ]
        return self._reword(program, pairs)

    def number(self, program: Program) -> bool:
        """Change a constant."""
        one, two = self.rng.choice(NUMBERS), self.rng.choice(NUMBERS)
        return self._reword(program, [(rf"(?<![\w.]){re.escape(one)}(?![\w.])", two)])

    def retype(self, program: Program) -> bool:
        """Change a variable's type."""
        program.locals[self.rng.choice(list(program.locals))] = self.rng.choice(TYPES)
        return True

    def twice(self, program: Program) -> bool:
        """Repeat a statement."""
        at = self.place(program, "line")
        if at is None or re.match(rf"({'|'.join(TYPES)}) |break|continue|guard", at[0][at[1]].words):
            return False
        at[0].insert(at[1], copy.deepcopy(at[0][at[1]]))
        return True

    def extract(self, program: Program) -> bool:
        """Move an assignment's value into a static helper."""
        at = self.place(program, "line")
        found = re.fullmatch(r"(\w+) ([-+&|^]?=) ([^=].*);", at[0][at[1]].words) if at else None
        if at is None or found is None or found[1] in ("r", "lp", "pr"):
            return False
        of = {
            **program.locals,
            "a": "int",
            "b": "unsigned int",
            "d": "long",
            "e": "unsigned char",
            "o": "bool",
            "p": "struct obj *",
            "q": "struct obj *",
            "r": "struct obj *",
            "v": "int *",
            "x": "int *",
            "lp": "int *",
            "hp": "struct hid *",
            "v0": "int",
        }
        names = list(dict.fromkeys(re.findall(r"(?<![\w.>])[a-z]\w*(?!\w|\()", found[3])))
        if "&v0" in found[3] or any(one in ("k", "pr", "q1") for one in names):
            return False
        names = [one for one in names if one in of]
        takes = ", ".join(f"{of[one]} {one}" for one in names) or "void"
        result = self.rng.choice((of.get(found[1], "long"), "long", "int", "unsigned int"))
        name = f"part{len(program.helpers)}"
        program.helpers[name] = f"static {result} {name}({takes})\n{{\n\treturn {found[3]};\n}}\n"
        at[0][at[1]].words = f"{found[1]} {found[2]} {name}({', '.join(names)});"
        return True

    def identity(self, program: Program) -> bool:
        """Write a value otherwise."""
        atom = r"\b([a-e]|[stwyz])\b"
        pairs = [
            (rf"{atom} \+ {atom}", r"\2 + \1"),
            (rf"{atom} - {atom}", r"\1 + -\2"),
            (rf"{atom} & {atom}", r"~(~\1 | ~\2)"),
            (rf"-\({atom}\)", r"(~\1 + 1)"),
            (rf"{atom} \* 2", r"(\1 << 1)"),
            (rf"{atom} < {atom}", r"!(\1 >= \2)"),
            (rf"{atom} == {atom}", r"!(\1 - \2)"),
            (rf"{atom} < {atom}", r"\2 > \1"),
            (rf"{atom} != 0", r"!!\1"),
            (rf"{atom} & 3\b", r"\1 % 4"),
            (rf"{atom} >> 1\b", r"\1 / 2"),
            (r"(\w+)\+\+;", r"\1 = \1 + 1;"),
            (r"(\w+) \+= ([^;]+);", r"\1 = \1 + (\2);"),
            (rf"{atom} <= {atom}", r"\1 < \2 + 1"),
        ]
        return self._reword(program, pairs)

    def negate(self, program: Program) -> bool:
        """Put negations around a condition."""
        at = self.place(program, "if while")
        if at is None:
            return False
        form = self.rng.choice(("!!({})", "!({})", "({}) != 0", "({}) ? 1 : 0", "({}) && 1", "0 || ({})"))
        at[0][at[1]].words = form.format(at[0][at[1]].words)
        return True

    def unnest(self, program: Program) -> bool:
        """Move what follows an if into its else, or an else behind it."""
        at = self.place(program, "if")
        if at is None:
            return False
        part = at[0][at[1]]
        rest = at[0][at[1] + 1 :]
        if any(one.kind in ("raw", "case") for one in rest):
            return False
        if len(part.bodies) > 1 and self.rng.random() < 0.5:
            at[0][at[1] + 1 : at[1] + 1] = part.bodies.pop()
        elif len(part.bodies) == 1 and rest:
            del at[0][at[1] + 1 :]
            part.bodies.append(rest)
            if self.rng.random() < 0.6:
                part.bodies[0] += copy.deepcopy(rest)
        else:
            return False
        return True

    def retarget(self, program: Program) -> bool:
        """Change the variable that takes a value."""
        return self._reword(
            program, [(r"^[yztwcs] =", f"{self.rng.choice('yztwcs')} ="), (r"->(n|m|u|l) =", "->n =")]
        )

    def hoist(self, program: Program) -> bool:
        """Read a field once, in front of a statement."""
        at = self.place(program, "if while for line switch")
        found = (
            re.search(r"\b([pqr])->(n|m|u|l|w|c|s|ok)\b(?! [-+|&]?= |\+\+)", at[0][at[1]].words)
            if at
            else None
        )
        if at is None or found is None:
            return False
        part = at[0][at[1]]
        words = part.words.replace(found[0], "was")
        of = {
            "n": "int",
            "m": "int",
            "u": "unsigned int",
            "l": "long",
            "w": "unsigned long",
            "c": "unsigned char",
            "s": "short",
            "ok": "bool",
        }[found[2]]
        if self.rng.random() < 0.2:
            of = self.rng.choice(TYPES)
        if "&was" in words or "was++" in words or "was =" in words or "(was," in words:
            return False
        part.words = words
        at[0][at[1]] = Part("block", "", [[line(f"{of} was = {found[0]};"), part]])
        return True

    def ask(self, program: Program) -> bool:
        """Call a function that only reads once, in front of a statement or of those before it, or once more."""
        places = [(at, index) for at, index in walk(program.body) if _READER.search(at[index].words)]
        if not places:
            return False
        body, index = self.rng.choice(places)
        found = _READER.search(body[index].words)
        assert found is not None
        call = _call_at(body[index].words, found.start())
        if call is None or "= " in call or body[index].kind == "case":
            return False
        if self.rng.random() < 0.2:
            body.insert(self.rng.randint(0, index), line(f"{call};"))
            return True
        words = body[index].words.replace(call, "was")
        if words == "was;":
            del body[index]
            return True
        body[index].words = words
        first = max(0, index - self.rng.choice((0, 0, 1, 1, 2)))
        moved = body[first : index + 1]
        if any(part.kind in ("raw", "case") or part.words.startswith("guard(") for part in moved):
            return False
        of = self.rng.choice(("long", "long", "long", *TYPES))
        if any(part.words.startswith(TYPES) for part in moved):
            return False
        body[first : index + 1] = [Part("block", "", [[line(f"{of} was = {call};"), *moved]])]
        return True

    def cast(self, program: Program) -> bool:
        """Cast a value."""
        of = self.rng.choice(TYPES)
        return self._reword(
            program,
            [(r"(?<![\w>.&])([a-e]|[stwyz])(?= [-+&|^*<>=!)])(?! (?:[-+&|^*]|<<|>>)?= )", rf"({of})\1")],
        )

    def wrap(self, program: Program) -> bool:
        """Put a statement under a condition, or in a loop of one turn."""
        at = self.place(program, "line if")
        if at is None or re.match(rf"({'|'.join(TYPES)}) ", at[0][at[1]].words):
            return False
        part = at[0][at[1]]
        at[0][at[1]] = self.rng.choice(
            (
                Part("if", "1", [[part]]),
                Part("do", "0", [[part]]),
                Part("if", "y", [[part], [copy.deepcopy(part)]]),
                Part("if", "p", [[part]]),
                Part("block", "", [[part]]),
                Part("if", "o", [[part]]),
            )
        )
        return True

    def helper(self, program: Program) -> bool:
        """Change a word of a helper."""
        if not program.helpers:
            return False
        name = self.rng.choice(list(program.helpers))
        pairs = [
            ("y \\+", "y -"),
            ("return 0", "return 1"),
            ("static int (?=help)", "static long "),
            ("> 3", ">= 4"),
            ("> 3", "> 4"),
            (r"\+= y", "+= (y)"),
            (r"->n\b", "->m"),
            ("static long", "static int"),
            ("!p", "p == 0"),
            ("& 3", "& 1"),
            (r"\((\w+|unsigned \w+) y", "(int y"),
            (r"\((\w+|unsigned \w+) y", "(long y"),
        ]
        self.rng.shuffle(pairs)
        for old, new in pairs:
            made = re.sub(old, new, program.helpers[name], count=1)
            if made != program.helpers[name]:
                program.helpers[name] = made
                return True
        return False

    def leave(self, program: Program) -> bool:
        """Put a way out somewhere."""
        at = self.place(program, "line if for while")
        if at is None:
            return False
        words = self.rng.choice(("goto out;", "return y;", "return z + y;"))
        at[0].insert(at[1], Part("if", self.rng.choice(("y > 5", "a == 3", "!p", "0")), [[line(words)]]))
        return True


def _call_at(words: str, start: int) -> str | None:
    """Return the call that begins at an offset."""
    depth = 0
    for end in range(start, len(words)):
        depth += {"(": 1, ")": -1}.get(words[end], 0)
        if depth == 0 and words[end] == ")":
            return words[start : end + 1]
    return None


def pair(seed: int) -> tuple[str, str, str]:
    """Return two texts and the names of the edits between them."""
    rng = Random(seed)
    before = Writer(rng).program()
    after, names = before, []
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        after, name = Editor(rng).edit(after)
        names.append(name)
    return before.text(), after.text(), "+".join(names)
