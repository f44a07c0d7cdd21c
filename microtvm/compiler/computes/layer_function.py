# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A layer as TIR, before and after it has a schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler.intrinsics import KernelCall


@dataclass(frozen=True, eq=False)
class LayerFunction:
    """One PrimFunc and the constants it is called with.

    Attributes:
        name: what the function computes, as a C identifier, such as "conv2d".
        function: tvm.tirx.PrimFunc made by te.create_prim_func or TVMScript. Its parameters are
            buffers: the operator's inputs in order, then `constants` in order, then the output.
        constants: values of the constant parameters.
        headers: the C headers that the function's external calls need.
        call: the micro-kernel that stands for the function's block, None if there is none.
    """

    name: str
    function: Any
    constants: tuple[npt.NDArray[np.generic], ...]
    headers: tuple[str, ...] = ()
    call: KernelCall | None = None
