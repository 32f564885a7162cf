"""Replay: two texts of one function run on the same inputs, in a sandbox, and their traces compared.

`replay` runs the inputs of a witness (P1 to P7 of docs/engine.md); `differ` looks for a difference at
random, and
shares nothing with the engine. docs/replay.md says what is run, what is generated, and what can never happen.
"""

from .callees import Callees as Callees
from .oracle import differ as differ
from .outcome import Confirmed as Confirmed
from .outcome import Different as Different
from .outcome import NoDifferenceFound as NoDifferenceFound
from .outcome import NotConfirmed as NotConfirmed
from .outcome import NotReplayable as NotReplayable
from .outcome import Trace as Trace
from .texts import Side as Side
from .verify import replay as replay
from .witness import Cell as Cell
from .witness import Pointer as Pointer
from .witness import Witness as Witness
