# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How much C stack the generated code may take, before any compiler has seen it."""

from __future__ import annotations

from microtvm.compiler.program import Program

# An inference of MLPerf Tiny's models takes 188 to 496 bytes, by the bound that a build computes
# from the function that runs a layer down. tests/end_to_end holds this estimate against it.
FRAMES_BYTES = 704


def stack_bytes(program: Program) -> int:
    """Estimate in bytes: the frames, and the largest local arrays of one layer."""
    return FRAMES_BYTES + max((function.local_bytes for function in program.functions), default=0)
