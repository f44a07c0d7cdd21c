# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A planned program: everything that the C files and the metadata say, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from microtvm.compiler.choice import Choice
from microtvm.compiler.lower import Parameter
from microtvm.compiler.operators import Tensor
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.place_constants import ConstantPool
from microtvm.compiler.stripes.fit import StripedChain


@dataclass(frozen=True)
class PlannedPool:
    """A part of the workspace with memory of its own, as in microtvm/model.h.

    Attributes:
        name: a C identifier.
        size: bytes.
        lower_bound: no plan of the same buffers takes fewer bytes of this pool.
        kind: "workspace", or "io" for inputs and outputs that the caller provides.
        limit: bytes that it might have taken, None where nothing was said.
        stall_cycles: estimate of what the memory makes the core wait in an inference.
    """

    name: str
    size: int
    lower_bound: int
    kind: str = "workspace"
    limit: int | None = None
    stall_cycles: int = 0


@dataclass(frozen=True, eq=False)
class Constant:
    """An array in flash, or in another memory for constants that `pool` names."""

    name: str
    data: npt.NDArray[Any]
    pool: str | None = None


@dataclass(frozen=True)
class Function:
    """A C function; layers of the same shape share one."""

    name: str
    parameters: tuple[Parameter, ...]
    body: str
    headers: tuple[str, ...]
    local_bytes: int


@dataclass(frozen=True)
class Layer:
    """One call of a function.

    Attributes:
        operator: what the layer list shows.
        choice: its schedule, and why.
        function: None where there is nothing to do, as for a reshape in place.
        inputs, output: indices into Program.tensors.
        constants: names of the constants behind the inputs.
        scratch: offset of the function's scratch in its pool, None where it takes none.
        scratch_pool: index into Program.pools.
    """

    index: int
    name: str
    operator: str
    choice: Choice
    function: str | None
    inputs: tuple[int, ...]
    output: int
    constants: tuple[str, ...]
    macs: int
    constant_bytes: int
    scratch: int | None
    scratch_bytes: int
    scratch_pool: int = 0

    @property
    def schedule(self) -> str:
        return self.choice.taken.schedule


@dataclass(frozen=True)
class PlacedTensor:
    """A tensor of the model with its place in the workspace.

    Attributes:
        offset: bytes from its pool's start; None for a constant, which is in flash.
        alive_from, alive_to: layers after which its bytes are whole, as in microtvm/model.h.
        pool: index into Program.pools.
    """

    tensor: Tensor
    offset: int | None
    alive_from: int
    alive_to: int
    constant: str | None
    pool: int = 0


@dataclass(frozen=True, eq=False)
class Program:
    """A model as functions, constants and calls.

    Attributes:
        chains: layers that run in stripes.
    """

    options: CompileOptions
    tensors: tuple[PlacedTensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    layers: tuple[Layer, ...]
    functions: tuple[Function, ...]
    constants: tuple[Constant, ...]
    pools: tuple[PlannedPool, ...]
    constant_pools: tuple[ConstantPool, ...] = ()
    chains: tuple[StripedChain, ...] = ()

    def symbol(self, function: str) -> str:
        """The C name of one of `functions`."""
        # "layer" keeps layers of one model apart from another's whose name begins alike.
        return f"tvmgen_{self.options.module_name}_layer_{function}"

    @property
    def described(self) -> tuple[int, ...]:
        """The tensors that are in the workspace, but for parts that no layer writes."""
        written = {layer.output for layer in self.layers}
        return tuple(
            index
            for index, placed in enumerate(self.tensors)
            if placed.offset is not None and (placed.tensor.part is None or index in written)
        )

    @property
    def workspace_bytes(self) -> int:
        """All RAM of the generated code but the C stack."""
        return sum(pool.size for pool in self.pools)

    @property
    def workspace_lower_bound(self) -> int:
        return sum(pool.lower_bound for pool in self.pools)

    @property
    def constant_bytes(self) -> int:
        return sum(int(constant.data.nbytes) for constant in self.constants)

    @property
    def workspace_pools(self) -> tuple[PlannedPool, ...]:
        """Without that of inputs and outputs that are the caller's."""
        return tuple(pool for pool in self.pools if pool.kind == "workspace")

    @property
    def headers(self) -> tuple[str, ...]:
        """Those that the functions include."""
        names = {header for function in self.functions for header in function.headers}
        return tuple(sorted(names))
