# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(x) of a float32 tensor as Quantize."""

from __future__ import annotations

from microtvm.compiler.operators import Operator, Quantize
from microtvm.compiler.qdq import Site


def fold_quantize(site: Site) -> Operator | None:
    if not site.graph.is_tensor(site.value):
        return None
    source = site.graph.tensor_of(site.value)
    if site.graph.tensors[source].dtype != "float32":
        return None
    return Quantize((source,), site.output)
