# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The firmware's models as a module of somebody else's application, on a board of Zephyr's own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.zephyr import APP, ROOT, build

pytestmark = pytest.mark.zephyr

SOURCE = ROOT / "tests" / "zephyr" / "module_app"


def test_an_application_of_ones_own_runs_a_model(tmp_path: Path) -> None:
    elf = build(SOURCE, tmp_path, BOARD="mps2_an385", MICROTVM_MODELS_DIR=APP / "models")
    words = ["qemu-system-arm", "-machine", "mps2-an385", "-nodefaults", "-display", "none"]
    words += ["-serial", "stdio", "-kernel", str(elf)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as qemu:
        assert qemu.stdout is not None
        try:
            line = next(line for line in qemu.stdout if "models" in line)
        finally:
            qemu.kill()
    assert line.strip() == "1 models, status 0, output 1 to 1"
