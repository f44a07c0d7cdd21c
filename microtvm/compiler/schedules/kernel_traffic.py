# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the kernels with weights read and write: products, streaming products, depthwise planes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microtvm.compiler.operators import Conv2D, Dense, DepthwiseConv2D, Tensor
from microtvm.compiler.packing_depthwise import CELL_BYTES, DepthwiseShape
from microtvm.compiler.schedules.depthwise_work import plane_work
from microtvm.compiler.traffic import Traffic

_PIXELS = (4, 2, 1)  # that are taken at once, as many as there are
_CHANNELS = 2  # that are computed while a patch is read once
_NUMBER_BYTES = 2  # of a widened number
_DENSE_ROWS = 4  # that are computed while a vector is read once


def product_traffic(
    operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Traffic:
    """Of product.h: a block of pixels is widened once, then read for each two channels.

    All weights are read for each block.
    """
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    channels = operator.weights.shape[0]
    depth = operator.weights.size // channels
    groups = operator.groups if isinstance(operator, Conv2D) else 1
    images = output.shape[0] if isinstance(operator, Conv2D) else 1
    pixels = output.elements // channels
    patches = pixels * groups * depth
    turns = -(-(channels // groups) // _CHANNELS)
    return Traffic(
        inputs=(patches * (source.size_bytes // source.elements),),
        output=output.size_bytes,
        scratch_read=patches * _NUMBER_BYTES * turns,
        scratch_written=patches * _NUMBER_BYTES,
        constants=images * _block_count(pixels // images, blocks.get("pixels", 4)),
    )


def dense_traffic(
    operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Traffic:
    """Of dense_loop.h: a vector is widened once, then read for each four rows of weights.

    Of dense_direct_loop.h, it is read once for its sums, then for each four rows.
    """
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    rows = len(operator.weights)
    vectors = output.elements // rows
    if blocks.get("input_bits") == 8:
        reads = source.elements * (1 + -(-rows // _DENSE_ROWS))
        return Traffic(inputs=(reads,), output=output.size_bytes, constants=vectors)
    widened = source.elements * _NUMBER_BYTES
    return Traffic(
        inputs=(source.size_bytes,),
        output=output.size_bytes,
        scratch_read=widened * -(-rows // _DENSE_ROWS),
        scratch_written=widened,
        constants=vectors,
    )


def depthwise_traffic(
    operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Traffic:
    """Of depthwise.h: four channels of a band become cells, which each position reads by taps.

    A position is two rows of an output channel. Cells that bands share are moved. Weights are read
    for each band; those of 16 bits for any window, for each position.
    """
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    images, rows, columns, channels = output.shape
    shape = DepthwiseShape((rows, columns), operator.window)
    bands = -(-shape.pairs // blocks["band"])
    cells = plane_work(shape, source, output, blocks["band"])
    moved = images * cells["moved_cell"] * CELL_BYTES
    positions = images * channels * shape.pairs * columns
    streams = shape.kernel == "any" and blocks["weight_bits"] == 16
    return Traffic(
        inputs=(source.size_bytes,),
        output=output.size_bytes,
        scratch_read=positions * shape.depth * operator.window.size[1] * 4 + moved,
        scratch_written=images * cells["cell"] * CELL_BYTES + moved,
        constants=images * (shape.pairs * columns if streams else bands),
    )


def _block_count(pixels: int, most: int) -> int:
    count = 0
    for size in (size for size in _PIXELS if size <= most):
        count += pixels // size
        pixels %= size
    return count
