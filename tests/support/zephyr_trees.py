# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Folders that pass for Zephyr trees: a version, and a script that lists boards."""

from __future__ import annotations

from pathlib import Path

_GROUPED = """arc:
  em_starterkit
arm:
  lone_m4
  mps2_an385
"""
# What the script prints in the format that it is asked for.
_QUALIFIED = """NAME;lone|DIR;{BASE}/boards/maker/lone|QUALIFIERS;m4
NAME;pair|DIR;{BASE}/boards/maker/pair;/elsewhere|QUALIFIERS;soc/cpuapp;soc/cpuapp/ns;soc/cpunet
NAME;two|DIR;{BASE}/boards/maker/two|QUALIFIERS;one;other
NAME;tiger|DIR;{BASE}/boards/maker/tiger|QUALIFIERS;riscv
"""
_SCRIPT = """import sys
open({seen!r}, "w").write("\\n".join(sys.argv[1:]))
print({output!r}, end="")
"""


def write_zephyr_tree(base: Path, version: tuple[int, int] = (3, 4)) -> Path:
    """A tree with the boards above; its script notes what it was told in `told.txt`."""
    (base / "scripts").mkdir(parents=True)
    numbers = f"VERSION_MAJOR = {version[0]}\nVERSION_MINOR = {version[1]}\nPATCHLEVEL = 0\n"
    (base / "VERSION").write_text(numbers)
    for name, architecture in (("lone", "arm"), ("tiger", "riscv")):
        folder = base / "boards/maker" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.yaml").write_text(f"identifier: {name}\narch: {architecture}\n")
    output = _GROUPED if version < (3, 7) else _QUALIFIED.replace("{BASE}", str(base))
    script = _SCRIPT.format(seen=str(base / "told.txt"), output=output)
    (base / "scripts" / "list_boards.py").write_text(script)
    return base
