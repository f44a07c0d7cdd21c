# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(move(dequantize(x))) for operators that only move elements."""

from __future__ import annotations

from microtvm.compiler.operators import Operator, Reshape
from microtvm.compiler.qdq import Site


def fold_reshape(site: Site) -> Operator | None:
    """Matches reshape, squeeze and expand_dims of a tensor with the same scale and zero point."""
    call = site.graph.call(site.value, "reshape", "squeeze", "expand_dims")
    source = None if call is None else site.graph.dequantized(call.args[0])
    if source is None or not site.same_quantization(source):
        return None
    return Reshape((source,), site.output)
