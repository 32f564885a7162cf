"""How much work one patch may cost: mail is hostile, and every search here is bounded by what is counted."""

from __future__ import annotations

from dataclasses import dataclass

MAX_TEXT = 8 << 20
"""Characters of a text that are looked at for damage; an undamaged one may be as long as it likes."""
MAX_FILES = 10_000
MAX_HUNKS = 30_000
STEPS = 2_500_000
"""Steps of lattice searches over all hunks of a patch (a hunk of 100 lines takes some 2,000)."""
LINES = 60_000
"""Lines whose spelling is worked out over all files of a patch; a further one stays as it is seen."""


@dataclass(slots=True)
class Budget:
    """What is left for one patch."""

    steps: int = STEPS
    lines: int = LINES

    def take_steps(self, count: int) -> bool:
        """Take `count` steps; False once there are none left."""
        self.steps -= count
        return self.steps >= 0

    def take_line(self) -> bool:
        """Take one line; False once there are none left."""
        self.lines -= 1
        return self.lines >= 0
