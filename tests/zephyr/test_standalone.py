# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The standalone program on QEMU's boards: what it prints of the stub model, and how it ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from microtvm_project.stack.measure import measure_stack
from support.zephyr import APP, ROOT, build, run_to_end

pytestmark = pytest.mark.zephyr

CPUS = {"mps2_an386": "cortex-m4", "mps2_an500": "cortex-m7"}


def _stub_output() -> list[int]:
    """The stub model on the built-in input: no negative values, then the mirror image added."""
    state = 1
    values = []
    for _ in range(8):
        state = (state * 1664525 + 1013904223) % 2**32
        byte = state >> 24
        values.append(byte if byte < 128 else 0)
    return [min(a + b, 127) for a, b in zip(values, reversed(values), strict=True)]


@pytest.mark.parametrize("board", CPUS)
def test_the_stub_runs_and_qemu_ends(tmp_path: Path, board: str) -> None:
    elf = build(APP, tmp_path, BOARD=board, EXTRA_CONF_FILE="standalone.conf")
    code, lines = run_to_end(elf, board.replace("_", "-"))
    assert code == 0
    assert lines[0] == f"board {board} cpu {CPUS[board]} tick_hz 25000000"
    output = next(line for line in lines if line.startswith("output "))
    assert output.endswith(" first " + " ".join(map(str, _stub_output())))
    stack = next(re.fullmatch(r"stack used (\d+) of 4096", line) for line in lines[-2:-1])
    assert stack is not None
    report = measure_stack(elf, tmp_path, "zephyr", "single", ("stub",))
    assert report.program.size is not None, report.program.problem
    assert 100 < int(stack[1]) <= report.program.size + report.interrupt_bytes < 1024
    assert lines[-1] == "done"


def test_float_functions_are_the_compilers(tmp_path: Path) -> None:
    """Zephyr's minimal libc lacks them; the model prints expf(1), tanhf(0.5), powf(2, 0.5)."""
    models = ROOT / "tests" / "zephyr" / "models"
    board = "mps2_an386"
    entries = {"EXTRA_CONF_FILE": "standalone.conf", "MICROTVM_MODELS_DIR": models}
    code, lines = run_to_end(build(APP, tmp_path, BOARD=board, **entries), "mps2-an386")
    output = next(line for line in lines if line.startswith("output "))
    assert code == 0
    assert output.endswith(" first 0x402df854 0x3eec9a9f 0x3fb504f3")
