"""Checks: each example fires or stays silent, and what the frame says of origins."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lorelens.analyze.behaviour import Effort, judge_functions
from lorelens.analyze.checks.build import build_case, diff_of, example_case
from lorelens.analyze.checks.frame import check_patches
from lorelens.analyze.checks.registry import CHECKS

BY_ID = {check.id: check for check in CHECKS}
LATER = {"mm/stash.c": "int stash_later_one(void)\n{\n\treturn 1;\n}\n"}


def found(check, example):
    case = example_case(example)
    if check.needs_delta:
        case = replace(case, functions=judge_functions(case.functions, case.files, Effort(replay=False)))
    cases = [case]
    if check.id == "defined-later" and "mm/stash.c" in example.post:
        post = {"mm/stash.c": example.post["mm/stash.c"] + LATER["mm/stash.c"]}
        cases.append(build_case(diff_of(example.post, post), example.post, title="a later one", position=2))
    return [one for one in check_patches(cases, [check]).findings if one.origin == "introduced"]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_fires(check):
    findings = found(check, check.fires)
    assert findings
    assert {one.check for one in findings} == {check.id}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_stays_silent(check):
    assert found(check, check.silent) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_no_check_fires_on_another_ones_silent_example(check):
    for other in CHECKS:
        assert found(check, other.silent) == [], other.id
