# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The work of a matrix product that is computed in blocks of pixels times two channels."""

from __future__ import annotations

from microtvm.compiler.schedules.rule import Work

GROUP = 4  # numbers of K that are multiplied at once
_BLOCKS = (4, 2, 1)  # pixels that are computed at once


def block_work(channels: int, depth: int, pixels: int, width: str) -> Work:
    """The blocks, and the groups of K that each goes through. What fills the patch is not in it.

    Args:
        width: the weights' bits and the kind of the sums, as terms of the cost model name them.
    """
    pairs, steps = -(-channels // 2), -(-depth // GROUP)
    work: dict[str, int] = {"call": 1}
    for size in _BLOCKS:
        count = pixels // size
        pixels -= count * size
        work[f"block_{size}"] = count
        work[f"outputs_{size}_{width}"] = count * pairs
        work[f"groups_{size}_{width}"] = count * pairs * steps
        work[f"odd_{size}"] = count * (channels % 2)
    return {term: count for term, count in work.items() if count}
