# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A network as a program: functions and constants shared, every buffer placed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from microtvm.compiler.check_plan import check_plan
from microtvm.compiler.choice import Choose
from microtvm.compiler.lower import LoweredFunction, lower
from microtvm.compiler.macs import macs
from microtvm.compiler.operators import Array, Network, Operator, Reshape, TirOperator
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.plan_memory import ALIGNMENT, Buffer, Plan, plan_memory
from microtvm.compiler.program import Constant, Function, Layer, PlacedTensor, Program
from microtvm.compiler.schedule import ScheduledLayer, schedule_layer

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
    """Defines, schedules, lowers and places every layer of the network."""
    collector = _Collector(network)
    tir: list[str] = []
    for operator in network.operators:
        choice = choose(operator, network.tensors, options)
        scheduled = schedule_layer(operator, network.tensors, choice)
        tir.append(str(scheduled.function.script()))
        collector.add(operator, scheduled, lower(scheduled.function))
    observe("tir", "\n".join(tir))
    return collector.finish(options, observe)


class _Collector:
    """Gathers layers; equal functions and equal constants are kept once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.functions: dict[tuple[object, ...], Function] = {}
        self.constants: dict[tuple[str, bytes], Constant] = {}
        self.layers: list[Layer] = []

    def add(self, operator: Operator, scheduled: ScheduledLayer, lowered: LoweredFunction) -> None:
        layer = scheduled.layer
        function = self._function(layer.name, layer.headers, lowered)
        first = len(operator.inputs)
        parameters = lowered.parameters[first : first + len(layer.constants)]
        constants = tuple(
            self._constant(parameter.name, data).name
            for parameter, data in zip(parameters, layer.constants, strict=True)
        )
        index = len(self.layers) + 1
        kind = operator.name if isinstance(operator, TirOperator) else operator.kind
        self.layers.append(
            Layer(
                index=index,
                name=f"{index}_{layer.name}",
                operator=kind,
                choice=scheduled.choice,
                function=function.name,
                inputs=operator.inputs,
                output=operator.output,
                constants=constants,
                macs=macs(operator, self.network.tensors),
                constant_bytes=sum(int(data.nbytes) for data in layer.constants),
                scratch=0 if lowered.scratch_bytes else None,
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

    def finish(self, options: CompileOptions, observe: Observe) -> Program:
        constant_names = {
            index: self._constant("operand", tensor.data).name
            for index, tensor in enumerate(self.network.tensors)
            if tensor.data is not None and self._is_read(index)
        }
        lifetimes = {
            index: self._lifetime(index)
            for index, tensor in enumerate(self.network.tensors)
            if tensor.data is None and (self._is_read(index) or self._is_written(index))
        }
        plan = self._plan(lifetimes)
        observe("plan", _plan_text(plan))
        count = len(lifetimes)
        offsets = dict(zip(lifetimes, plan.offsets[:count], strict=True))
        scratch = iter(plan.offsets[count:])
        return Program(
            options=options,
            tensors=tuple(
                PlacedTensor(
                    tensor,
                    offsets.get(index),
                    *lifetimes.get(index, (0, 0)),
                    constant_names.get(index),
                )
                for index, tensor in enumerate(self.network.tensors)
            ),
            inputs=self.network.inputs,
            outputs=self.network.outputs,
            layers=tuple(
                layer if layer.scratch is None else replace(layer, scratch=next(scratch))
                for layer in self.layers
            ),
            functions=tuple(self.functions.values()),
            constants=tuple(self.constants.values()),
            workspace_bytes=plan.size,
            workspace_lower_bound=plan.lower_bound,
        )

    def _is_read(self, index: int) -> bool:
        return any(index in layer.inputs for layer in self.layers)

    def _is_written(self, index: int) -> bool:
        return index in self.network.inputs or any(layer.output == index for layer in self.layers)

    def _lifetime(self, index: int) -> tuple[int, int]:
        """Layers after which the tensor's bytes are whole: from its writer to its last reader."""
        written = next((layer.index for layer in self.layers if layer.output == index), 0)
        read = max((layer.index for layer in self.layers if index in layer.inputs), default=written)
        return written, len(self.layers) if index in self.network.outputs else read

    def _plan(self, lifetimes: dict[int, tuple[int, int]]) -> Plan:
        buffers = [
            Buffer(f"tensor {index}", self.network.tensors[index].size_bytes, first, last)
            for index, (first, last) in lifetimes.items()
        ]
        buffers += [
            Buffer(f"scratch of {layer.name}", layer.scratch_bytes, layer.index, layer.index)
            for layer in self.layers
            if layer.scratch is not None
        ]
        plan = plan_memory(buffers)
        check_plan(plan, ALIGNMENT)
        return plan


def _plan_text(plan: Plan) -> str:
    lines = [f"workspace {plan.size} bytes, at least {plan.lower_bound} alive at once"]
    lines += [
        f"{offset:8d} {buffer.size:8d}  layers {buffer.first} to {buffer.last}  {buffer.name}"
        for buffer, offset in zip(plan.buffers, plan.offsets, strict=True)
    ]
    return "\n".join(lines)
