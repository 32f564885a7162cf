"""The intermediate representation: a C function as a control-flow graph of simple steps (rules L1, T3,
T10).

What a reader of it may rely on:

- An expression (Expr) has no side effects. It may read memory, so it may fault (F1), and its value is that
  of the moment when the instruction that holds it runs. `&&`, `||` and `?:` are gone: they are branches.
- Conversions are written out. The operands of a Binary have the type that C's usual conversions give
  (shifts: each its own promoted type), an Assign's value has the target's type, a Return's the function's.
  Where a type is Unknown the Cast is still there (`Cast(type=Unknown)`: rule T2's conv_T), and operands
  keep the types they have.
- Every call, volatile access, warning, asm is an instruction of its own, in the order of evaluation (left
  to right where C leaves it open, with an Unsequenced in front: rule T10). A call's result goes to a
  temporary variable.
- A Branch's condition is a scalar, taken as `!= 0`. `!`, `!!`, `== 0`, `!= 0`, `== NULL`, likely() are
  stripped, with the arms swapped as needed, so `!!(c)` gives the graph of `c`.
- Blocks are numbered in reverse postorder; blocks[0] is the entry; each is reachable from it and ends in
  one Terminator. Empty blocks are threaded, straight lines merged, and every cycle has one entry (L1).
  Loops are cycles of the graph (L3's normal form is the reader's work).
- Each Span is into Function.text, the text that lowering was given. What comes out of a macro has the span
  of the macro's use.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .ctype import BOOL, INT, ULONG, VOID_POINTER, CType, FunctionType


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where something stands: offsets into Function.text and the 1-based line of its start."""

    start: int
    end: int
    line: int


# Variables and places


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A local variable: parameter, automatic, static, or a temporary of the lowering."""

    number: int
    """Its index in Function.variables; two declarations of one name are two variables."""
    name: str = field(compare=False)
    """As declared; "%3" for a temporary."""
    type: CType
    kind: str
    """"parameter", "local", "static", "temporary" (an object without a name, too: a compound literal);
    "open": a parameter that no difference may rest on (C9)."""
    volatile: bool = False
    """Declared volatile: each access is a VolatileRead or VolatileWrite."""
    initial: str | None = None
    """A static's initialiser, its text with single blanks; None: zero, or no static."""
    dynamic: bool = False
    """A variable-length array: its size is an expression that was evaluated in front of its Declare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """The variable itself, as a place."""

    variable: Variable

    @property
    def type(self) -> CType:
        """The declared type."""
        return self.variable.type


@dataclass(frozen=True, slots=True, kw_only=True)
class Global:
    """A variable with static storage that is not the function's own. `known`: declared in the file (T8
    otherwise). `fixed`: with an initialiser that says all that it ever holds."""

    name: str
    type: CType
    known: bool
    fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deref:
    """`*p`, `p[i]`: index in elements (0 for `*p`). `(*p).f` and `p->f` are Member(Deref(p), f)."""

    pointer: Expr
    index: Expr
    type: CType


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A field of a struct or union at a place: `p->f`, `x.f`."""

    base: Place
    field: str
    record: str
    """The struct's tag, "" where not told."""
    layout: str
    """"disjoint": defined at hand, no other field shares its storage. "shared": a union's member
    (M2). "unknown": no definition at hand."""
    type: CType


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """An element of an array that is itself a place: `x.a[i]`, `local[i]`. Of a pointer it is Deref.

    Where it is not told whether `x.a` is an array or a pointer, `x.a[i]` is Deref(Read(x.a), i).
    """

    base: Place
    index: Expr
    type: CType


Place = Local | Global | Deref | Member | Element


# Expressions: no side effects; each has a type


@dataclass(frozen=True, slots=True, kw_only=True)
class Const:
    """An integer, sign-correct for its type (a pointer's NULL is 0)."""

    value: int
    type: CType
    name: str = field(default="", compare=False)
    """The macro or enum constant that it is written as; "" for a literal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A named constant whose value is not at hand (T4, T8): FOLL_PIN, PAGE_SIZE, CONFIG_PGTABLE_LEVELS."""

    name: str
    type: CType
    known: bool
    """Whether the environment declares it; else it was read as a constant for its UPPER_CASE (A0)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFlag:
    """A free boolean of the configuration (T7). `key`: "y:CONFIG_X" (built in), "m:CONFIG_X" (module),
    "module" (this file is built as a module), or "#if <normalised text>" of any other condition."""

    key: str
    type: CType = BOOL


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A string literal, its pieces joined (escapes as written)."""

    content: str
    type: CType


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionName:
    """A function designator: `f` and `&f` alike (T12)."""

    name: str
    type: CType


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The value at a place (of a struct: the whole object)."""

    place: Place
    type: CType


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressOf:
    """`&place`, also a decayed array. Evaluating it reads no memory but what its pointers need; it never
    faults itself."""

    place: Place
    type: CType


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary:
    """`-`, `~`; `!` (type int)."""

    op: str
    value: Expr
    type: CType


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """`+ - * / % & | ^ << >>` and `== != < <= > >=` (type int). Never on pointers, but for comparisons."""

    op: str
    left: Expr
    right: Expr
    type: CType


@dataclass(frozen=True, slots=True, kw_only=True)
class PointerAdd:
    """`pointer + index` in elements of the pointed-to type."""

    pointer: Expr
    index: Expr
    type: CType


@dataclass(frozen=True, slots=True, kw_only=True)
class PointerDifference:
    """`left - right` in elements; type long."""

    left: Expr
    right: Expr
    type: CType


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """A conversion, written or implied, to `type` (Unknown: conv_T)."""

    value: Expr
    type: CType


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeOf:
    """sizeof, alignof or offsetof of what is no number here (T9); type unsigned long."""

    op: str
    """"sizeof", "alignof", "offsetof", "bitsof"."""
    of: CType
    member: str = ""
    """offsetof's path, "a.b"; sizeof's the normalised text where `of` is Unknown without a name."""
    type: CType = ULONG


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerOf:
    """container_of(pointer, record, member): M1's inverse of addr. Type: pointer to record."""

    pointer: Expr
    record: CType
    member: str
    type: CType


Expr = (
    Const | Symbol | ConfigFlag | Text | FunctionName | Read | AddressOf | Unary | Binary | PointerAdd
    | PointerDifference | Cast | SizeOf | ContainerOf
)  # fmt: skip


# Instructions


@dataclass(frozen=True, slots=True, kw_only=True)
class Declare:
    """The declaration is reached: from here the variable is indeterminate (T11); for an object, a new one
    (M3)."""

    variable: Variable
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """A plain store. Of a Record or Unknown type it is M8's whole-object copy."""

    target: Place
    value: Expr
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroFill:
    """The whole object becomes zero, padding and fields never named included (M8): in front of an
    initialiser's stores."""

    target: Place
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate:
    """A value that nobody uses: only its faults count (arguments of pr_*(), `(void)*p`)."""

    value: Expr
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a call."""

    value: Expr
    """Converted to the parameter's type where a prototype is at hand, else promoted."""
    place: Place | None = None
    """The location of a bare lvalue, where the callee may be a macro that assigns it (C7); None for known
    functions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call, an atomic or other macro of the kernel's, or a synthetic effect."""

    target: Variable | None
    """The temporary that takes the answer; None where it is not used."""
    callee: str
    """The function's name; for a call through a pointer "->field" or "*name" (C6)."""
    pointer: Expr | None
    """The pointer called through; None for a direct call."""
    arguments: tuple[Argument, ...]
    kind: str
    """"function": defined or declared at hand, or in the table. "pure", "observing": of those the table says
    that they only read (C1). "pointer": through a pointer. "macro":
    known to be a macro, with its places. "unknown": may be either (C7). "upper": unknown, UPPER_CASE: no
    assumption allowed."""
    type: CType
    """The result's type; Unknown where not told."""
    span: Span
    detail: str = ""
    """What the arguments cannot say: types as arguments (`min_t(u32, ...)`: "u32"), a member's name, an
    untreated statement's text."""
    prototype: FunctionType | None = None
    """What is at hand of it."""
    never_errors: bool = False
    """Whether a table says that the answer is no error pointer (T5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VolatileRead:
    """READ_ONCE and its kin, or a read of a volatile object: an effect at its location (B2, M5)."""

    target: Variable
    place: Place
    how: str
    """"READ_ONCE", "volatile", "rcu_dereference", ...: the canonical name; part of the event."""
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class VolatileWrite:
    """WRITE_ONCE and its kin, or a store to a volatile object."""

    place: Place
    value: Expr
    how: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn:
    """A warning fires (its condition is a Branch in front). `how`: "WARN", "WARN_ONCE", "WARN_RATELIMIT",
    "taint"."""

    how: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The head of an iteration macro whose definition is not at hand (L7): an effect.

    `more` becomes whether another turn comes; every argument with a place gets a new value; `token` carries
    the state; at the loop's entry Assign(token, 0) resets it.
    """

    more: Variable
    token: Variable
    macro: str
    arguments: tuple[Argument, ...]
    span: Span
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asm:
    """Inline assembly, opaque: `text` is the whole statement with single blanks and its variables as in
    Unsequenced, operands as in the source order."""

    text: str
    outputs: tuple[Place, ...]
    inputs: tuple[Expr, ...]
    memory: bool
    """Whether "memory" is clobbered, or it is volatile or has no outputs."""
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsequenced:
    """What follows evaluates operands whose order C leaves open and which may interfere (T10).

    `text` is the whole marked expression, the function's variables in it called $1, $2 ... by first
    appearance, so that renaming them changes nothing; `operands` are the operands, each written so.
    """

    text: str
    operands: tuple[str, ...]
    callees: tuple[tuple[str, ...], ...]
    """The calls in each of them ("" for one through a pointer)."""
    reads: tuple[bool, ...]
    """Whether each reads memory. Nothing interferes where `stores` is False, at most one operand has
    callees that are effects, and, if one has, no other operand reads memory."""
    stores: bool
    """Whether an operand assigns a variable that another one reads or assigns."""
    span: Span


Instruction = (
    Declare
    | Assign
    | ZeroFill
    | Evaluate
    | Call
    | VolatileRead
    | VolatileWrite
    | Warn
    | Step
    | Asm
    | Unsequenced
)


# Terminators


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """Go on at a block."""

    to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """`condition != 0` goes to `then`, else to `other`."""

    condition: Expr
    then: int
    other: int
    span: Span
    """The condition's own words, without what was stripped: `!(a == 0)` has the span of `a`."""
    words: str
    """The same as text with single blanks and no comments; "" where it is the lowering's own (configuration
    has it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`case low ... high:`; a plain label has low == high."""

    low: Expr
    high: Expr
    to: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """The labels of one switch are distinct (T4); what matches none goes to `other`."""

    value: Expr
    """Promoted; labels are converted to its type."""
    cases: tuple[Case, ...]
    other: int
    span: Span
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """The outcome; the value is converted to the declared type. Scopes' cleanups ran before."""

    value: Expr | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """BUG, panic, a call that does not return, __builtin_unreachable."""

    how: str
    """"BUG", "unreachable", or the callee's name (the Call stands in front)."""
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class AsmJump:
    """asm goto: falls through to `targets[0]` or goes to a label; which is the asm's own answer."""

    asm: Asm
    targets: tuple[int, ...]


Terminator = Jump | Branch | Switch | Return | Stop | AsmJump


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A straight run of instructions and where it goes."""

    instructions: tuple[Instruction, ...]
    terminator: Terminator
    label: str = ""
    """The goto label that begins it, for a reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A lowered function."""

    name: str
    result: CType
    parameters: tuple[Variable, ...]
    variadic: bool
    variables: tuple[Variable, ...]
    """All of them, parameters first, by number."""
    blocks: tuple[Block, ...]
    text: str
    line: int
    """The first line of `text` in its file, 1 where not told."""
    addressed: frozenset[int]
    """Numbers of the variables whose address is taken anywhere: &x, an array that decays, a compound literal,
    an asm's memory operand. Neither a struct whose fields are only read and assigned nor a bare argument of a
    call that may be a macro (C7: Argument.place) is among them."""
    signature: str
    """Storage, attributes, return type and parameter types with single blanks, names left out: compared for
    B6."""
    calls: frozenset[str]
    """Names of all direct callees, macros that were expanded included."""
    names: frozenset[str]
    """Every identifier of the text that is no local: what B7's environment must answer for."""
    config: str | None = None
    """The preprocessor condition around the definition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlowered:
    """A function that the lowering does not take: the reason is part of every verdict on it.

    Codes: "unparsed", "partial" (a hunk's fragment), "construct" (with what), "irreducible", "budget".
    """

    name: str
    code: str
    text: str
    """What it is, for a reader: "computed goto", "float arithmetic", "goto into nowhere: out"."""
    line: int
    """1-based, in the given text."""
    reaches: frozenset[str] | None = None
    """What a run of it may begin with, where that is known without its body (reach.FirstSteps)."""


NULL = Const(value=0, type=VOID_POINTER, name="NULL")
ZERO = Const(value=0, type=INT)


def successors(terminator: Terminator) -> tuple[int, ...]:
    """Return the blocks that it may go to, in order, repeated where two ways lead to one."""
    if isinstance(terminator, Jump):
        return (terminator.to,)
    if isinstance(terminator, Branch):
        return (terminator.then, terminator.other)
    if isinstance(terminator, Switch):
        return (*(case.to for case in terminator.cases), terminator.other)
    return terminator.targets if isinstance(terminator, AsmJump) else ()
