# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How much C stack the generated code may take, before any compiler has seen it."""

from __future__ import annotations

from microtvm.compiler.program import Program

# The deepest paths measured on MLPerf Tiny are those of depthwise convolutions, 620 bytes with the
# program's own frames; convolutions take 570, dense layers 270. tests/end_to_end compares the mark
# that the device measures.
FRAMES_BYTES = 704


def stack_bytes(program: Program) -> int:
    """Estimate in bytes: the frames, and the largest local arrays of one layer."""
    return FRAMES_BYTES + max((function.local_bytes for function in program.functions), default=0)
