# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the depthwise kernels of any type do with their plane (depthwise_layer.h)."""

from __future__ import annotations

from microtvm.compiler.operators import Tensor
from microtvm.compiler.packing_depthwise import DepthwiseShape
from microtvm.compiler.schedules.rule import Work

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
