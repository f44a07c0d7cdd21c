# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Whole models with buffers and constants in several memories, and with the caller's tensors.

On this machine; every layer equals LiteRT's reference bit for bit.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from support.benchmark_models import Case, cases, require_model
from support.callers_memory import run_on_callers_memory
from support.host_model import HostModel, build_library, differences

from microtvm.compiler import CompiledModel, CompileOptions, compile_model
from microtvm.compiler.memory_pools import MemoryOptions, MemoryPool
from microtvm.target import Target
from microtvm.validate.reference import ReferenceModel

# Bytes of the fast pool; each model's buffers need more.
_FAST = {
    "digits_int8": 1024,
    "ad01_int8": 1280,
    "kws_ref_model": 4096,
    "pretrainedResnet_quant": 16_384,
    "str_ww_ref_model": 2048,
    "vww_96_int8": 24_576,
}
_CASES = 4


def _read(name: str) -> bytes:
    return require_model(name).read_bytes()


def _memory(fast: int, **options: Any) -> MemoryOptions:
    pools = (MemoryPool("dtcm", size_bytes=fast), MemoryPool("sram", read_latency=1))
    return MemoryOptions(pools, **options)


def _compiled(data: bytes, memory: MemoryOptions, optimize: str = "speed") -> CompiledModel:
    options = CompileOptions(Target("cortex-m7"), optimize=optimize, memory=memory)
    return compile_model(data, options)


def _cases(compiled: CompiledModel) -> list[Case]:
    program = compiled.program
    tensors = [program.tensors[index].tensor for index in program.inputs]
    drawn = cases([tensor.shape for tensor in tensors], [tensor.zero_point for tensor in tensors])
    return list(itertools.islice(drawn, _CASES))


def _assert_exact(data: bytes, compiled: CompiledModel, host: HostModel) -> None:
    reference = ReferenceModel(data)
    for case in _cases(compiled):
        results, expected = host.run(case.inputs), reference.run(case.inputs)
        assert len(results) >= len(compiled.program.layers) - 1
        wrong = differences(compiled, results, expected)
        assert not wrong, f"{case.name}: {wrong[0]}"
        (output,) = host.outputs()
        assert (output == expected[reference.outputs[0].index]).all(), case.name


@pytest.mark.parametrize("name", _FAST)
def test_two_pools(name: str, tmp_path: Path) -> None:
    data, fast = _read(name), _FAST[name]
    compiled = _compiled(data, _memory(fast))
    program = compiled.program
    assert [pool.name for pool in program.pools] == ["dtcm", "sram"]
    assert 0 < program.pools[0].size <= fast
    assert program.pools[1].size > 0
    # The fast pool saves cycles, and something is read there and in the other one.
    slow = _compiled(data, MemoryOptions((MemoryPool("sram", read_latency=1),))).program
    assert 0 < program.pools[1].stall_cycles < slow.pools[0].stall_cycles
    host = HostModel(compiled, build_library([compiled], tmp_path, ("-O2",)))
    _assert_exact(data, compiled, host)


@pytest.mark.parametrize("name", _FAST)
def test_tensors_of_the_caller_and_constants_elsewhere(name: str, tmp_path: Path) -> None:
    data = _read(name)
    constants = (MemoryPool("itcm", size_bytes=4096), MemoryPool("flash"))
    compiled = _compiled(
        data, _memory(_FAST[name], io="caller", constants=constants, flash="flash")
    )
    program = compiled.program
    assert [pool.kind for pool in program.pools] == ["workspace", "workspace", "io"]
    own = {*program.inputs, *program.outputs}
    assert {program.tensors[index].pool for index in own} == {2}
    marked = sum(constant.data.nbytes for constant in program.constants if constant.pool)
    assert 0 < marked <= 4096
    assert all(constant.pool in (None, "itcm") for constant in program.constants)
    library = build_library([compiled], tmp_path, ("-O2",))
    _assert_exact(data, compiled, HostModel(compiled, library))
    for case in _cases(compiled):
        outputs = run_on_callers_memory(compiled, library, case.inputs)
        host = HostModel(compiled, library)
        host.run(case.inputs)
        assert (outputs[0].reshape(-1) == host.outputs()[0].reshape(-1)).all()


def test_stripes_in_two_pools(tmp_path: Path) -> None:
    """Parts of tensors, of the caller's among them."""
    data = _read("digits_int8")
    compiled = _compiled(data, _memory(512, io="caller"), optimize="ram")
    program = compiled.program
    parts = [placed.tensor.part for placed in program.tensors if placed.tensor.part is not None]
    assert {part.whole for part in parts} & set(program.inputs)
    assert all(pool.size > 0 for pool in program.workspace_pools)
    library = build_library([compiled], tmp_path, ("-O2",))
    reference = ReferenceModel(data)
    for case in _cases(compiled):
        expected = reference.run(case.inputs)[reference.outputs[0].index]
        (output,) = run_on_callers_memory(compiled, library, case.inputs)
        assert (output.reshape(-1) == expected.reshape(-1)).all(), case.name


def test_vww_in_a_fast_pool_of_64_kb(tmp_path: Path) -> None:
    """All of it fits; nothing waits for the other pool, which keeps its name in the C code."""
    data = _read("vww_96_int8")
    compiled = _compiled(data, _memory(65_536))
    fast, slow = compiled.program.pools
    assert (slow.size, slow.stall_cycles) == (0, 0)
    one = compile_model(data, CompileOptions(Target("cortex-m7"))).program
    assert fast.size == one.workspace_bytes
    header = compiled.files["codegen/host/include/tvmgen_default.h"]
    assert "#define TVMGEN_DEFAULT_SRAM_SIZE 0\n" in header
    host = HostModel(compiled, build_library([compiled], tmp_path, ("-O2",)))
    _assert_exact(data, compiled, host)
