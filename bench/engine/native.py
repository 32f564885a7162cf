"""The oracle of the fuzz: both texts compiled natively by clang and run on made-up inputs.

Only generated text (fuzz.py) may be handed to it: native code is not shut in. It shares nothing with the
engine, nor with the replay's harness.
"""

from __future__ import annotations

import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
FLAGS = (
    "-O0", "-w", "-fwrapv", "-fno-strict-aliasing", "-funsigned-char", "-fno-delete-null-pointer-checks",
    "-fsanitize=shift-exponent", "-fsanitize-trap=shift-exponent", f"-I{HERE}",
)  # fmt: skip
INTEGERS = ("int", "unsigned int", "long", "unsigned long", "unsigned char", "short")


def _compile(text: str, into: Path, *flags: str) -> str:
    """Compile a text to an object; return the compiler's complaint."""
    found = subprocess.run(
        ["clang", *FLAGS, *flags, "-c", "-x", "c", "-", "-o", str(into)], input=text, text=True, capture_output=True
    )
    return found.stderr if found.returncode else ""


@lru_cache(maxsize=64)
def _runtime(types: tuple[str, ...], folder: str) -> str:
    """Return the runtime, compiled under given types."""
    into = Path(folder) / f"runtime-{abs(hash(types))}.o"
    complaint = _compile((HERE / "fuzz_runtime.c").read_text(), into, "-O2", *types)
    assert not complaint, complaint
    return str(into)


class Oracle:
    """Compiles and runs pairs in a folder of its own."""

    def __init__(self) -> None:
        self.kept = tempfile.TemporaryDirectory(prefix="fuzz-")
        self.folder = Path(self.kept.name)

    def build(self, before: str, after: str, seed: int, config: bool) -> str:
        """Compile a pair under one choice of untold types; return the compiler's complaint."""
        rng = Random(seed)
        types = tuple(f"-DT{i + 1}={rng.choice(INTEGERS)}" for i in range(4))
        objects = []
        for name, text in (("before", before), ("after", after)):
            into = self.folder / f"{name}.o"
            renamed = text.replace("long f(int a,", f"static long f_{name}(int a,")
            args = "a, b, d, e, o, p, q, v, x, hp"
            takes = (
                "int a, unsigned int b, long d, unsigned char e, bool o, struct obj *p, struct obj *q, int *v, "
                "int *x, struct hid *hp"
            )
            entry = f"uint64_t rt_{name}({takes}) {{ return f_{name}({args}); }}\n"
            chosen = (*types, *(("-DCONFIG_A",) if config else ()))
            complaint = _compile(f'#include "fuzz_world.h"\n{renamed}{entry}', into, *chosen)
            if complaint:
                return complaint
            objects.append(str(into))
        linked = subprocess.run(
            ["clang", *objects, _runtime(types, str(self.folder)), "-o", str(self.folder / "run")],
            capture_output=True, text=True,
        )  # fmt: skip
        return linked.stderr if linked.returncode else ""

    def run(self, first: int, last: int, distinct: bool, valid: bool, calm: bool, *more: str) -> str:
        """Run both on seeds; return "differ ..." for the first that tells them apart, else "same ...".

        distinct: pointers are different objects; valid: none is NULL or an error; calm: callees leave memory.
        """
        flags = [str(int(one)) for one in (distinct, valid, calm)]
        command = [str(self.folder / "run"), str(first), str(last), *flags, *more]
        try:
            found = subprocess.run(command, capture_output=True, text=True, timeout=20)
        except subprocess.TimeoutExpired:
            return "same 0 timeout"
        return found.stdout.strip() or f"same 0 died {found.returncode}"
