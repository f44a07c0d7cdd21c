# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The generated C with several pools, constants elsewhere, and tensors of the caller."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.callers_memory import run_on_callers_memory
from support.cross import STRICT, compile_objects
from support.host_model import HostModel, build_library, write_sources
from support.int8_network import int8_network

from microtvm.artifact import archive_files
from microtvm.compiler import CompiledModel, CompileOptions, compile_model, compile_network
from microtvm.compiler.memory_pools import MemoryOptions, MemoryPool
from microtvm.compiler.operators import LookUp, Network, Operator, Part, Reshape, Tensor
from microtvm.session import parse_metadata

_HEADER = "codegen/host/include/tvmgen_net.h"
_SOURCE = "codegen/host/src/net_lib0.c"
_POOLS = (MemoryPool("dtcm", 256), MemoryPool("sram", read_latency=1))
_CONSTANTS = (MemoryPool("itcm", 256), MemoryPool("qspi", 512), MemoryPool("flash"))
_MEMORY = MemoryOptions(_POOLS, _CONSTANTS, "caller", flash="flash")


def _negate(source: int, output: int) -> Operator:
    """~x."""
    return LookUp((source,), output, "negate", np.arange(127, -129, -1).astype(np.int8))


def _compile(memory: MemoryOptions) -> CompiledModel:
    return compile_model(int8_network(), CompileOptions(module_name="net", memory=memory))


@pytest.fixture(scope="module")
def model() -> CompiledModel:
    return _compile(_MEMORY)


def test_a_member_and_a_size_for_each_pool(model: CompiledModel) -> None:
    header, (dtcm, sram, own) = model.files[_HEADER], model.program.pools
    assert "workspace_pools {\n\tvoid *dtcm;\n\tvoid *sram;\n};" in header
    for name, size in (("DTCM", dtcm.size), ("SRAM", sram.size), ("IO", own.size)):
        assert f"#define TVMGEN_NET_{name}_SIZE {size}\n" in header
    # There is no such thing as the workspace's size, nor a place in it for inputs.
    assert "WORKSPACE_SIZE" not in header
    assert "map_inputs" not in "".join(model.files.values())


def test_one_pool_keeps_the_workspaces_size(model: CompiledModel) -> None:
    compiled = _compile(MemoryOptions(io="caller"))
    size = compiled.program.workspace_pools[0].size
    assert f"#define TVMGEN_NET_WORKSPACE_SIZE {size}\n" in compiled.files[_HEADER]


def test_what_the_caller_provides_is_no_part_of_the_workspace() -> None:
    own, without = (_compile(MemoryOptions(io=io)).program for io in ("workspace", "caller"))
    assert without.workspace_pools[0].size <= own.workspace_bytes
    assert (without.pools[1].name, without.pools[1].kind) == ("io", "io")


def test_constants_are_marked_for_their_pools(model: CompiledModel) -> None:
    source = model.files[_SOURCE]
    assert '#include "microtvm/placement.h"\n' in source
    marked = re.findall(r"_Alignas\(16\) MICROTVM_CONSTANT_POOL\((\w+)\) \w+ (\w+)\[", source)
    pools = {pool.name: pool.members for pool in model.program.constant_pools if not pool.is_flash}
    assert sorted(marked) == sorted(
        (pool, name) for pool, members in pools.items() for name in members
    )
    assert all(pools.values())
    (flash,) = (pool for pool in model.program.constant_pools if pool.is_flash)
    assert all(f"_Alignas(16) {name}" not in source for name in flash.members)


def test_without_constant_pools_nothing_is_marked() -> None:
    compiled = _compile(MemoryOptions(_POOLS))
    assert "placement.h" not in "".join(compiled.files.values())
    assert "codegen/host/include/microtvm/placement.h" not in archive_files(compiled)


@pytest.mark.arm
def test_constants_are_in_the_sections_of_their_pools(model: CompiledModel, tmp_path: Path) -> None:
    flags = (*STRICT, "-mcpu=cortex-m7", "-mthumb", "-Os")
    objects = compile_objects("arm-none-eabi-gcc", write_sources(model, tmp_path), tmp_path, flags)
    command = ["arm-none-eabi-size", "-A", *map(str, objects)]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    sections = dict(re.findall(r"^\.microtvm\.constants\.(\w+) +(\d+)", listed, re.MULTILINE))
    assert set(sections) == {"itcm", "qspi"}
    for pool in model.program.constant_pools:
        if not pool.is_flash:
            assert 0 < int(sections[pool.name]) <= pool.size <= (pool.limit or 0)


@pytest.mark.parametrize("standard", ["c++11", "c++20"])
def test_the_header_is_for_c_plus_plus_too(
    model: CompiledModel, standard: str, tmp_path: Path
) -> None:
    write_sources(model, tmp_path)
    program = """#include "tvmgen_net.h"
int main() {
    static unsigned char dtcm[TVMGEN_NET_DTCM_SIZE], sram[TVMGEN_NET_SRAM_SIZE];
    static unsigned char io[TVMGEN_NET_IO_SIZE];
    tvmgen_net_workspace_pools pools = { dtcm, sram };
    tvmgen_net_inputs inputs = { io };
    tvmgen_net_outputs outputs = { io };
    return tvmgen_net_run(&inputs, &outputs, &pools);
}
"""
    (tmp_path / "main.cpp").write_text(program, encoding="ascii")
    command = ["g++", f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
    command += ["-I", str(tmp_path / "codegen/host/include"), str(tmp_path / "main.cpp")]
    subprocess.run(command, check=True, timeout=60)


def test_the_metadata_is_a_sessions(model: CompiledModel) -> None:
    metadata = parse_metadata(_json(model), "metadata.json")
    program = model.program
    assert [(pool.name, pool.size_bytes, pool.kind) for pool in metadata.pools] == [
        (pool.name, pool.size, pool.kind) for pool in program.pools
    ]
    assert [(pool.name, pool.size_bytes) for pool in metadata.memory.constant_pools] == [
        (pool.name, pool.size) for pool in program.constant_pools if not pool.is_flash
    ]
    io_pools = {metadata.tensors[index].pool for index in (*metadata.inputs, *metadata.outputs)}
    assert io_pools == {2}
    main = _json(model)["modules"]["net"]["memory"]["functions"]["main"][0]
    # Inputs and outputs are counted by themselves.
    assert main["workspace_size_bytes"] == program.pools[0].size + program.pools[1].size


def _json(model: CompiledModel) -> dict[str, dict[str, dict[str, dict[str, dict[str, list]]]]]:
    return json.loads(archive_files(model)["metadata.json"])


def test_the_same_options_give_the_same_bytes(model: CompiledModel) -> None:
    assert archive_files(_compile(_MEMORY)) == archive_files(model)


def test_a_tensor_that_is_named_as_a_pool(tmp_path: Path) -> None:
    network = _network([_negate(0, 1)], (1,), ("dtcm", "sram"))
    compiled = _callers(network)
    assert "void *dtcm_1;" in compiled.files[_HEADER]
    _assert_negated(compiled, tmp_path, [-1])


def _network(
    operators: list[Operator], outputs: tuple[int, ...], names: tuple[str, ...]
) -> Network:
    """Of tensors of 32 bytes; tensor 0 is the input."""
    tensors = tuple(Tensor(name, (1, 32), "int8", 1.0) for name in names)
    return Network(tensors, (0,), outputs, tuple(operators))


def _callers(network: Network) -> CompiledModel:
    memory = MemoryOptions(_POOLS, io="caller")
    return compile_network(network, CompileOptions(module_name="net", memory=memory))


def _assert_negated(compiled: CompiledModel, folder: Path, signs: list[int]) -> None:
    """Each output is the input, or ~input where its sign is below 0."""
    library = build_library([compiled], folder)
    source = np.random.default_rng(0).integers(-128, 128, (1, 32), dtype=np.int8)
    host = HostModel(compiled, library)
    host.run([source])
    for outputs in (host.outputs(), run_on_callers_memory(compiled, library, [source])):
        assert len(outputs) == len(signs)
        for output, sign in zip(outputs, signs, strict=True):
            np.testing.assert_array_equal(output, source if sign > 0 else ~source)


@pytest.mark.parametrize(
    ("operators", "outputs", "signs", "copies", "workspace"),
    [
        # Reshaped before and behind: read and written where the caller has them.
        (
            [Reshape((0,), 1), _negate(1, 2), Reshape((2,), 3)],
            (3,),
            [-1],
            0,
            0,
        ),
        # Nothing but a reshape: the caller's input is copied to the caller's output.
        ([Reshape((0,), 1)], (1,), [1], 1, 0),
        ([Reshape((0,), 1), Reshape((1,), 2)], (2,), [1], 1, 0),
        # Two outputs of the same bytes.
        ([_negate(0, 1), Reshape((1,), 2)], (1, 2), [-1, -1], 1, 0),
        (
            [_negate(0, 1), Reshape((1,), 2), Reshape((1,), 3)],
            (2, 3),
            [-1] * 2,
            1,
            0,
        ),
        # The input itself as an output, and an output that a layer reads.
        (
            [_negate(0, 1), _negate(1, 2)],
            (0, 1, 2),
            [1, -1, 1],
            1,
            0,
        ),
        # A tensor between layers.
        (
            [_negate(0, 1), _negate(1, 2)],
            (2,),
            [1],
            0,
            32,
        ),
    ],
)
def test_reshapes_of_the_callers_tensors(
    operators: list[Operator],
    outputs: tuple[int, ...],
    signs: list[int],
    copies: int,
    workspace: int,
    tmp_path: Path,
) -> None:
    count = 1 + max(operator.output for operator in operators)
    compiled = _callers(_network(operators, outputs, tuple(f"t{i}" for i in range(count))))
    program = compiled.program
    kinds = [layer.operator for layer in program.layers if layer.function is not None]
    assert kinds.count("reshape") == copies
    assert sum(pool.size for pool in program.workspace_pools) == workspace
    _assert_negated(compiled, tmp_path, signs)


def test_a_part_of_the_callers_input_in_another_shape(tmp_path: Path) -> None:
    tensors = (
        *(Tensor(name, (1, 32), "int8", 1.0) for name in ("t0", "t1")),
        Tensor("half", (1, 16), "int8", 1.0, part=Part(1, 16)),
        Tensor("t3", (1, 16), "int8", 1.0),
    )
    network = Network(tensors, (0,), (3,), (Reshape((0,), 1), _negate(2, 3)))
    compiled = _callers(network)
    library = build_library([compiled], tmp_path)
    source = np.arange(32, dtype=np.int8).reshape(1, 32)
    (output,) = run_on_callers_memory(compiled, library, [source])
    np.testing.assert_array_equal(output, ~source[:, 16:])


def test_inputs_stay_as_they_are_to_the_end() -> None:
    program = _compile(replace(_MEMORY, constants=(), flash="")).program
    for index in program.inputs:
        placed = program.tensors[index]
        assert (placed.alive_from, placed.alive_to) == (0, len(program.layers))
