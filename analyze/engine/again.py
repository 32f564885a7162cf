"""Questions that are asked again, with a little more or less each time: one z3 solver keeps what it has been
told and what it has learnt.

z3 takes the parts that come and go as assumptions (Z3_solver_check_assumptions): each stands behind a name.
"""

from __future__ import annotations

import z3

from .simplify import build
from .solve import MOST_ROUNDS, Model, Solver, UnansweredError
from .term import Term


class Again:
    """A question of which more and more models are excluded. It is asked under the mode that the solver has
    where this is made."""

    def __init__(self, solver: Solver, question: Term, excluded: list[Term]) -> None:
        self.solver, self.question = solver, question
        self._z3 = z3.SimpleSolver(ctx=solver.context)
        self._z3.set("phase_selection", 0)
        self._roots = [question, *excluded]
        self.presumed: dict[str, z3.BoolRef] = {}
        self._z3.add(solver.true(question), *(z3.Not(solver.true(term)) for term in excluded))
        self._z3.add(*solver.facts(self._roots))

    def exclude(self, term: Term) -> None:
        """Leave out the models in which a term is true from here on."""
        self._roots.append(term)
        self._z3.add(z3.Not(self.solver.true(term)), *self.solver.facts(self._roots))

    def presume(self, name: str, told: list[z3.BoolRef]) -> None:
        """Give conditions a name by which model() takes them."""
        self.presumed[name] = named = z3.Bool(name, self.solver.context)
        self._z3.add(z3.Implies(named, z3.And(*told)) if told else named)

    def model(self, presumed: str) -> Model | None:
        """Return a model under the conditions of a name; None where there is none.

        Raises:
            UnansweredError: the solver gave up, or the time is over.
        """
        for _ in range(MOST_ROUNDS):
            found = self.solver.check(self._z3, self.presumed[presumed])
            if found is None:
                return None
            broken = self.solver.broken(found, self._roots)
            if not broken:
                return Model(_model=found, _solver=self.solver)
            self._z3.add(*broken)
        raise UnansweredError("congruences")


class Implications:
    """Which of some conditions a claim follows from, wherever none of `excluded` holds and constants are
    plain (V2)."""

    def __init__(self, solver: Solver, given: list[Term], claim: Term, excluded: list[Term]) -> None:
        self.solver = solver
        self._z3 = z3.SimpleSolver(ctx=solver.context)
        denied = build(solver.terms, "not", claim)
        self._roots = [denied, *excluded, *given]
        self._named = {z3.Bool(f"given {number}", solver.context): term for number, term in enumerate(given)}
        self._z3.add(solver.true(denied), *(z3.Not(solver.true(term)) for term in excluded))
        self._z3.add(*(z3.Implies(name, solver.true(term)) for name, term in self._named.items()))
        self._z3.add(*solver.plain_symbols([claim]), *solver.facts(self._roots))

    def of(self, given: list[Term]) -> list[Term] | None:
        """Return those of the conditions `given` from which the claim follows (an unsatisfiable core); None
        where it does not follow.

        Raises:
            UnansweredError: the solver gave up, or the time is over.
        """
        names = {str(name): term for name, term in self._named.items() if term in given}
        taken = [name for name in self._named if str(name) in names]
        for _ in range(MOST_ROUNDS):
            model = self.solver.check(self._z3, *taken)
            if model is None:
                return [names[str(one)] for one in self._z3.unsat_core()]
            broken = self.solver.broken(model, self._roots)
            if not broken:
                return None
            self._z3.add(*broken)
        raise UnansweredError("congruences")
