# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A network of int16 activations from its file to a device: every layer equals LiteRT's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.choices import choose_kernel
from support.host_model import HostModel, build_library, differences
from support.int16_network import int16_network, pruned_layers

from microtvm.artifact import write_module_tar
from microtvm.compiler import CompileOptions, compile_model
from microtvm.project.project import create_project
from microtvm.target import Target
from microtvm.validate.reference import ReferenceModel

_CORES = {"mps2_an386": "cortex-m4", "mps2_an500": "cortex-m7"}
# Without the network's PAD: the convolution behind it pads by itself.
_LAYERS = [
    *("quantize", "conv2d", "depthwise_conv2d", "add", "add", "average_pool2d"),
    *("max_pool2d", "concatenate", "reshape", "dense", "dequantize"),
]
_KERNELS = {
    *("dsp_conv2d_int16", "dsp_depthwise_int16", "dsp_add_int16", "dsp_dense_int16"),
    *("dsp_average_pool_int16", "dsp_max_pool_int16"),
}


def _images() -> list[np.ndarray]:
    """Within the input's range, and beyond it."""
    random = np.random.default_rng(1)
    shape = (1, 9, 8, 3)
    spreads = (0.5, 2.0, 6.0)
    images = [random.normal(0.0, spread, shape).astype(np.float32) for spread in spreads]
    return [*images, np.full(shape, 99, np.float32), np.full(shape, -99, np.float32)]


@pytest.mark.parametrize("target", ["cortex-m4", "cortex-m3"])
def test_every_layer_equals_the_reference_on_this_machine(target: str, tmp_path: Path) -> None:
    data = int16_network()
    # By kernels wherever there are any: plain loops are cheaper for additions and pools as small.
    compiled = compile_model(data, CompileOptions(Target(target)), choose=choose_kernel)
    assert [layer.operator for layer in compiled.program.layers] == _LAYERS
    by_kernels = {layer.schedule for layer in compiled.program.layers if "dsp" in layer.schedule}
    assert by_kernels == (_KERNELS if target == "cortex-m4" else set())
    host = HostModel(compiled, build_library([compiled], tmp_path, ("-O2", "-fsanitize=undefined")))
    reference = ReferenceModel(data)
    for image in _images():
        wrong = differences(compiled, host.run([image]), reference.run([image]))
        assert not wrong, wrong


@pytest.mark.parametrize("seed", range(5))
def test_constant_channels_are_what_the_reference_computes(seed: int, tmp_path: Path) -> None:
    data = pruned_layers(seed)
    compiled = compile_model(data)
    left = compiled.simplification
    assert left is not None
    assert left.channels <= left.channels_before - 2
    host = HostModel(compiled, build_library([compiled], tmp_path))
    reference = ReferenceModel(data)
    random = np.random.default_rng(2)
    for _ in range(4):
        image = random.integers(-32768, 32768, (1, 4, 4, 3), dtype=np.int16)
        expected = reference.run([image])
        assert not differences(compiled, host.run([image]), expected)
        (output,) = host.outputs()
        assert (output == expected[reference.outputs[0].index]).all()


def test_the_network_does_not_saturate_throughout() -> None:
    """Else it would show little."""
    reference = ReferenceModel(int16_network())
    tensors = [v for v in reference.run([_images()[0]]).values() if v.dtype == np.int16]
    assert len(tensors) == 11
    for values in tensors:
        assert np.unique(values).size >= min(values.size // 3, 5)
        assert (np.abs(values.astype(np.int32)) >= 32767).mean() < 0.1


@pytest.mark.arm
@pytest.mark.parametrize("board", _CORES)
def test_every_layer_equals_the_reference_on_a_device(board: str, tmp_path: Path) -> None:
    data = int16_network()
    archive = tmp_path / "module.tar"
    write_module_tar(compile_model(data, CompileOptions(Target(_CORES[board]))), archive)
    settings = {"platform": "baremetal", "board": board, "project_type": "host_driven"}
    project = create_project(tmp_path / "project", archive, settings)
    project.build()
    project.flash()
    reference = ReferenceModel(data)
    with project.open_session() as session:
        for image in _images():
            expected = reference.run([image])
            session.set_input(0, image)
            rows = session.validate(expected)
            assert len(rows) >= len(_LAYERS)
            assert not [str(row) for row in rows if row.mismatches]
        session.run()
        assert (session.get_output(0) == expected[reference.outputs[0].index]).all()
