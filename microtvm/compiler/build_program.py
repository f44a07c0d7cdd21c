# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A network as a program: functions and constants shared, every buffer placed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from microtvm.compiler.choice import Choice, Choose
from microtvm.compiler.layer_key import layer_key
from microtvm.compiler.lower import LoweredFunction, lower
from microtvm.compiler.macs import macs
from microtvm.compiler.operators import Array, Network, Operator, Reshape, Tensor, TirOperator
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.place_constants import ConstantPool, ConstantUse, place_constants
from microtvm.compiler.plan_pools import PoolPlan
from microtvm.compiler.plan_text import plan_text
from microtvm.compiler.pool_refusal import check_budget
from microtvm.compiler.program import (
    Constant,
    Function,
    Layer,
    PlacedTensor,
    PlannedPool,
    Program,
)
from microtvm.compiler.schedule import ScheduledLayer, schedule_layer
from microtvm.compiler.spare_memory import spare_memory
from microtvm.compiler.stripes.fit import fit_memory
from microtvm.compiler.workspace import LayerNeeds, Workspace, plan_workspace

Observe = Callable[[str, str], None]


def own_outputs(network: Network) -> Network:
    """Gives each output a tensor that some operator writes, by copying inputs and constants."""
    written = {operator.output for operator in network.operators}
    tensors = list(network.tensors)
    operators = list(network.operators)
    outputs: list[int] = []
    for index in network.outputs:
        if index in written and index not in outputs:
            outputs.append(index)
            continue
        copy = replace(tensors[index], data=None, source_index=None)
        tensors.append(copy)
        outputs.append(len(tensors) - 1)
        operators.append(Reshape((index,), outputs[-1]))
    return replace(
        network, tensors=tuple(tensors), operators=tuple(operators), outputs=tuple(outputs)
    )


def build_program(
    network: Network, options: CompileOptions, observe: Observe, choose: Choose
) -> Program:
    """Fits the network into memory; defines, schedules, lowers and places every layer of it.

    Raises:
        MemoryBudgetError: no way to run it fits into the options' budget.
    """
    fitted = fit_memory(network, options, choose)
    maker = _Maker(fitted.network)
    spared = spare_memory(
        fitted.network,
        fitted.choices,
        maker.make,
        lambda layer: layer.needs,
        fitted.allowance,
        fitted.enough,
        io=options.memory.io,
    )
    layers = spared.layers
    observe("tir", "\n".join(str(layer.scheduled.function.script()) for layer in layers))
    collector = _Collector(fitted.network)
    for layer in layers:
        collector.add(layer)
    return replace(collector.finish(options, observe), chains=fitted.chains)


@dataclass(frozen=True, eq=False)
class _MadeLayer:
    """A layer on its way to C."""

    needs: LayerNeeds
    scheduled: ScheduledLayer
    lowered: LoweredFunction


class _Maker:
    """Makes layers; stripes that are alike, once."""

    def __init__(self, network: Network) -> None:
        self._tensors = network.tensors
        self._made: dict[tuple[Any, ...], tuple[ScheduledLayer, LoweredFunction]] = {}

    def make(self, operator: Operator, choice: Choice) -> _MadeLayer:
        key = (*layer_key(operator, self._tensors), str(choice.taken))
        if key not in self._made:
            scheduled = schedule_layer(operator, self._tensors, choice)
            self._made[key] = scheduled, lower(scheduled.function)
        scheduled, lowered = self._made[key]
        needs = LayerNeeds(
            operator,
            lowered.scratch_bytes,
            scheduled.overlaps,
            scheduled.order,
            scheduled.traffic.with_scratch(lowered.scratch_bytes),
        )
        return _MadeLayer(needs, replace(scheduled, choice=choice), lowered)


class _Collector:
    """Gathers layers; equal functions and equal constants are kept once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.functions: dict[tuple[object, ...], Function] = {}
        self.constants: dict[tuple[str, bytes], Constant] = {}
        self.layers: list[Layer] = []
        self.needs: list[LayerNeeds] = []
        self.reads: dict[str, float] = {}

    def add(self, made: _MadeLayer) -> None:
        operator, lowered = made.needs.operator, made.lowered
        layer = made.scheduled.layer
        function = self._function(layer.name, layer.headers, lowered)
        first = len(operator.inputs)
        parameters = lowered.parameters[first : first + len(layer.constants)]
        constants = tuple(
            self._constant(parameter.name, data).name
            for parameter, data in zip(parameters, layer.constants, strict=True)
        )
        for name, data in zip(constants, layer.constants, strict=True):
            self._count(name, made.scheduled.traffic.constants * data.nbytes)
        self.needs.append(made.needs)
        index = len(self.layers) + 1
        kind = operator.name if isinstance(operator, TirOperator) else operator.kind
        self.layers.append(
            Layer(
                index=index,
                name=f"{index}_{layer.name}",
                operator=kind,
                choice=made.scheduled.choice,
                function=function.name,
                inputs=operator.inputs,
                output=operator.output,
                constants=constants,
                macs=macs(operator, self.network.tensors),
                constant_bytes=sum(int(data.nbytes) for data in layer.constants),
                scratch=None,
                scratch_bytes=lowered.scratch_bytes,
            )
        )

    def _function(self, name: str, headers: tuple[str, ...], lowered: LoweredFunction) -> Function:
        key = (name, lowered.parameters, lowered.body)
        if key not in self.functions:
            count = 1 + sum(1 for other in self.functions if other[0] == name)
            self.functions[key] = Function(
                f"{name}_{count}", lowered.parameters, lowered.body, headers, lowered.local_bytes
            )
        return self.functions[key]

    def _constant(self, name: str, data: Array) -> Constant:
        key = (f"{data.dtype}", np.ascontiguousarray(data).tobytes())
        if key not in self.constants:
            self.constants[key] = Constant(f"{name}_{len(self.constants) + 1}", data)
        return self.constants[key]

    def _count(self, name: str, read: float) -> None:
        """Bytes of a constant that a layer reads."""
        self.reads[name] = self.reads.get(name, 0) + read

    def finish(self, options: CompileOptions, observe: Observe) -> Program:
        constant_names = {
            index: self._constant("operand", tensor.data).name
            for index, tensor in enumerate(self.network.tensors)
            if tensor.data is not None and self._is_read(index)
        }
        workspace = plan_workspace(self.network, self.needs, options.memory)
        pools = [pool for pool in workspace.plan.pools if pool.kind == "workspace"]
        check_budget({pool.name: pool.plan.size for pool in pools}, options.ram_budget)
        constant_pools = self._constant_pools(options, workspace, constant_names)
        observe("plan", plan_text(workspace.plan, constant_pools))
        layers = tuple(self._placed(layer, workspace) for layer in self.layers)
        called = {layer.function for layer in layers}
        return Program(
            options=options,
            tensors=tuple(
                _placed_tensor(tensor, index, workspace, constant_names.get(index))
                for index, tensor in enumerate(self.network.tensors)
            ),
            inputs=self.network.inputs,
            outputs=self.network.outputs,
            layers=layers,
            functions=tuple(entry for entry in self.functions.values() if entry.name in called),
            constants=_in_pools(self.constants.values(), constant_pools),
            pools=tuple(_planned(pool) for pool in workspace.plan.pools),
            constant_pools=constant_pools,
        )

    def _constant_pools(
        self, options: CompileOptions, workspace: Workspace, operands: Mapping[int, str]
    ) -> tuple[ConstantPool, ...]:
        if not options.memory.constants:
            return ()
        for need in self.needs:
            reads = need.traffic.inputs if need.traffic else ()
            for tensor, read in zip(need.operator.inputs, reads, strict=True):
                if tensor in operands:
                    self._count(operands[tensor], read)
        uses = [
            ConstantUse(constant.name, int(constant.data.nbytes), round(self.reads[constant.name]))
            for constant in self.constants.values()
        ]
        taken = {pool.name: pool.plan.size for pool in workspace.plan.pools}
        return place_constants(uses, options.memory, taken)

    def _placed(self, layer: Layer, workspace: Workspace) -> Layer:
        function = None if layer.index in workspace.idle else layer.function
        scratch = workspace.scratch[layer.index - 1]
        if scratch is None:
            return replace(layer, function=function)
        return replace(layer, function=function, scratch=scratch.offset, scratch_pool=scratch.pool)

    def _is_read(self, index: int) -> bool:
        return any(index in layer.inputs for layer in self.layers)


def _placed_tensor(
    tensor: Tensor, index: int, workspace: Workspace, constant: str | None
) -> PlacedTensor:
    place = workspace.places.get(index)
    if place is None:
        return PlacedTensor(tensor, None, 0, 0, constant)
    return PlacedTensor(tensor, place.offset, *workspace.whole[index], None, place.pool)


def _planned(pool: PoolPlan) -> PlannedPool:
    return PlannedPool(
        pool.name,
        pool.plan.size,
        pool.plan.lower_bound,
        pool.kind,
        pool.limit,
        pool.stall_cycles,
    )


def _in_pools(constants: Iterable[Constant], pools: Sequence[ConstantPool]) -> tuple[Constant, ...]:
    """The constants with the pools that they are marked for; none is for ordinary flash."""
    pool_of = {name: pool.name for pool in pools if not pool.is_flash for name in pool.members}
    return tuple(replace(constant, pool=pool_of.get(constant.name)) for constant in constants)
