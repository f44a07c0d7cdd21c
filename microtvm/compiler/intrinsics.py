# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Puts a C micro-kernel in the place of the TIR that it means.

An intrinsic is one row: its meaning in TVMScript, the C function, the header. TVM replaces a block
only if the block equals the meaning, so the two cannot drift apart unseen; what the C function
computes is compared with the same meaning by the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tvm
from tvm import s_tir, tirx
from tvm.s_tir import TensorIntrin
from tvm.tirx import PrimFunc
from tvm.tirx.transform import StmtSimplify

# The block of a definition that an intrinsic stands for.
BLOCK = "kernel"


@dataclass(frozen=True, eq=False)
class Intrinsic:
    """One use of a micro-kernel, for the shapes of one layer.

    Attributes:
        name: unique for the meaning: the C function with its sizes.
        meaning: PrimFunc whose root block is what the kernel computes. Its parameters are the
            buffers that the C function takes as pointers: output, data, packed, scratch.
        symbol: the C function. header: where it is.
        sizes: the integers that follow the pointers.
    """

    name: str
    meaning: Any
    symbol: str
    header: str
    sizes: tuple[int, ...]


def tensorize(function: Any, intrinsic: Intrinsic) -> Any:
    """Replaces the function's block `BLOCK` by a call of the kernel.

    Raises:
        tvm.s_tir.schedule.ScheduleError: the block is not what the intrinsic means.
    """
    TensorIntrin.register(intrinsic.name, intrinsic.meaning, _call(intrinsic), override=True)
    # TVM simplifies the meaning before it compares.
    module = StmtSimplify()(tvm.IRModule({"main": function}))
    schedule = s_tir.Schedule(module)
    schedule.tensorize(schedule.get_sblock(BLOCK), intrinsic.name)
    return schedule.mod["main"]


def _call(intrinsic: Intrinsic) -> Any:
    """The meaning's function with a call of the kernel as its body."""
    meaning = intrinsic.meaning
    block = meaning.body.block
    arguments = [
        buffer.access_ptr("w" if position in (0, 3) else "r")
        for position, buffer in enumerate(meaning.params)
    ]
    call = tirx.Evaluate(tirx.call_extern("int32", intrinsic.symbol, *arguments, *intrinsic.sizes))
    root = s_tir.SBlock([], block.reads, block.writes, "root", call)
    return PrimFunc(meaning.params, s_tir.SBlockRealize([], True, root), meaning.ret_type)
