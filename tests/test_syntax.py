"""The typed window onto the syntax trees."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lorelens.analyze.syntax import faults, parse, walk


def test_fields_spans_and_lines():
    text = "int f(int a)\n{\n\tif (a > 1)\n\t\treturn g(a);\n\treturn 0;\n}\n"
    root = parse(text)
    (branch,) = [node for node in walk(root) if node.kind == "if_statement"]
    condition, consequence = branch.child("condition"), branch.child("consequence")
    assert text[condition.start : condition.end] == "(a > 1)"
    assert text[consequence.start : consequence.end] == "return g(a);"
    assert (branch.line, branch.column, consequence.line, consequence.column) == (3, 1, 4, 2)
    assert branch.child("alternative") is None
    assert branch.parent.kind == "compound_statement"
    assert [child.kind for child in branch.named_children] == ["parenthesized_expression", "return_statement"]
    assert branch.children[0].kind == "if"


def test_what_is_missing_is_a_fault():
    root = parse("int f(void)\n{\n\treturn 0\n}\n")
    (fault,) = faults(root)
    assert fault.is_missing
    assert fault.kind == ";"
    assert root.has_error


def test_what_fits_no_rule_is_a_fault():
    assert any(fault.is_error for fault in faults(parse("int f( { ] }")))


def test_clean_text_has_no_fault():
    root = parse("int f(void)\n{\n\treturn 0;\n}\n")
    assert not root.has_error
    assert faults(root) == ()


def test_nodes_are_values():
    root = parse("int a;")
    assert root.children[0] == root.children[0]
    assert len({root.children[0], root.children[0]}) == 1


@given(st.text(max_size=300))
def test_any_text_parses_to_spans_in_order(text):
    root = parse(text)
    for node in walk(root):
        assert 0 <= node.start <= node.end <= len(text)
        starts = [child.start for child in node.children]
        assert starts == sorted(starts)


def test_deep_nesting_needs_no_recursion():
    depth = 20_000
    root = parse("int f(void)\n{\n" + "{" * depth + "}" * depth + "\n}\n")
    assert sum(1 for node in walk(root) if node.kind == "compound_statement") == depth + 1
