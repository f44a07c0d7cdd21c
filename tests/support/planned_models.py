# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The metadata of a small model with two pools, made by hand."""

from __future__ import annotations

from microtvm.session.memory_plan import ConstantPoolInfo, MemoryInfo, Place, PoolInfo
from microtvm.session.metadata import (
    LayerInfo,
    ModelMetadata,
    SimplificationInfo,
    TensorInfo,
)
from microtvm.session.schedule_choice import CandidateInfo, ChoiceInfo


def tensor(index: int, name: str, place: Place, alive: tuple[int, int]) -> TensorInfo:
    """An int8 tensor of one dimension."""
    return TensorInfo(
        index=index,
        name=name,
        shape=(place.size_bytes,),
        dtype="int8",
        scale=(0.5,),
        zero_point=(0,),
        size_bytes=place.size_bytes,
        pool=place.pool,
        offset=place.offset,
        alive_from=alive[0],
        alive_to=alive[1],
        source_index=index,
    )


def choice(cycles: int, *others: int) -> ChoiceInfo:
    """A kernel that was taken before plain loops, and one that could not be."""
    return ChoiceInfo(
        CandidateInfo("dsp_conv2d", {"weight_bits": 8}, cycles),
        tuple(CandidateInfo("plain", {}, other) for other in others),
        {"dsp_matmul": "takes 1x1 windows, not 3x3"},
    )


def two_pool_model() -> ModelMetadata:
    """Input, a convolution with scratch, a sum over its input's bytes, and an output elsewhere.

    Layer 1 reads tensor 0 and writes tensor 1 beside it, with scratch in the fast pool; layer 2
    writes tensor 2 over the last 200 bytes of tensor 1; layer 3 writes tensor 3 to the fast pool.
    """
    tensors = (
        tensor(0, "image", Place(0, 0, 400), (0, 1)),
        tensor(1, "hidden", Place(0, 400, 600), (1, 1)),
        tensor(2, "sum", Place(0, 800, 400), (2, 3)),
        tensor(3, "scores", Place(1, 0, 10), (3, 3)),
    )
    layers = (
        LayerInfo(
            *(1, "1_conv2d", "conv2d", "dsp_conv2d", 9000, (0,), (1,)),
            constant_bytes=900,
            choice=choice(12_000, 48_000),
            scratch=Place(1, 0, 256),
        ),
        LayerInfo(
            *(2, "2_add", "add", "dsp_conv2d", 0, (1,), (2,)),
            constant_bytes=16,
            choice=choice(700),
        ),
        LayerInfo(
            *(3, "3_dense", "dense", "dsp_conv2d", 4000, (2,), (3,)),
            constant_bytes=4084,
            choice=choice(5000, 9000, 8000),
        ),
    )
    memory = MemoryInfo(
        pools=(
            PoolInfo("global_workspace", 1200, 1000, "workspace"),
            PoolInfo("dtcm", 256, 256, "workspace"),
        ),
        constant_pools=(ConstantPoolInfo("dtcm", 916),),
        constant_bytes=5000,
        stack_bytes=700,
    )
    return ModelMetadata(
        name="two_pools",
        target="cortex-m7",
        checksum=1,
        inputs=(0,),
        outputs=(3,),
        tensors=tensors,
        layers=layers,
        memory=memory,
        simplification=SimplificationInfo(20, 24, 13_000, 15_000),
    )
