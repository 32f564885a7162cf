"""Building of bit-vector terms in one canonical form: a table of rules, each a theorem (rule T3).

`RULES[op]` holds the rules of an operator in the order in which they are tried; a rule gets the table and the
arguments and returns the simpler term or None. tests/test_simplify.py proves each against z3. Conditions are
in if-then-else normal form: an `ite` asks an atom, never an `ite` or a negation, so that nested ifs, &&, ||
and ?: of one meaning become one term.
"""

from __future__ import annotations

from collections.abc import Callable

from .term import Term, Terms

Rule = Callable[[Terms, tuple[Term, ...]], Term | None]

MOST_OPENED = 60
"""Terms of a condition up to which an `ite` over it is opened into asks of its atoms."""
COMMUTATIVE = frozenset({"add", "mul", "and", "or", "xor", "eq"})
COMPARISONS = frozenset({"eq", "ult", "slt"})


def mask(width: int) -> int:
    """Return the constant of `width` ones."""
    return (1 << width) - 1


def signed(value: int, width: int) -> int:
    """Return the two's complement reading of an unsigned constant."""
    return value - (1 << width) if value >> (width - 1) else value


def build(terms: Terms, op: str, *args: Term) -> Term:
    """Return `op(args)` simplified.

    Operators: add mul and or xor shl lshr ashr udiv urem sdiv srem (equal widths), eq ult slt (to 1 bit), not
    (complement; of 1 bit the negation), ite (condition of 1 bit; also of histories and memories).
    """
    if op in COMMUTATIVE and _order(args[0]) < _order(args[1]):
        args = (args[1], args[0])
    key = (op, *args)
    found = terms.memo.get(key)
    if found is None:
        found = _apply(terms, op, args)
        terms.memo[key] = found
    return found


def _order(term: Term) -> tuple[bool, int]:
    """Constants stand on the right."""
    return (term.op != "const", -term.number)


def _apply(terms: Terms, op: str, args: tuple[Term, ...]) -> Term:
    for rule in RULES[op]:
        found = rule(terms, args)
        if found is not None:
            return found
    return raw(terms, op, *args)


def raw(terms: Terms, op: str, *args: Term) -> Term:
    """Return `op(args)` as it stands."""
    width = 1 if op in COMPARISONS else args[1].width if op == "ite" else args[0].width
    return terms.make(op, args, None, width)


def resize(terms: Terms, value: Term, width: int, sign: bool) -> Term:
    """Return `value` cut or extended (by its sign where `sign`) to `width`."""
    if value.width == width:
        return value
    if value.op == "const":
        number = int(value.data)  # type: ignore[call-overload]
        return terms.const(signed(number, value.width) if sign else number, width)
    if value.op == "ite" and any(arm.op == "const" for arm in value.args[1:]):
        arms = (resize(terms, arm, width, sign) for arm in value.args[1:])
        return build(terms, "ite", value.args[0], *arms)
    if width < value.width:
        return _cut(terms, value, width)
    if value.op == "zext" and value.args[0].width < value.width:
        return terms.make("zext", value.args, None, width)
    if value.op == "sext" and sign:
        return terms.make("sext", value.args, None, width)
    return terms.make("sext" if sign else "zext", (value,), None, width)


def _cut(terms: Terms, value: Term, width: int) -> Term:
    if value.op in ("zext", "sext"):
        inner = value.args[0]
        return resize(terms, inner, width, value.op == "sext")
    if value.op == "trunc":
        return terms.make("trunc", value.args, None, width)
    return terms.make("trunc", (value,), None, width)


def conjunction(terms: Terms, *conditions: Term) -> Term:
    """Return the condition that all of them hold."""
    found = terms.const(1, 1)
    for condition in conditions:
        found = build(terms, "and", found, condition)
    return found


def negation(terms: Terms, condition: Term) -> Term:
    """Return the negation of a 1-bit term."""
    return build(terms, "not", condition)


def truth(terms: Terms, value: Term) -> Term:
    """Return `value != 0` as one bit."""
    if value.width == 1:
        return value
    return negation(terms, build(terms, "eq", value, terms.const(0, value.width)))


def ite(terms: Terms, condition: Term, then: Term, other: Term) -> Term:
    """Return `condition ? then : other`, for every sort."""
    return then if then is other else build(terms, "ite", condition, then, other)


# Rules. Each gets its arguments in canonical order: a constant of a commutative operator is the second.


def _value(term: Term) -> int | None:
    return int(term.data) if term.op == "const" else None  # type: ignore[call-overload]


FOLD: dict[str, Callable[[int, int, int], int | None]] = {
    "add": lambda a, b, w: a + b,
    "mul": lambda a, b, w: a * b,
    "and": lambda a, b, w: a & b,
    "or": lambda a, b, w: a | b,
    "xor": lambda a, b, w: a ^ b,
    "shl": lambda a, b, w: a << b if b < w else None,
    "lshr": lambda a, b, w: a >> b if b < w else None,
    "ashr": lambda a, b, w: signed(a, w) >> b if b < w else None,
    "udiv": lambda a, b, w: a // b if b else None,
    "urem": lambda a, b, w: a % b if b else None,
    "sdiv": lambda a, b, w: _quotient(signed(a, w), signed(b, w)) if b else None,
    "srem": lambda a, b, w: _remainder(signed(a, w), signed(b, w)) if b else None,
    "eq": lambda a, b, w: int(a == b),
    "ult": lambda a, b, w: int(a < b),
    "slt": lambda a, b, w: int(signed(a, w) < signed(b, w)),
}


def _quotient(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _remainder(a: int, b: int) -> int:
    return a - b * _quotient(a, b)


def _folded(op: str) -> Rule:
    def rule(terms: Terms, args: tuple[Term, ...]) -> Term | None:
        left, right = _value(args[0]), _value(args[1])
        if left is None or right is None:
            return None
        width = args[0].width
        found = FOLD[op](left, right, width)
        return None if found is None else terms.const(found, 1 if op in COMPARISONS else width)

    rule.__name__ = f"fold_{op}"
    return rule


def _right_is(
    value: Callable[[int], int], result: Callable[[Terms, tuple[Term, ...]], Term], name: str
) -> Rule:
    """Return the rule `x op c = result` where c == value(width)."""

    def rule(terms: Terms, args: tuple[Term, ...]) -> Term | None:
        return result(terms, args) if _value(args[1]) == value(args[0].width) else None

    rule.__name__ = name
    return rule


def _left(terms: Terms, args: tuple[Term, ...]) -> Term:
    return args[0]


def _right(terms: Terms, args: tuple[Term, ...]) -> Term:
    return args[1]


def _zero(terms: Terms, args: tuple[Term, ...]) -> Term:
    return terms.const(0, args[0].width)


def _complement(terms: Terms, args: tuple[Term, ...]) -> Term:
    return build(terms, "not", args[0])


def _same(result: Callable[[Terms, tuple[Term, ...]], Term], name: str) -> Rule:
    """Return the rule `x op x = result`."""

    def rule(terms: Terms, args: tuple[Term, ...]) -> Term | None:
        return result(terms, args) if args[0] is args[1] else None

    rule.__name__ = name
    return rule


def _regroup(op: str) -> Rule:
    """Return the rule `(x op c) op d = x op (c op d)`."""

    def rule(terms: Terms, args: tuple[Term, ...]) -> Term | None:
        if args[0].op == op and args[1].op == "const" and args[0].args[1].op == "const":
            return build(terms, op, args[0].args[0], build(terms, op, args[0].args[1], args[1]))
        return None

    rule.__name__ = f"regroup_{op}"
    return rule


def _constant_outwards(op: str) -> Rule:
    """Return the rule `(x op c) op y = (x op y) op c`, for either side."""

    def rule(terms: Terms, args: tuple[Term, ...]) -> Term | None:
        for one, two in (args, args[::-1]):
            if one.op == op and one.args[1].op == "const" and two.op != "const":
                return build(terms, op, build(terms, op, one.args[0], two), one.args[1])
        return None

    rule.__name__ = f"constant_outwards_{op}"
    return rule


def _add_cancels(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`x + -x = 0`, `(x + y) + -x = y`; -x stands as x * -1."""
    for one, two in (args, args[::-1]):
        if _negated(one) is two:
            return terms.const(0, one.width)
        if one.op == "add":
            for kept, gone in (one.args, one.args[::-1]):
                if _negated(gone) is two or _negated(two) is gone:
                    return kept
    return None


def _negated(term: Term) -> Term | None:
    """Return x where `term` is -x."""
    return term.args[0] if term.op == "mul" and _value(term.args[1]) == mask(term.width) else None


def _mul_distributes(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`-(x + y) = -x + -y`."""
    if args[0].op == "add" and _value(args[1]) == mask(args[0].width):
        return build(terms, "add", *(build(terms, "mul", part, args[1]) for part in args[0].args))
    return None


def _absorb(op: str) -> Rule:
    """Return the rule `(x op y) op y = x op y` of and, or."""

    def rule(terms: Terms, args: tuple[Term, ...]) -> Term | None:
        for one, two in (args, args[::-1]):
            if one.op == op and two in one.args:
                return one
        return None

    rule.__name__ = f"absorb_{op}"
    return rule


def _logic_of_bits(op: str) -> Rule:
    """Return the rule that gives `and`, `or`, `xor`, `eq` of 1 bit as an ite."""

    def rule(terms: Terms, args: tuple[Term, ...]) -> Term | None:
        if args[0].width != 1:
            return None
        left, right = args
        if op == "and":
            return build(terms, "ite", left, right, terms.const(0, 1))
        if op == "or":
            return build(terms, "ite", left, terms.const(1, 1), right)
        negated = build(terms, "not", right)
        return build(terms, "ite", left, *((right, negated) if op == "eq" else (negated, right)))

    rule.__name__ = f"bit_{op}"
    return rule


def _eq_extended(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`zext(x) == c` is `x == c` cut, or false where c does not fit; the same of sext, and of two alike."""
    left, right = args
    if left.op not in ("zext", "sext"):
        return None
    inner, number = left.args[0], _value(right)
    if number is not None:
        cut = terms.const(number, inner.width)
        if resize(terms, cut, left.width, left.op == "sext") is not right:
            return terms.const(0, 1)
        return build(terms, "eq", inner, cut)
    if right.op == left.op and right.args[0].width == inner.width:
        return build(terms, "eq", inner, right.args[0])
    return None


def _eq_bit(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`b == 1` is b and `b == 0` its negation, of 1 bit."""
    if args[0].width == 1 and args[1].op == "const":
        return args[0] if _value(args[1]) else build(terms, "not", args[0])
    return None


def _eq_sum(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`x + c == d` is `x == d - c`; `x + y == x` is `y == 0`."""
    left, right = args
    if left.op in ("add", "xor") and left.args[1].op == "const" and right.op == "const":
        c, d = _value(left.args[1]), _value(right)
        assert c is not None
        assert d is not None
        return build(
            terms, "eq", left.args[0], terms.const(d - c if left.op == "add" else d ^ c, right.width)
        )
    for one, two in (args, args[::-1]):
        if one.op == "add" and two in one.args:
            rest = one.args[1] if one.args[0] is two else one.args[0]
            return build(terms, "eq", rest, terms.const(0, rest.width))
    return None


def _eq_arms(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`(g ? a : b) == c` is `g ? a == c : b == c` where both arms, or one, and c are constants."""
    left, right = args
    if left.op != "ite" or right.op != "const" or not any(arm.op == "const" for arm in left.args[1:]):
        return None
    return build(terms, "ite", left.args[0], *(build(terms, "eq", arm, right) for arm in left.args[1:]))


def _eq_one_bit_mask(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`(x & m) == m` is `(x & m) != 0` for m of one bit (rule T3: known to be one bit)."""
    left, right = args
    number = _value(right)
    if not number or number & (number - 1) or left.op != "and" or left.args[1] is not right:
        return None
    return build(terms, "not", build(terms, "eq", left, terms.const(0, left.width)))


def _compare_arms(op: str) -> Rule:
    """Return the rule that takes ult, slt with a constant into an ite with a constant arm."""

    def rule(terms: Terms, args: tuple[Term, ...]) -> Term | None:
        for place in (0, 1):
            one, two = args[place], args[1 - place]
            if one.op == "ite" and two.op == "const" and any(arm.op == "const" for arm in one.args[1:]):
                pairs = ((arm, two) if place == 0 else (two, arm) for arm in one.args[1:])
                return build(terms, "ite", one.args[0], *(build(terms, op, *pair) for pair in pairs))
        return None

    rule.__name__ = f"{op}_arms"
    return rule


def _ult_ends(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`x < 0` is false, `x < 1` is `x == 0`, `0 < x` is `x != 0`, `max < x` is false."""
    left, right = _value(args[0]), _value(args[1])
    if right == 0 or left == mask(args[0].width):
        return terms.const(0, 1)
    if right == 1:
        return build(terms, "eq", args[0], terms.const(0, args[0].width))
    if left == 0:
        return truth(terms, args[1])
    return None


def _ult_next(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`c < x` is `!(x < c + 1)` where c + 1 does not wrap: constants stand on the right."""
    left = _value(args[0])
    if left is None or left == mask(args[0].width):
        return None
    return build(terms, "not", build(terms, "ult", args[1], terms.const(left + 1, args[0].width)))


def _slt_next(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """The same of signed `<`; `most < x` is false."""
    left = _value(args[0])
    if left is None:
        return None
    width = args[0].width
    if left == mask(width) >> 1:
        return terms.const(0, 1)
    return build(terms, "not", build(terms, "slt", args[1], terms.const(left + 1, width)))


def _slt_least(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`x < least` is false."""
    return terms.const(0, 1) if _value(args[1]) == 1 << (args[0].width - 1) else None


def _slt_extended(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """Signed `zext(x) < zext(y)` is unsigned; `sext(x) < sext(y)` is signed of x and y; c as its cut."""
    left, right = args
    for one, two in ((left, right), (right, left)):
        if one.op not in ("zext", "sext"):
            continue
        inner = one.args[0]
        other = _narrowed(terms, two, one.op, inner.width)
        if other is None or (one.op == "zext" and inner.width >= one.width):
            continue
        op = "slt" if one.op == "sext" else "ult"
        return build(terms, op, *((inner, other) if one is left else (other, inner)))
    return None


def _ult_extended(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """Unsigned `zext(x) < zext(y)` is `x < y`; c as its cut."""
    left, right = args
    for one, two in ((left, right), (right, left)):
        if one.op == "zext":
            other = _narrowed(terms, two, "zext", one.args[0].width)
            if other is not None:
                return build(terms, "ult", *((one.args[0], other) if one is left else (other, one.args[0])))
    return None


def _narrowed(terms: Terms, term: Term, how: str, width: int) -> Term | None:
    """Return t of `width` with how(t) == term; None where that is not plain."""
    if term.op == how and term.args[0].width == width:
        return term.args[0]
    if term.op == "const":
        cut = terms.const(_value(term) or 0, width)
        return cut if resize(terms, cut, term.width, how == "sext") is term else None
    return None


def _not_not(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    return args[0].args[0] if args[0].op == "not" else None


def _not_const(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    number = _value(args[0])
    return None if number is None else terms.const(~number, args[0].width)


def _not_ite(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`~(g ? a : b)` is `g ? ~a : ~b`, of 1 bit."""
    if args[0].op != "ite" or args[0].width != 1:
        return None
    guard, then, other = args[0].args
    return build(terms, "ite", guard, build(terms, "not", then), build(terms, "not", other))


def _ite_const(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    number = _value(args[0])
    return None if number is None else args[1] if number else args[2]


def _ite_same(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    return args[1] if args[1] is args[2] else None


def _ite_not(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    return build(terms, "ite", args[0].args[0], args[2], args[1]) if args[0].op == "not" else None


def _ite_bits(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`g ? 1 : 0` is g and `g ? 0 : 1` its negation, of 1 bit."""
    if args[1].width != 1:
        return None
    then, other = _value(args[1]), _value(args[2])
    if (then, other) == (1, 0):
        return args[0]
    return terms.make("not", (args[0],), None, 1) if (then, other) == (0, 1) and args[0].op != "ite" else None


def _ite_guard_in_arm(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`g ? (g ? a : b) : c` is `g ? a : c`; `g ? g : c` is `g ? 1 : c`; the same of the other arm."""
    guard, then, other = args
    if then.op == "ite" and then.args[0] is guard:
        return build(terms, "ite", guard, then.args[1], other)
    if other.op == "ite" and other.args[0] is guard:
        return build(terms, "ite", guard, then, other.args[2])
    for place, arm in ((1, then), (2, other)):
        known: Term | None = None
        if arm is guard:
            known = terms.const(int(place == 1), 1)
        elif arm.op == "not" and arm.args[0] is guard:
            known = terms.const(int(place == 2), 1)
        if known is not None:
            return build(terms, "ite", guard, *((known, other) if place == 1 else (then, known)))
    return None


def _ite_opened(terms: Terms, args: tuple[Term, ...]) -> Term | None:
    """`(g ? a : b) ? x : y` is `g ? (a ? x : y) : (b ? x : y)`, while the condition is small."""
    if args[0].op != "ite" or _size(args[0], MOST_OPENED) >= MOST_OPENED:
        return None
    guard, then, other = args[0].args
    return build(
        terms, "ite", guard, build(terms, "ite", then, *args[1:]), build(terms, "ite", other, *args[1:])
    )


def _size(term: Term, limit: int) -> int:
    """Count the asks of a 1-bit term as a tree, up to `limit`."""
    if term.op == "not":
        return _size(term.args[0], limit)
    if term.op != "ite" or limit <= 0:
        return 1
    count = 1
    for arm in term.args:
        count += _size(arm, limit - count)
        if count >= limit:
            return limit
    return count


def _all(width: int) -> int:
    return mask(width)


def _none(width: int) -> int:
    return 0


def _one(width: int) -> int:
    return 1


def _quotient_of(op: str, term: Term) -> tuple[Term, int] | None:
    """Return x and a where a term is x / a and a is a constant above zero."""
    if term.op != op or term.args[1].op != "const":
        return None
    under = _value(term.args[1])
    assert under is not None
    under = signed(under, term.width) if op == "sdiv" else under
    return (term.args[0], under) if under > 0 else None


def _divided_twice(op: str) -> Rule:
    """Return the rule `x / a / b = x / (a * b)` for a and b above zero whose product fits."""

    def rule(terms: Terms, args: tuple[Term, ...]) -> Term | None:
        outer = _quotient_of(op, raw(terms, op, *args))
        inner = _quotient_of(op, args[0])
        if outer is None or inner is None:
            return None
        product = outer[1] * inner[1]
        if product > mask(args[0].width - (op == "sdiv")):
            return None
        return build(terms, op, inner[0], terms.const(product, args[0].width))

    rule.__name__ = f"divided_twice_{op}"
    return rule


def _compare_quotient(op: str) -> Rule:
    """Return the rule `x / a < c` is `x < a * c` for c above zero, where the product fits."""
    divided = "sdiv" if op == "slt" else "udiv"

    def rule(terms: Terms, args: tuple[Term, ...]) -> Term | None:
        found, number = _quotient_of(divided, args[0]), _value(args[1])
        if found is None or number is None:
            return None
        width = args[0].width
        c = signed(number, width) if op == "slt" else number
        if c <= 0 or c * found[1] > mask(width - (op == "slt")):
            return None
        return build(terms, op, found[0], terms.const(c * found[1], width))

    rule.__name__ = f"compare_quotient_{op}"
    return rule


RULES: dict[str, tuple[Rule, ...]] = {
    "add": (
        _folded("add"),
        _right_is(_none, _left, "add_zero"),
        _add_cancels,
        _regroup("add"),
        _constant_outwards("add"),
    ),
    "mul": (
        _folded("mul"),
        _right_is(_none, _zero, "mul_zero"),
        _right_is(_one, _left, "mul_one"),
        _regroup("mul"),
        _mul_distributes,
    ),
    "and": (
        _folded("and"),
        _right_is(_none, _zero, "and_zero"),
        _right_is(_all, _left, "and_ones"),
        _same(_left, "and_same"),
        _logic_of_bits("and"),
        _regroup("and"),
        _constant_outwards("and"),
        _absorb("and"),
    ),
    "or": (
        _folded("or"),
        _right_is(_none, _left, "or_zero"),
        _right_is(_all, _right, "or_ones"),
        _same(_left, "or_same"),
        _logic_of_bits("or"),
        _regroup("or"),
        _constant_outwards("or"),
        _absorb("or"),
    ),
    "xor": (
        _folded("xor"),
        _right_is(_none, _left, "xor_zero"),
        _right_is(_all, _complement, "xor_ones"),
        _same(_zero, "xor_same"),
        _logic_of_bits("xor"),
        _regroup("xor"),
        _constant_outwards("xor"),
    ),
    "shl": (_folded("shl"), _right_is(_none, _left, "shl_zero")),
    "lshr": (_folded("lshr"), _right_is(_none, _left, "lshr_zero")),
    "ashr": (_folded("ashr"), _right_is(_none, _left, "ashr_zero")),
    "udiv": (_folded("udiv"), _right_is(_one, _left, "udiv_one"), _divided_twice("udiv")),
    "urem": (_folded("urem"), _right_is(_one, _zero, "urem_one")),
    "sdiv": (_folded("sdiv"), _divided_twice("sdiv")),
    "srem": (_folded("srem"),),
    "eq": (
        _same(lambda terms, args: terms.const(1, 1), "eq_same"),
        _folded("eq"),
        _eq_bit,
        _logic_of_bits("eq"),
        _eq_arms,
        _eq_extended,
        _eq_sum,
        _eq_one_bit_mask,
    ),
    "ult": (
        _same(lambda terms, args: terms.const(0, 1), "ult_same"),
        _folded("ult"),
        _ult_ends,
        _compare_arms("ult"),
        _ult_extended,
        _ult_next,
        _compare_quotient("ult"),
    ),
    "slt": (
        _same(lambda terms, args: terms.const(0, 1), "slt_same"),
        _folded("slt"),
        _slt_least,
        _compare_arms("slt"),
        _slt_extended,
        _slt_next,
        _compare_quotient("slt"),
    ),
    "not": (_not_not, _not_const, _not_ite),
    "ite": (_ite_const, _ite_same, _ite_not, _ite_bits, _ite_guard_in_arm, _ite_opened),
}
