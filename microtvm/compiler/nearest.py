# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which source pixel TFLite's nearest-neighbour resize takes, in float32 as it computes it."""

from __future__ import annotations

import numpy as np


def source_indices(
    source: int, target: int, *, align_corners: bool, half_pixel_centers: bool
) -> tuple[int, ...]:
    """The source index of each of `target` indices, along a dimension of `source`."""
    if align_corners and target > 1:
        scale = np.float32(source - 1) / np.float32(target - 1)
    else:
        scale = np.float32(source) / np.float32(target)
    offset = np.float32(0.5 if half_pixel_centers else 0.0)
    position = (np.arange(target, dtype=np.float32) + offset) * scale
    # Positions are not negative, so this rounds halves up, as TFLite does here.
    rounding = 0.5 if align_corners else 0.0
    indices = np.floor(position.astype(np.float64) + rounding).astype(np.int64)
    return tuple(int(index) for index in np.minimum(indices, source - 1))
