# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The generated C: alone, strict, usable from C++ and beside other models, and free of floats."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from support.cross import (
    HARD_FLOAT,
    SOFT_FLOAT,
    STRICT,
    compile_objects,
    real_operations,
    undefined_symbols,
    writable_bytes,
)
from support.float_network import float_network
from support.host_model import HostModel, build_library, write_sources
from support.int8_network import int8_network

from microtvm.compiler import CompiledModel, CompileOptions, compile_model
from microtvm.target import Target

# What the compiler may call by itself; memcpy and memset are for copies of structs and arrays.
_ALLOWED = {"memcpy", "memset", "memmove", "__aeabi_lmul", "__aeabi_ldivmod", "__aeabi_idiv"}
_MODELS = {"int8": int8_network, "float": float_network}


@pytest.fixture(scope="module", params=_MODELS)
def model(request: pytest.FixtureRequest) -> CompiledModel:
    return compile_model(_MODELS[request.param](), CompileOptions(module_name=request.param))


@pytest.fixture(scope="module")
def int8_model() -> CompiledModel:
    return compile_model(int8_network(), CompileOptions(module_name="net"))


def test_files_have_the_names_of_the_format(int8_model: CompiledModel) -> None:
    assert sorted(int8_model.files) == [
        "codegen/host/include/tvmgen_net.h",
        "codegen/host/src/net_lib0.c",
        "codegen/host/src/net_lib1.c",
    ]


@pytest.mark.parametrize(("core", "count"), [("cortex-m4", 0), ("cortex-m7", 1)])
def test_layers_say_how_loops_are_ordered(core: str, count: int) -> None:
    compiled = compile_model(int8_network(), CompileOptions(Target(core), module_name="net"))
    layers = compiled.files["codegen/host/src/net_lib1.c"]
    assert (
        layers.partition('#include "microtvm')[0].count("#define MICROTVM_DUAL_ISSUE 1\n") == count
    )


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_compiles_alone_without_a_warning(
    model: CompiledModel, compiler: str, tmp_path: Path
) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    flags = (*STRICT, "-Wshadow", "-Wstrict-prototypes", "-Wundef", "-O2")
    compile_objects(compiler, write_sources(model, tmp_path), tmp_path, flags)


@pytest.mark.arm
@pytest.mark.parametrize("mcpu", ["cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7"])
def test_compiles_for_each_core(mcpu: str, tmp_path: Path) -> None:
    model = compile_model(int8_network(), CompileOptions(Target(mcpu)))
    flags = (*STRICT, f"-mcpu={mcpu}", "-mthumb", "-Os")
    sources = write_sources(model, tmp_path)
    compile_objects("arm-none-eabi-gcc", sources, tmp_path, flags)


@pytest.mark.parametrize("standard", ["c++11", "c++20"])
def test_the_header_is_for_c_plus_plus_too(
    model: CompiledModel, standard: str, tmp_path: Path
) -> None:
    write_sources(model, tmp_path)
    name = model.program.options.module_name
    program = f"""#include "tvmgen_{name}.h"
int main() {{
    static unsigned char memory[TVMGEN_{name.upper()}_WORKSPACE_SIZE];
    tvmgen_{name}_workspace_pools pools = {{ memory }};
    tvmgen_{name}_inputs inputs = tvmgen_{name}_map_inputs(&pools);
    tvmgen_{name}_outputs outputs = tvmgen_{name}_map_outputs(&pools);
    return tvmgen_{name}_run(&inputs, &outputs, &pools) + tvmgen_{name}_model.layer_count;
}}
"""
    (tmp_path / "main.cpp").write_text(program, encoding="ascii")
    command = ["g++", f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
    command += ["-I", str(tmp_path / "codegen/host/include"), str(tmp_path / "main.cpp")]
    subprocess.run(command, check=True, timeout=60)


def test_the_header_can_be_included_twice(model: CompiledModel, tmp_path: Path) -> None:
    write_sources(model, tmp_path)
    line = f'#include "tvmgen_{model.program.options.module_name}.h"\n'
    (tmp_path / "twice.c").write_text(line * 2, encoding="ascii")
    compile_objects("gcc", [tmp_path / "twice.c"], tmp_path)


@pytest.mark.arm
def test_an_int8_model_needs_nothing_but_copies(int8_model: CompiledModel, tmp_path: Path) -> None:
    flags = (*STRICT, *SOFT_FLOAT, "-O2")
    sources = write_sources(int8_model, tmp_path)
    objects = compile_objects("arm-none-eabi-gcc", sources, tmp_path, flags)
    assert undefined_symbols(objects) <= _ALLOWED


@pytest.mark.arm
def test_an_int8_model_has_no_float_instruction(int8_model: CompiledModel, tmp_path: Path) -> None:
    flags = (*STRICT, *HARD_FLOAT, "-O2")
    sources = write_sources(int8_model, tmp_path)
    objects = compile_objects("arm-none-eabi-gcc", sources, tmp_path, flags)
    assert real_operations(objects) == set()
    assert undefined_symbols(objects) <= _ALLOWED


@pytest.mark.arm
def test_a_float_model_has_float_instructions(tmp_path: Path) -> None:
    """Else the two tests above could not fail."""
    sources = write_sources(compile_model(float_network()), tmp_path)
    hard = compile_objects("arm-none-eabi-gcc", sources, tmp_path, (*STRICT, *HARD_FLOAT, "-O2"))
    assert "vmul.f32" in real_operations(hard) or "vfma.f32" in real_operations(hard)
    assert undefined_symbols(hard) - _ALLOWED <= {"expf", "tanhf", "sqrtf"}
    soft = compile_objects("arm-none-eabi-gcc", sources, tmp_path, (*STRICT, *SOFT_FLOAT, "-O2"))
    assert "__aeabi_fmul" in undefined_symbols(soft)


@pytest.mark.arm
def test_a_model_takes_no_ram_of_its_own(model: CompiledModel, tmp_path: Path) -> None:
    flags = (*STRICT, *HARD_FLOAT, "-O2")
    sources = write_sources(model, tmp_path)
    assert writable_bytes(compile_objects("arm-none-eabi-gcc", sources, tmp_path, flags)) == 0


def test_no_date_and_no_path_is_in_the_files(model: CompiledModel) -> None:
    for text in model.files.values():
        assert not re.search(r"\b20\d\d-\d\d|/home|/tmp|__DATE__|__TIME__|__FILE__", text)


def _inputs(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-128, 128, (1, 7, 6, 3), dtype=np.int8)


def test_models_live_in_one_binary(tmp_path: Path) -> None:
    """Also where one's name begins with the other's and goes on like a layer."""
    names = ("a", "a_depthwise", "a_layer")
    models = [
        compile_model(int8_network(seed), CompileOptions(module_name=name))
        for seed, name in enumerate(names)
    ]
    library = build_library(models, tmp_path)
    for model, seed in zip(models, range(len(names)), strict=True):
        alone = compile_model(int8_network(seed), CompileOptions(module_name="alone"))
        folder = tmp_path / model.program.options.module_name
        single = HostModel(alone, build_library([alone], folder))
        together = HostModel(model, library)
        for host in (single, together):
            host.run([_inputs(seed)])
        np.testing.assert_array_equal(single.outputs()[0], together.outputs()[0])


class _Runner:
    """The C interface of the header, called with inputs and outputs wherever they are."""

    def __init__(self, model: CompiledModel, folder: Path) -> None:
        self.host = HostModel(model, build_library([model], folder))
        library = ctypes.CDLL(str(folder / "models.so"))
        name = model.program.options.module_name
        self.run_model = getattr(library, f"tvmgen_{name}_run")
        self.map_inputs = getattr(library, f"tvmgen_{name}_map_inputs")
        self.map_outputs = getattr(library, f"tvmgen_{name}_map_outputs")
        # A struct of one pointer comes back as that pointer.
        self.map_inputs.restype = self.map_outputs.restype = ctypes.c_void_p
        self.pools = self.host.pools

    def run(self, source: int, result: int) -> None:
        """Runs on the addresses of one input and one output."""
        inputs, outputs = ctypes.c_void_p(source), ctypes.c_void_p(result)
        arguments = (ctypes.byref(pointer) for pointer in (inputs, outputs, self.pools))
        assert self.run_model(*arguments) == 0


def test_memory_of_the_caller_and_of_the_workspace_give_the_same(
    int8_model: CompiledModel, tmp_path: Path
) -> None:
    runner = _Runner(int8_model, tmp_path)
    for seed in range(5):
        source = _inputs(seed)
        runner.host.run([source])
        expected = runner.host.outputs()[0]
        result = np.zeros_like(expected)
        runner.host.workspace[:] = 0x5A
        runner.run(source.ctypes.data, result.ctypes.data)
        np.testing.assert_array_equal(result, expected)
        np.testing.assert_array_equal(source, _inputs(seed))
        place = runner.map_inputs(ctypes.byref(runner.pools))
        ctypes.memmove(place, source.ctypes.data, source.nbytes)
        target = runner.map_outputs(ctypes.byref(runner.pools))
        runner.run(place, target)
        again = (ctypes.c_int8 * expected.size).from_address(target)
        np.testing.assert_array_equal(np.array(again).reshape(expected.shape), expected)


def test_nothing_outside_the_workspace_is_written(
    int8_model: CompiledModel, tmp_path: Path
) -> None:
    host = HostModel(int8_model, build_library([int8_model], tmp_path))
    size = int8_model.program.workspace_bytes
    before = host.workspace.copy()
    host.run([_inputs(0)])
    outside = np.ones(len(before), bool)
    outside[host.starts[0] : host.starts[0] + size] = False
    np.testing.assert_array_equal(host.workspace[outside], before[outside])


def test_layers_out_of_range_are_refused(int8_model: CompiledModel, tmp_path: Path) -> None:
    host = HostModel(int8_model, build_library([int8_model], tmp_path))
    for layer in (0, host.model.layer_count + 1, 2**32 - 1):
        assert host.model.run_layer(layer, host.pools) == -1


def test_the_descriptor_says_what_the_program_is(int8_model: CompiledModel, tmp_path: Path) -> None:
    model = HostModel(int8_model, build_library([int8_model], tmp_path)).model
    program = int8_model.program
    placed = [tensor for tensor in program.tensors if tensor.offset is not None]
    assert (model.name, model.checksum) == (b"net", int8_model.checksum)
    pools = [model.pools[index] for index in range(model.pool_count)]
    assert [(pool.name.decode(), pool.size) for pool in pools] == [
        (pool.name, pool.size) for pool in program.pools
    ]
    assert model.layer_count == len(program.layers)
    assert model.tensor_count == len(placed)
    for index, tensor in enumerate(placed):
        entry = model.tensors[index]
        assert entry.name.decode() == tensor.tensor.name
        assert (entry.offset, entry.size) == (tensor.offset, tensor.tensor.size_bytes)
        assert entry.pool == tensor.pool
        assert (entry.alive_from, entry.alive_to) == (tensor.alive_from, tensor.alive_to)
    assert placed[model.inputs[0]].tensor.shape == (1, 7, 6, 3)
    assert placed[model.outputs[0]].tensor.shape == (1, 5)


def test_the_checksum_follows_the_model_and_its_options() -> None:
    sums = {
        compile_model(int8_network(seed), CompileOptions(module_name=name)).checksum
        for seed in (0, 1)
        for name in ("a", "b")
    }
    assert len(sums) == 4
