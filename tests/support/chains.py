# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random models whose layers can run in stripes, and their C with some of them in stripes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import tflite

from microtvm.compiler import CompiledModel, CompileOptions
from microtvm.compiler.build_program import build_program, own_outputs
from microtvm.compiler.choice import Choose
from microtvm.compiler.emit_c import emit_c
from microtvm.compiler.fold_qdq import fold_qdq
from microtvm.compiler.importer import import_tflite
from microtvm.compiler.operators import Network
from microtvm.compiler.stripes.striping import Chain, striped
from support.draws import Draws
from support.int8_network import Int8Network
from support.single_operator import PADDINGS
from support.windows import output_size

_CODE = tflite.BuiltinOperator
_Shape = tuple[int, int, int, int]
_SIZES = ((1, 1), (3, 3), (3, 3), (2, 2), (3, 1), (5, 3))
_POOLS = (("AVERAGE_POOL_2D", (2, 2)), ("MAX_POOL_2D", (3, 3)), ("AVERAGE_POOL_2D", (3, 2)))


@dataclass(frozen=True)
class _Value:
    """A tensor of the model."""

    tensor: int
    shape: _Shape
    scale: float
    zero_point: int


class _Writer:
    """Adds layers, one after another or beside another."""

    def __init__(self, seed: int) -> None:
        self.draws = Draws(seed)
        self.network = Int8Network(seed)

    def value(self, shape: _Shape, scale: float, zero_point: int | None = None) -> _Value:
        point = self.draws.between(-9, 9) if zero_point is None else zero_point
        return _Value(self.network.tensor(shape, scale, point), shape, scale, point)

    def source(self) -> _Value:
        draws = self.draws
        rows, columns = draws.between(7, 15), draws.one_of((4, 4, 8, 5, 3))
        # Rows are whole words, so that stripes may begin anywhere.
        channels = draws.one_of((4, 8, 12) if columns % 4 else (1, 3, 4, 5, 8))
        return self.value((1, rows, columns, channels), 0.04)

    def conv2d(self, source: _Value) -> _Value:
        size, fields = self._window(source.shape)
        channels = self.draws.one_of((4, 8, 3, 12))
        weights = self.network.weights((channels, *size, source.shape[3]), 0, source.scale)
        target = self._sum(source, size, fields, channels, source.shape[3])
        inputs = [source.tensor, *weights]
        self.network.add(_CODE.CONV_2D, inputs, target.tensor, "Conv2DOptions", **fields)
        return target

    def depthwise(self, source: _Value) -> _Value:
        size, fields = self._window(source.shape)
        multiplier = self.draws.one_of((1, 1, 1, 2))
        channels = source.shape[3] * multiplier
        weights = self.network.weights((1, *size, channels), 3, source.scale)
        target = self._sum(source, size, fields, channels, 1)
        inputs, table = [source.tensor, *weights], "DepthwiseConv2DOptions"
        fields["depth_multiplier"] = multiplier
        self.network.add(_CODE.DEPTHWISE_CONV_2D, inputs, target.tensor, table, **fields)
        return target

    def pool(self, source: _Value) -> _Value:
        name, size = self.draws.one_of(_POOLS)
        fields = self._strides(source.shape, size)
        shape = _output(source.shape, size, fields, source.shape[3])
        target = self.value(shape, source.scale, source.zero_point)
        fields |= {"filter_height": size[0], "filter_width": size[1]}
        code = getattr(_CODE, name)
        self.network.add(code, [source.tensor], target.tensor, "Pool2DOptions", **fields)
        return target

    def look_up(self, source: _Value) -> _Value:
        target = self.value(source.shape, 1 / 256, -128)
        self.network.add(_CODE.LOGISTIC, [source.tensor], target.tensor)
        return target

    def binary(self, first: _Value, second: _Value) -> _Value:
        target = self.value(first.shape, 0.06)
        name, table = self.draws.one_of((("ADD", "AddOptions"), ("MUL", "MulOptions")))
        inputs = [first.tensor, second.tensor]
        self.network.add(getattr(_CODE, name), inputs, target.tensor, table)
        return target

    def _sum(
        self,
        source: _Value,
        size: tuple[int, int],
        fields: Mapping[str, int],
        channels: int,
        depth: int,
    ) -> _Value:
        # Most sums of so many random products are then within 8 bits.
        scale = 1.6 * source.scale * math.sqrt(math.prod(size) * depth)
        return self.value(_output(source.shape, size, fields, channels), scale)

    def _window(self, shape: _Shape) -> tuple[tuple[int, int], dict[str, int]]:
        size = self.draws.one_of(_SIZES)
        fields = self._strides(shape, size)
        dilation = self.draws.one_of((1, 1, 2)) if fields["stride_h"] == 1 else 1
        if fields["padding"] == PADDINGS["valid"]:
            dilation = 1
        return size, {**fields, "dilation_h_factor": dilation, "dilation_w_factor": 1}

    def _strides(self, shape: _Shape, size: tuple[int, int]) -> dict[str, int]:
        fits = shape[2] >= size[1] and shape[1] > 2 * size[0]
        padding = self.draws.one_of(("same", "same", "valid")) if fits else "same"
        rows, columns = self.draws.one_of(((1, 1), (1, 1), (2, 2), (2, 1)))
        if shape[1] < 6:
            rows = columns = 1
        return {"stride_h": rows, "stride_w": columns, "padding": PADDINGS[padding]}


def _output(
    shape: _Shape, size: tuple[int, int], fields: Mapping[str, int], channels: int
) -> _Shape:
    padding = next(name for name, code in PADDINGS.items() if code == fields["padding"])
    rows, columns = (
        output_size(
            shape[axis],
            size[axis - 1],
            fields[f"stride_{name}"],
            fields.get(f"dilation_{name}_factor", 1),
            padding,
        )
        for axis, name in ((1, "h"), (2, "w"))
    )
    return (1, rows, columns, channels)


def chain_model(seed: int) -> bytes:
    """Two to five layers, some with a skip connection around them, and perhaps one more layer."""
    writer = _Writer(seed)
    draws = writer.draws
    source = writer.source()
    values = [source]
    layers: tuple[Callable[[_Value], _Value], ...] = (
        *(writer.conv2d, writer.conv2d, writer.depthwise, writer.depthwise),
        *(writer.pool, writer.look_up),
    )
    for _ in range(draws.between(2, 4)):
        value = draws.one_of(layers)(values[-1])
        alike = [other for other in values if other.shape == value.shape]
        values.append(value)
        if alike and draws.chance():
            values.append(writer.binary(*draws.one_of(((alike[0], value), (value, alike[-1])))))
    return writer.network.writer.finish([source.tensor], [values[-1].tensor])


def folded(model: bytes) -> Network:
    """The model's integer operators."""
    network, unmatched = fold_qdq(import_tflite(model))
    assert not unmatched
    return own_outputs(network)


def compile_striped(
    network: Network, chains: Sequence[Chain], options: CompileOptions, choose: Choose
) -> CompiledModel:
    """Compiles a network with these chains in stripes, whatever memory that takes."""
    in_stripes = striped(network, chains)
    assert in_stripes is not None
    program = build_program(in_stripes, options, lambda stage, text: None, choose)
    return CompiledModel(program, *emit_c(program), "")
