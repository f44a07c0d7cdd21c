# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a user may say about a compilation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from microtvm.compiler.memory_pools import MemoryOptions
from microtvm.errors import OptionError
from microtvm.target import Target

WEIGHTS = ("int8", "int16", "auto")
OPTIMIZE = ("speed", "ram")


@dataclass(frozen=True)
class CompileOptions:
    """Options of one compilation.

    Attributes:
        target: the core that the code is for.
        module_name: prefix of every C name, as in tvmgen_<module_name>_run.
        simplify: leave out channels that are constant or that nobody reads.
        weights: width of the weights in flash for schedules that take both: "int8", "int16" (twice
            the flash, fewer instructions) or "auto" (int16 where a weight serves several pixels).
        optimize: what cycles may be paid for a smaller workspace: "speed" (next to none) or "ram"
            (as many as spare_memory.py says).
        memory: the pools that buffers and constants may be in.
        ram_budget: bytes that the workspace may have at most, whatever cycles that takes; what is
            in the caller's memory is not counted. None for any.
    """

    target: Target = field(default_factory=lambda: Target("cortex-m4"))
    module_name: str = "default"
    simplify: bool = True
    weights: str = "int8"
    optimize: str = "speed"
    memory: MemoryOptions = field(default_factory=MemoryOptions)
    ram_budget: int | None = None

    def __post_init__(self) -> None:
        if self.weights not in WEIGHTS:
            raise OptionError(
                f"no weights of '{self.weights}'", expected="one of " + ", ".join(WEIGHTS)
            )
        if self.optimize not in OPTIMIZE:
            raise OptionError(
                f"cannot optimize for '{self.optimize}'", expected="one of " + ", ".join(OPTIMIZE)
            )
        if self.ram_budget is not None and self.ram_budget < 1:
            raise OptionError(
                f"a RAM budget of {self.ram_budget} bytes", expected="1 byte at least"
            )
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,47}", self.module_name):
            raise OptionError(
                f"module name '{self.module_name}' cannot be part of a C name",
                expected="a lower-case letter, then up to 47 lower-case letters, digits or '_'",
                hint="--module-name default",
            )
