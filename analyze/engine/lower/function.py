"""A function's text -> its graph: the header, the body, and what the rest of the engine asks of both."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise, product

from ...lexical import Directive, Source, blank, scan
from ...outline import Piece
from ...syntax import Node, faults
from ..ctype import CType, FunctionType, spell
from ..declare import Declared, UnreadError, base_type, declarator, specifiers
from ..difference import BOUND
from ..environment import Environment
from ..fragment import LONGEST, Fragment, first_function, read_definition
from ..ir import Function, Return, Stop, Unlowered
from . import configuration
from .ambiguous import settle
from .context import Lowering
from .graph import RefusedError
from .kinds import TABLES
from .scope import check_gotos, find_labels, run_cleanups
from .tables import ATTRIBUTES

MOST_BLOCKS = 20_000
MOST_VARIANTS = 8
_WORD = re.compile(r"[A-Za-z_]\w*")
_PAIRS = re.compile(r"\w*SYSCALL\w*_DEFINE\d?\b|BPF_CALL_\d")


def lower_function(definition_text: str, environment: Environment | None = None) -> Function | Unlowered:
    """Lower the first function that a text defines.

    Never raises: what is not taken is Unlowered, with its reason. Without an environment the text is its own.
    A hunk's fragment, whose braces do not balance, is Unlowered("partial").
    """
    if len(definition_text) > LONGEST:
        return Unlowered(name="", code="budget", text=f"more than {LONGEST} characters", line=1)
    found = first_function(definition_text)
    if found is None:
        code = "partial" if definition_text.count("{") != definition_text.count("}") else "unparsed"
        return Unlowered(name="", code=code, text="no function", line=1)
    source, piece = found
    if environment is None:
        environment = Environment.from_text("", definition_text)
    return lower_piece(source, piece, environment)


def lower_piece(source: Source, piece: Piece, environment: Environment) -> Function | Unlowered:
    """Lower one function of a file that was cut (outline.cut). Never raises."""
    first = source.line(piece.start)
    return _refused(piece.name, first, lambda line: _lower(source, piece, environment, line))


def _refused(name: str, line: int, how: Callable[[int], Function]) -> Function | Unlowered:
    """Lower what begins at `line`; what is not taken is Unlowered."""
    try:
        return how(line)
    except RefusedError as refused:
        at = line + max(refused.line, 1) - 1
        return Unlowered(name=name, code=refused.code, text=refused.text, line=at)
    except UnreadError as unread:
        return Unlowered(name=name, code="construct", text=str(unread), line=line)
    except RecursionError:
        return Unlowered(name=name, code="budget", text="nested too deep", line=line)


def lower_twins(source: Source, pieces: tuple[Piece, ...], environment: Environment) -> Function | Unlowered:
    """Lower several definitions of one function, each under a condition of the preprocessor, as one.

    Which body is run is the configuration's choice; the last one takes what the others leave (T7). Never
    raises.
    """
    first = source.line(pieces[0].start)
    return _refused(pieces[0].name, first, lambda line: _lower_all(source, pieces, environment, line))


def lower_partly(source: Source, pieces: tuple[Piece, ...], environment: Environment) -> Function | Unlowered:
    """Lower definitions of one function, each under a condition of the preprocessor, of which others may not
    be at hand: where no condition holds, a run stops with BOUND, and nothing is said of it (T7). Never
    raises."""
    first = source.line(pieces[0].start)
    return _refused(
        pieces[0].name, first, lambda line: _lower_all(source, pieces, environment, line, all_of_them=False)
    )


def _lower_all(
    source: Source,
    pieces: tuple[Piece, ...],
    environment: Environment,
    line: int,
    all_of_them: bool = True,
) -> Function:
    variants: list[Variant] = []
    for piece in pieces:
        fragment, definition = _read(source, piece)
        asked = configuration.asked(piece.config or "")
        if definition is None or asked is None:
            raise RefusedError("construct", "several definitions", 1)
        variants.append(((configuration.flag_of_text(asked),), fragment, definition))
    return _finish(source, pieces, environment, line, variants, all_of_them)


def _lower(source: Source, piece: Piece, environment: Environment, line: int) -> Function:
    fragment, definition = _read(source, piece)
    if definition is not None:
        return _finish(source, (piece,), environment, line, [((), fragment, definition)])
    return _finish(source, (piece,), environment, line, _variants(source, piece, fragment))


def _read(source: Source, piece: Piece) -> tuple[Fragment, Node | None]:
    """Return a definition's fragment, and its node where all of it fits the grammar."""
    if not piece.closed or piece.body < 0:
        raise RefusedError("partial", "braces that do not balance", 1)
    if piece.end - piece.start > LONGEST:
        raise RefusedError("budget", f"more than {LONGEST} characters", 1)
    _check_characters(source, piece)
    fragment = read_definition(source, piece)
    return fragment, _definition(fragment)


def _check_characters(source: Source, piece: Piece) -> None:
    """Refuse characters outside ASCII in code and strings: the front end reads all of them as one."""
    if source.text.isascii():
        return
    for at in range(piece.start, piece.end):
        if source.text[at] > "\x7f" and source.code[at] == "?":
            line = source.line(at) - source.line(piece.start) + 1
            raise RefusedError("construct", "a character outside ASCII", line)


def _definition(fragment: Fragment) -> Node | None:
    """Return the function's node where all of it fits the grammar."""
    found = [one for one in fragment.root.named_children if one.kind != "comment"]
    if fragment.root.has_error or len(found) != 1 or found[0].kind != "function_definition":
        return None
    return found[0]


Variant = tuple[tuple[tuple[str, bool], ...], Fragment, Node]


def _variants(source: Source, piece: Piece, broken: Fragment) -> list[Variant]:
    """Read a function whose #if arms hold no whole statements once for each choice of arms."""
    text = source.text[piece.start : piece.end]
    inner = scan(text)
    conditionals = [one for one in inner.directives if one.name.startswith(("if", "el", "endif"))]
    groups = _groups(conditionals)
    bad = faults(broken.root)
    at = bad[0].line if bad else 1
    if groups is None or not groups or len(groups) > 6:
        raise RefusedError("unparsed", "text that fits no rule of the grammar", at)
    keys: dict[str, None] = {}
    for group in groups:
        for directive in group[:-1]:
            if directive.name != "else":
                keys.setdefault(_flag(directive)[0])
    if 2 ** len(keys) > MOST_VARIANTS:
        raise RefusedError("unparsed", "conditionals that cut statements", at)
    found: list[Variant] = []
    for choice in product((True, False), repeat=len(keys)):
        chosen = dict(zip(keys, choice, strict=True))
        variant = scan(_choose(text, groups, chosen))
        whole = Piece(
            name=piece.name, symbol=piece.symbol, start=0, end=len(text), name_at=piece.name_at - piece.start,
            body=piece.body - piece.start, config=piece.config, closed=True,
        )  # fmt: skip
        fragment = read_definition(variant, whole)
        definition = _definition(fragment)
        if definition is None:
            raise RefusedError("unparsed", "text that fits no rule of the grammar", at)
        found.append((tuple(chosen.items()), fragment, definition))
    return found


def _flag(directive: Directive) -> tuple[str, bool]:
    if directive.name in ("ifdef", "ifndef", "elifdef", "elifndef"):
        return configuration.option(directive.argument.split(" ")[0]), "ndef" not in directive.name
    return configuration.flag_of_text(directive.argument)


def _groups(directives: list[Directive]) -> list[list[Directive]] | None:
    """Return each conditional's directives, #if first and #endif last; None where they do not nest."""
    found: list[list[Directive]] = []
    stack: list[list[Directive]] = []
    for one in directives:
        if one.name.startswith("if"):
            stack.append([one])
        elif not stack:
            return None
        else:
            stack[-1].append(one)
            if one.name == "endif":
                found.append(stack.pop())
    return None if stack else found


def _choose(text: str, groups: list[list[Directive]], chosen: dict[str, bool]) -> str:
    """Blank every directive, and the arms that a choice leaves out."""
    for group in groups:
        taken = False
        for one, following in pairwise(group):
            holds = True
            if one.name != "else":
                key, positive = _flag(one)
                holds = chosen[key] == positive
            if taken or not holds:
                text = text[: one.end] + blank(text[one.end : following.start]) + text[following.start :]
            taken = taken or holds
        for one in group:
            text = text[: one.start] + blank(text[one.start : one.end]) + text[one.end :]
    return text


def _finish(
    source: Source,
    pieces: tuple[Piece, ...],
    environment: Environment,
    line: int,
    variants: list[Variant],
    all_of_them: bool = True,
) -> Function:
    """Lower the variants of one definition, or one of each of several; where these are not all of them, what
    they leave stops with BOUND."""
    piece, several = pieces[0], len(pieces) > 1 or not all_of_them
    low = Lowering(environment, variants[0][1], TABLES, MOST_BLOCKS)
    fragment, definition = variants[0][1:]
    base = base_type(low, fragment, definition)
    declared = declarator(low, fragment, definition.child("declarator"), base)
    ctype = declared.type
    if not isinstance(ctype, FunctionType):
        raise RefusedError("construct", "a function whose header is a macro or of the old style", 1)
    _check_header(source, piece, fragment)
    low.result = ctype.result
    low.config = piece.config
    _parameters(low, declared)
    for number, (choice, text, node) in enumerate(variants):
        following = low.graph.new() if number < len(variants) - 1 or not all_of_them else -1
        _choice(low, node, choice, following)
        if several:
            low.config = pieces[number].config
            _rename_parameters(low, text, node, ctype)
        _body(low, text, node)
        if following >= 0:
            low.graph.resume(following)
    if not all_of_them:
        low.graph.end(Stop(how=BOUND, span=low.span(definition)))
    names = {one.name for one in low.variables}
    return Function(
        name=piece.name,
        result=ctype.result,
        parameters=tuple(low.variables[: len(declared.parameters)]),
        variadic=ctype.variadic,
        variables=tuple(low.variables),
        blocks=low.graph.finish(),
        text="\n".join(source.text[one.start : one.end] for one in pieces),
        line=line,
        addressed=frozenset(low.addressed),
        signature=_signature(source, piece, declared, definition, ctype.result),
        calls=frozenset(low.calls),
        names=frozenset(w for one in pieces for w in _WORD.findall(source.mask[one.start : one.end])) - names,
        config=None if several else piece.config,
    )


def _check_header(source: Source, piece: Piece, fragment: Fragment) -> None:
    """Refuse a header that is another macro than SYSCALL_DEFINE: what its arguments are is not told."""
    for starts in fragment.rewrites.values():
        for one in starts:
            if one.rule == "macro-function" and not _PAIRS.search(source.mask, piece.start, piece.body):
                raise RefusedError("construct", f"a function declared by a macro: {piece.name}", 1)


def _parameters(low: Lowering, declared: Declared) -> None:
    for number, one in enumerate(declared.parameters):
        low.variable(one.name or f"<{number}>", one.type, "parameter")


def _rename_parameters(low: Lowering, fragment: Fragment, definition: Node, ctype: FunctionType) -> None:
    """Give the parameters the names that another of several definitions has for them."""
    base = base_type(low, fragment, definition)
    declared = declarator(low, fragment, definition.child("declarator"), base)
    if declared.type != ctype:
        raise RefusedError("construct", "several definitions of other types", 1)
    for number, one in enumerate(declared.parameters):
        if one.name:
            low.scopes[0].names[one.name] = low.variables[number]


def _choice(low: Lowering, node: Node, choice: tuple[tuple[str, bool], ...], following: int) -> None:
    """Branch to the variant's body where the configuration is its own; the last one takes the rest."""
    if following < 0:
        return
    for key, holds in choice:
        then = low.graph.new()
        configuration.test(low, node, key, holds, then, following)
        low.graph.resume(then)


def _body(low: Lowering, fragment: Fragment, definition: Node) -> None:
    """Lower a body whose parameters are declared."""
    body = definition.child("body")
    if body is None:
        raise RefusedError("construct", "a function without a body", 1)
    fragment = settle(fragment, low.is_variable)
    settled = _definition(fragment)
    body = settled.child("body") if settled is not None else None
    if body is None:
        raise RefusedError("unparsed", "casts that may be none", 1)
    _check_words(low, fragment, body)
    low.fragment = fragment
    low.labels = {}
    low.gotos = []
    find_labels(low, body)
    low.statement(body)
    run_cleanups(low, len(low.scopes))
    low.graph.end(Return(value=None, span=low.span(body)))
    check_gotos(low)


def _check_words(low: Lowering, fragment: Fragment, body: Node) -> None:
    """Refuse what the normaliser wrote over on a guess that the lowering cannot stand for."""
    for starts in fragment.rewrites.values():
        for one in starts:
            text = fragment.code[one.start : one.end]
            line = fragment.code.count("\n", 0, one.start) + 1
            if one.rule == "computed-goto":
                raise RefusedError("construct", "computed goto", line)
            if one.rule == "semicolon" and fragment.code[one.start] in "()":
                raise RefusedError("construct", "a macro as a statement without a semicolon", line)
            if one.rule == "attribute" and one.start > body.start and _is_unknown_word(low, text):
                raise RefusedError("construct", f"unknown word {text.split('(')[0][:40]}", line)


def _is_unknown_word(low: Lowering, text: str) -> bool:
    """Say whether a word that was taken for an attribute may be anything else."""
    name = text.split("(")[0].strip()
    bodies = [one.body for one in low.environment.macros(name)]
    if bodies:
        return any("cleanup" in body or (body and not body.startswith("__attribute__")) for body in bodies)
    return name not in ATTRIBUTES


def _signature(source: Source, piece: Piece, declared: Declared, definition: Node, result: CType) -> str:
    """Return storage and attributes as written, result and parameter types."""
    head = " ".join(source.code[piece.start : piece.name_at].split())
    types = ", ".join(spell(one.type) for one in declared.parameters)
    storage = " ".join(specifiers(definition))
    return f"{head} | {storage} {spell(result)} ({types})"
