# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Rules that turn one quantised site of a QDQ graph into one integer operator.

A rule returns None where it does not apply; the first that applies wins. It raises ValueError where
it does but the scales have no fixed-point form.
"""

from __future__ import annotations

from collections.abc import Callable

from microtvm.compiler.operators import Operator
from microtvm.compiler.qdq import Site
from microtvm.compiler.rules.binary import fold_binary
from microtvm.compiler.rules.convolution import fold_convolution
from microtvm.compiler.rules.dense import fold_dense
from microtvm.compiler.rules.look_up import fold_look_up
from microtvm.compiler.rules.mean import fold_mean
from microtvm.compiler.rules.pool import fold_pool
from microtvm.compiler.rules.quantize import fold_quantize
from microtvm.compiler.rules.shape import fold_shape
from microtvm.compiler.rules.softmax import fold_softmax

Rule = Callable[[Site], Operator | None]

RULES: tuple[Rule, ...] = (
    fold_convolution,
    fold_dense,
    fold_binary,
    fold_pool,
    fold_mean,
    fold_softmax,
    fold_look_up,
    fold_shape,
    fold_quantize,
)
