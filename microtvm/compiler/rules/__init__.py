# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Rules that turn one quantised site of a QDQ graph into one integer operator.

A rule returns None where it does not apply; the first that applies wins.
"""

from __future__ import annotations

from collections.abc import Callable

from microtvm.compiler.operators import Operator
from microtvm.compiler.qdq import Site
from microtvm.compiler.rules.binary import fold_binary
from microtvm.compiler.rules.convolution import fold_convolution
from microtvm.compiler.rules.dense import fold_dense
from microtvm.compiler.rules.pool import fold_pool
from microtvm.compiler.rules.shape import fold_reshape
from microtvm.compiler.rules.softmax import fold_softmax

Rule = Callable[[Site], Operator | None]

RULES: tuple[Rule, ...] = (
    fold_convolution,
    fold_dense,
    fold_binary,
    fold_pool,
    fold_softmax,
    fold_reshape,
)
