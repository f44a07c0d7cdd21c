# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Puts a C micro-kernel in the place of the TIR that it means.

TVM replaces a block only if the block equals the meaning, so the two cannot drift apart unseen;
what the C function computes is compared with numpy and with LiteRT by the tests. The rows of the
table are in intrinsic_table.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import tvm
from tvm import s_tir, tirx
from tvm.s_tir import TensorIntrin
from tvm.tirx import PrimFunc
from tvm.tirx.transform import StmtSimplify

from microtvm.compiler.operators import Operator, Tensor

# The block of a definition that an intrinsic stands for.
BLOCK = "kernel"
# A parameter of a meaning by this name is its own, for sums on the way: TVM compares no memory that
# a block has for itself. The C function is not given it.
SUMS = "sums"

# The reason why an operator cannot be computed so, None where it can.
Precondition = Callable[[Any, Sequence[Tensor]], str | None]


@dataclass(frozen=True)
class Intrinsic:
    """One row of the table: a micro-kernel for every shape.

    Attributes:
        symbol: the C function; the form of a layer's constants follows in its name.
        header: where it is.
        operators: the kinds that it can compute.
        precondition: what else an operator must be.
        definition: a layer's PrimFunc, whose block `BLOCK` is what the kernel computes.
        meaning: the same block over the buffers that the C function takes as pointers, in their
            order: the output, the operands, the constants, the scratch if there is any; behind
            them `SUMS` if there are any.
    """

    symbol: str
    header: str
    operators: tuple[type[Operator], ...]
    precondition: Precondition
    definition: Callable[..., Any]
    meaning: Callable[..., Any]


@dataclass(frozen=True, eq=False)
class KernelCall:
    """One use of an intrinsic, for the shapes of one layer.

    Attributes:
        symbol: the C function.
        meaning: PrimFunc whose root block is what the call computes.
        arguments: the integers that follow the pointers.
    """

    symbol: str
    meaning: Any
    arguments: tuple[int, ...]

    @property
    def name(self) -> str:
        """Unique for the meaning."""
        return f"{self.symbol}{self.arguments}"


def tensorize(function: Any, call: KernelCall) -> Any:
    """Replaces the function's block `BLOCK` by a call of the kernel.

    Raises:
        tvm.s_tir.schedule.ScheduleError: the block is not what the intrinsic means.
    """
    TensorIntrin.register(call.name, call.meaning, _implementation(call), override=True)
    # TVM simplifies the meaning before it compares.
    module = StmtSimplify()(tvm.IRModule({"main": function}))
    schedule = s_tir.Schedule(module)
    schedule.tensorize(schedule.get_sblock(BLOCK), call.name)
    return schedule.mod["main"]


def _implementation(call: KernelCall) -> Any:
    """The meaning's function with a call of the kernel as its body."""
    meaning = call.meaning
    block = meaning.body.block
    written = [region.source for region in block.writes]
    pointers = [
        buffer.access_ptr("w" if any(buffer.same_as(other) for other in written) else "r")
        for buffer in meaning.params
        if buffer.name != SUMS
    ]
    body = tirx.Evaluate(tirx.call_extern("int32", call.symbol, *pointers, *call.arguments))
    root = s_tir.SBlock([], block.reads, block.writes, "root", body)
    return PrimFunc(meaning.params, s_tir.SBlockRealize([], True, root), meaning.ret_type)
