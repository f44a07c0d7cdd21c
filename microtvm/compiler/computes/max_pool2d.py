# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Maximum pooling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tvm import te

from microtvm.compiler.computes.expressions import clamped
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import parameter
from microtvm.compiler.computes.pool_window import pad_image, reduce_window
from microtvm.compiler.operators import MaxPool2D, Tensor


def define_max_pool2d(operator: MaxPool2D, tensors: Sequence[Tensor]) -> LayerFunction:
    source, target = tensors[operator.inputs[0]], tensors[operator.output]
    data = parameter("data", source)
    lowest = int(np.iinfo(source.dtype).min)
    image = pad_image(data, source, operator.window, lowest, operator.layout)
    largest = reduce_window(image, target, operator.window, te.max, source.dtype, operator.layout)
    output = te.compute(
        target.shape,
        lambda *indices: clamped(largest[indices].astype("int32"), operator.clamp, target.dtype),
        name="output",
    )
    return LayerFunction("max_pool2d", te.create_prim_func([data, output]), ())
