# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(mean(dequantize(x))) as Mean."""

from __future__ import annotations

import math

from microtvm.compiler.operators import Mean, Operator
from microtvm.compiler.qdq import Site
from microtvm.compiler.rescales import mean_rescale


def fold_mean(site: Site) -> Operator | None:
    """Matches a mean over any axes, with or without the dimensions of size 1 that they leave."""
    call = site.graph.call(site.value, "mean")
    source = None if call is None else site.graph.dequantized(call.args[0])
    if call is None or source is None:
        return None
    tensor = site.graph.tensors[source]
    if tensor.scale is None or site.tensor.scale is None:
        return None
    rank = len(tensor.shape)
    axes = range(rank) if call.attrs.axis is None else call.attrs.axis
    reduced = tuple(sorted({int(axis) % rank for axis in axes}))
    count = math.prod(tensor.shape[axis] for axis in reduced)
    rescale = mean_rescale(tensor.scale, site.tensor.scale, count)
    return Mean((source,), site.output, reduced, rescale)
