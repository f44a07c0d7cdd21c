# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How much C stack the generated code may take, before any compiler has seen it."""

from __future__ import annotations

from microtvm.compiler.program import Program

# The deepest path that GCC's -fstack-usage shows is a convolution's: 104 bytes of its layer, 208
# and 120 of its kernel, 36 of the kernel's inner loops, and about 100 of the three calls above it.
# tests/end_to_end compares the mark that the device measures.
FRAMES_BYTES = 640


def stack_bytes(program: Program) -> int:
    """Estimate in bytes: the frames, and the largest local arrays of one layer."""
    return FRAMES_BYTES + max((function.local_bytes for function in program.functions), default=0)
