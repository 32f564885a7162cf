"""Checks: each example fires or stays silent, and what the frame says of origins."""

from __future__ import annotations

import pytest

from lorelens.analyze.checks.build import example_case
from lorelens.analyze.checks.frame import check_patches
from lorelens.analyze.checks.registry import CHECKS


def found(check, example):
    return [one for one in check_patches([example_case(example)], [check]) if one.origin == "introduced"]


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
