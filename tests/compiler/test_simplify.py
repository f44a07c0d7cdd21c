# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Leaving out dead channels changes no number that remains."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.benchmark_models import model_files
from support.host_model import HostModel, build_library, differences
from support.pruned_network import pruned_network

from microtvm.compiler import CompileOptions, compile_model
from microtvm.validate.reference import ReferenceModel

_NETWORKS = [
    (seed, zero_point, padding)
    for seed in range(5)
    for zero_point in (-128, 0, 5)
    for padding in ("SAME", "VALID")
]


def test_every_channel_that_remains_equals_the_reference(tmp_path: Path) -> None:
    models = [pruned_network(*network) for network in _NETWORKS]
    compiled = [
        compile_model(model, CompileOptions(module_name=f"model_{index}"))
        for index, model in enumerate(models)
    ]
    library = build_library(compiled, tmp_path)
    random = np.random.default_rng(0)
    for network, model, program in zip(_NETWORKS, models, compiled, strict=True):
        host, reference = HostModel(program, library), ReferenceModel(model)
        for _ in range(3):
            values = [random.integers(-128, 128, (1, 6, 5, 3)).astype(np.int8)]
            wrong = differences(program, host.run(values), reference.run(values))
            assert not wrong, f"{network}: {wrong}"


def test_channels_are_left_out_in_most_pruned_networks() -> None:
    counts = []
    for network in _NETWORKS[:10]:
        done = compile_model(pruned_network(*network)).simplification
        assert done is not None
        assert done.macs <= done.macs_before
        counts.append(done.channels_before - done.channels)
    assert sum(count > 0 for count in counts) == 10


def test_a_constant_that_is_not_the_zero_point_stays_under_padding() -> None:
    """At the border padding would mix the zero point in, so no one bias is right everywhere."""
    padded = compile_model(pruned_network(3, 5, "SAME")).simplification
    unpadded = compile_model(pruned_network(3, 5, "VALID")).simplification
    assert padded is not None
    assert unpadded is not None
    assert padded.channels > unpadded.channels


def test_nothing_is_left_out_of_a_dense_network() -> None:
    done = compile_model(pruned_network(0, 0, "SAME", dead=0.0)).simplification
    assert done is not None
    assert done.channels == done.channels_before


def test_no_simplify_keeps_every_channel() -> None:
    compiled = compile_model(pruned_network(0, 0, "VALID"), CompileOptions(simplify=False))
    assert compiled.simplification is None
    assert all(placed.tensor.channels is None for placed in compiled.program.tensors)


def test_all_outputs_dead_still_runs(tmp_path: Path) -> None:
    model = pruned_network(1, -128, "VALID", dead=1.0)
    compiled = compile_model(model)
    host, reference = (
        HostModel(compiled, build_library([compiled], tmp_path)),
        ReferenceModel(model),
    )
    values = [np.full((1, 6, 5, 3), 7, np.int8)]
    assert not differences(compiled, host.run(values), reference.run(values))


def test_visual_wake_words_loses_half_of_its_work() -> None:
    """The figure of independent counts of this model: 3,733,073 of 7,489,664 MACs remain."""
    files = [path for path in model_files() if path.stem == "vww_96_int8"]
    if not files:
        pytest.skip("the MLPerf Tiny models are not here: set MICROTVM_MODELS")
    done = compile_model(files[0].read_bytes()).simplification
    assert done is not None
    assert (done.macs, done.macs_before) == (3_733_073, 7_489_664)
