"""The engine against an interpreter: PRESERVED agrees with every run, a function is never CHANGED against
itself."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lorelens.analyze.engine.compare import compare_texts
from lorelens.analyze.engine.environment import Environment
from lorelens.analyze.engine.lower.function import lower_function

_spec = importlib.util.spec_from_file_location("engine_oracle", Path(__file__).with_name("engine_oracle.py"))
oracle = importlib.util.module_from_spec(_spec)
sys.modules["engine_oracle"] = oracle
_spec.loader.exec_module(oracle)

POOL = (0x10000000, 0x20000000)


def lowered(text):
    environment = Environment.from_text("", oracle.STRUCT + text)
    found = lower_function(text, environment)
    assert hasattr(found, "blocks"), found
    return found


def traces(pre, post, seed, assumptions):
    rng = Random(seed)
    said = " ".join(assumptions)
    pointers = [rng.choice((*POOL, 0, -2 & (2**64 - 1), POOL[0])) for _ in range(5)]
    if "is valid" in said:
        pointers = [pointer if pointer in POOL else POOL[0] for pointer in pointers]
    if "different objects" in said or "do not overlap" in said:
        pointers[3:] = [0x10000000, 0x20000000]
    kept = "keeps no pointer" not in said
    found = []
    for function in (pre, post):
        world = oracle.World(seed=seed, pointers=tuple(pointers), kept=kept)
        try:
            found.append(oracle.Machine(function, world).run())
        except oracle.FuelError:
            return None
    return found


def runs_agree(before, after, assumptions, runs=60):
    pre, post = lowered(before), lowered(after)
    for seed in range(runs):
        found = traces(pre, post, seed, assumptions)
        if found is not None and found[0] != found[1]:
            return seed, found
    return None


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_against_itself(seed):
    text = oracle.STRUCT + oracle.Writer(Random(seed)).function()
    (delta,) = compare_texts(text, text, function="f", budget=5, by_text=False)
    assert delta.verdict != "changed"
    assert delta.verdict == "preserved" or delta.reason.code in ("budget", "undefined")


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_preserved_agrees_with_runs(seed):
    rng = Random(seed)
    before = oracle.Writer(rng).function()
    after = oracle.edit(before, rng)
    (delta,) = compare_texts(
        oracle.STRUCT + before, oracle.STRUCT + after, function="f", budget=3, by_text=False
    )
    if delta.verdict == "preserved":
        assert runs_agree(before, after, delta.assumptions) is None


@pytest.mark.slow
@pytest.mark.parametrize("start", [0, 10])
def test_many_edits(start):
    for seed in range(start, start + 10):
        rng = Random(seed)
        before = oracle.Writer(rng).function()
        after = oracle.edit(oracle.edit(before, rng), rng)
        (delta,) = compare_texts(
            oracle.STRUCT + before, oracle.STRUCT + after, function="f", budget=3, by_text=False
        )
        if delta.verdict == "preserved":
            assert runs_agree(before, after, delta.assumptions) is None, seed
