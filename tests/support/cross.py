# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Generated C as object files of this machine or of a Cortex-M, and what is in them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

STRICT = ("-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror")
SOFT_FLOAT = ("-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=soft")
HARD_FLOAT = ("-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard")
_ARM = "arm-none-eabi-"
# A floating-point operation, in the disassembler's words: vadd.f32, vcvt.s32.f32, vsqrt.f64, ...
_REAL_OPERATION = re.compile(r"\t(v\w+\.(?:\w+\.)?f(?:16|32|64))\b")


def compile_objects(
    compiler: str, sources: Sequence[Path], folder: Path, flags: Sequence[str] = STRICT
) -> list[Path]:
    """One object a source, below `folder`, which also has the generated headers."""
    include = folder / "codegen" / "host" / "include"
    objects = []
    for source in sources:
        target = folder / f"{source.stem}.{compiler}.o"
        command = [compiler, *flags, "-I", str(include), "-c", "-o", str(target), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        objects.append(target)
    return objects


def undefined_symbols(objects: Sequence[Path]) -> set[str]:
    """What the ARM objects need from elsewhere, and none of them has."""
    wanted: set[str] = set()
    defined: set[str] = set()
    for line in _tool("nm", objects).splitlines():
        match = re.search(r" ([A-Za-z]) (\S+)$", line)
        if match is not None:
            (wanted if match[1] in "Uvw" else defined).add(match[2])
    return wanted - defined


def real_operations(objects: Sequence[Path]) -> set[str]:
    """The floating-point instructions of ARM objects."""
    return set(_REAL_OPERATION.findall(_tool("objdump", ["-d", *objects])))


def writable_bytes(objects: Sequence[Path]) -> int:
    """The bytes of ARM objects that would take RAM."""
    rows = _tool("size", objects).splitlines()[1:]
    return sum(int(row.split()[1]) + int(row.split()[2]) for row in rows)


def _tool(name: str, arguments: Sequence[str | Path]) -> str:
    command = [f"{_ARM}{name}", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
