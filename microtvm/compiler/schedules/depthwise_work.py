# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the depthwise kernels of any type do with their plane (depthwise_layer.h)."""

from __future__ import annotations

from microtvm.compiler.operators import Tensor
from microtvm.compiler.packing_depthwise import DepthwiseShape
from microtvm.compiler.schedules.rule import BlockSizes, Work

CELL_CHANNELS = 4  # whose rows are in a plane


def bands_inside(source: Tensor, output: Tensor) -> bool:
    """Whether all bands of some channels come before other channels, and share rows."""
    return source.shape[3] == output.shape[3]


def plane_work(shape: DepthwiseShape, source: Tensor, output: Tensor, band: int) -> Work:
    """Of an image: cells that are filled, and that are moved from band to band."""
    groups, bands = -(-source.shape[3] // CELL_CHANNELS), -(-shape.pairs // band)
    shared = (bands - 1) * shape.shared_cells if bands_inside(source, output) else 0
    return {
        "cell": groups * (bands * shape.cells(band) - shared),
        "moved_cell": groups * shared,
    }


def tap_work(shape: DepthwiseShape, kernel: str, channels: int, blocks: BlockSizes) -> Work:
    """Of an image: pairs of output rows at each column, and the weights that they take.

    Args:
        kernel: which of the loops runs, as terms of the cost model name it.
        channels: of the output.
    """
    positions, bands = channels * shape.pairs * shape.output[1], -(-shape.pairs // blocks["band"])
    work = {f"position_{kernel}": positions}
    if shape.kernel == "any":
        work[f"weight_{kernel}"] = positions * shape.weight_words
    if blocks["weight_bits"] == 8:
        work["widened_word"] = channels * bands * shape.weight_words
    return work
