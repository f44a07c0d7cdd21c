# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The cores that code can be made for."""

from __future__ import annotations

from dataclasses import dataclass

from microtvm.errors import TargetError

# Core to (has the DSP extension, has a single-precision FPU in the parts that we aim at).
CORES = {
    "cortex-m0plus": (False, False),
    "cortex-m3": (False, False),
    "cortex-m4": (True, True),
    "cortex-m7": (True, True),
    "cortex-m33": (True, True),
}

# The core whose cycles stand for those of a core that was not measured: all of these issue one
# instruction at a time.
_TIMED_AS = {"cortex-m0plus": "cortex-m4", "cortex-m3": "cortex-m4", "cortex-m33": "cortex-m4"}


@dataclass(frozen=True)
class Target:
    """A core, as its name in -mcpu, with "+nodsp" to leave its DSP instructions alone."""

    mcpu: str

    def __post_init__(self) -> None:
        core, _, modifier = self.mcpu.partition("+")
        if core not in CORES or modifier not in ("", "nodsp"):
            raise TargetError(
                f"no core '{self.mcpu}'",
                expected="one of " + ", ".join(CORES) + ", with or without '+nodsp'",
                hint="--target-c-mcpu cortex-m4",
            )

    @property
    def core(self) -> str:
        return self.mcpu.partition("+")[0]

    @property
    def has_dsp(self) -> bool:
        return CORES[self.core][0] and not self.mcpu.endswith("+nodsp")

    @property
    def timed_as(self) -> str:
        """The core by whose cycles schedules are costed: its own, or the one most like it."""
        return _TIMED_AS.get(self.core, self.core)

    @property
    def is_dual_issue(self) -> bool:
        """Whether it issues two instructions at a time: the kernels' loops are ordered for it."""
        return self.core == "cortex-m7"

    def __str__(self) -> str:
        return f"c -mcpu={self.mcpu}"
