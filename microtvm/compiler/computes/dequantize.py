# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""int8 or int16 to float32."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tvm import te

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import centred, parameter
from microtvm.compiler.operators import Dequantize, Tensor


def define_dequantize(operator: Dequantize, tensors: Sequence[Tensor]) -> LayerFunction:
    """The scale is a parameter, since the text of a float constant would not hold all its bits."""
    source = tensors[operator.inputs[0]]
    shape = (source.elements,)
    data = parameter("data", source, shape)
    scale = te.placeholder((1,), "float32", name="scale")
    output = te.compute(
        shape,
        lambda i: centred(data[i], source.zero_point).astype("float32") * scale[0],
        name="output",
    )
    constants = (np.array([source.scale], np.float32),)
    return LayerFunction("dequantize", te.create_prim_func([data, scale, output]), constants)
