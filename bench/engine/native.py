"""The oracle of the fuzz: both texts compiled natively by clang and run on made-up inputs.

Only generated text (fuzz.py) may be handed to it: native code is not shut in. It shares nothing with the
engine, nor with the replay's harness.
"""

from __future__ import annotations

import re
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
TAKES = (
    "int a, unsigned int b, long d, unsigned char e, bool o, struct obj *p, struct obj *q, int *v, int *x, "
    "struct hid *hp"
)
INTEGERS = ("int", "unsigned int", "long", "unsigned long", "unsigned char", "short")


def _compile(text: str, into: Path, *flags: str) -> str:
    """Compile a text to an object; return the compiler's complaint."""
    found = subprocess.run(
        ["clang", *FLAGS, *flags, "-c", "-x", "c", "-", "-o", str(into)],
        input=text,
        text=True,
        capture_output=True,
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

    def build(self, pairs: list[tuple[str, str]], seed: int, config: bool) -> str:
        """Compile pairs under one choice of untold types; return the compiler's complaint."""
        rng = Random(seed)
        types = tuple(f"-DT{i + 1}={rng.choice(INTEGERS)}" for i in range(4))
        written = ['#include "fuzz_world.h"\n']
        for number, texts in enumerate(pairs):
            for side, text in zip("ba", texts, strict=True):
                renamed = re.sub(r"\b(help\d+|part\d+)\b", rf"\1_{side}{number}", text)
                renamed = renamed.replace("long f(int a,", f"static long f_{side}{number}(int a,")
                written.append(f"{renamed}static uint64_t e_{side}{number}({TAKES})\n{{\n")
                written.append(f"\treturn f_{side}{number}(a, b, d, e, o, p, q, v, x, hp);\n}}\n")
        table = ", ".join(f"{{ e_b{number}, e_a{number} }}" for number in range(len(pairs)))
        written.append(f"rt_function *const rt_table[][2] = {{ {table} }};\n")
        into = self.folder / "pairs.o"
        complaint = _compile("".join(written), into, *types, *(("-DCONFIG_A",) if config else ()))
        if complaint:
            return complaint
        linked = subprocess.run(
            ["clang", str(into), _runtime(types, str(self.folder)), "-o", str(self.folder / "run")],
            capture_output=True, text=True,
        )  # fmt: skip
        return linked.stderr if linked.returncode else ""

    def run(self, number: int, first: int, last: int, world: tuple[bool, bool, bool], *more: str) -> str:
        """Run a pair on seeds; return "differ ..." for the first that tells it apart, else "same ...".

        A world says whether pointers are different objects, whether all are valid (no NULL, no error), and
        whether callees leave memory alone.
        """
        flags = [str(int(one)) for one in world]
        command = [str(self.folder / "run"), str(first), str(last), *flags, str(number), *more]
        try:
            found = subprocess.run(command, capture_output=True, text=True, timeout=5)
        except subprocess.TimeoutExpired:
            return "timeout"
        return found.stdout.strip() or f"died {found.returncode}"
