# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""float32 to int8 or int16."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tvm import te, tirx

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import parameter
from microtvm.compiler.operators import Quantize, Tensor

_HEADER = "microtvm/kernels/quantize.h"
_FUNCTIONS = {"int8": "microtvm_quantize", "int16": "microtvm_quantize_int16"}


def define_quantize(operator: Quantize, tensors: Sequence[Tensor]) -> LayerFunction:
    """The scale is a parameter, since the text of a float constant would not hold all its bits."""
    source, target = tensors[operator.inputs[0]], tensors[operator.output]
    shape = (source.elements,)
    data = parameter("data", source, shape)
    function = _FUNCTIONS[target.dtype]
    scale = te.placeholder((1,), "float32", name="scale")
    output = te.compute(
        shape,
        lambda i: tirx.call_pure_extern(
            target.dtype, function, data[i], scale[0], target.zero_point
        ),
        name="output",
    )
    constants = (np.array([target.scale], np.float32),)
    return LayerFunction(
        "quantize", te.create_prim_func([data, scale, output]), constants, (_HEADER,)
    )
