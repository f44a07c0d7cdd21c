# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The archive of a compiled model: its members, its metadata, and that they are the same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import tflite
from microtvm_project.model_library import read_model_library
from support.float_network import float_network
from support.int8_network import int8_network
from tflite_writer import TFLiteWriter

from microtvm.artifact import archive_files, module_tar, write_module_tar
from microtvm.compiler import CompiledModel, CompileOptions, compile_model
from microtvm.target import Target

_HASH = """
import hashlib, sys
from microtvm.artifact import module_tar
from microtvm.compiler import compile_model
from support.int8_network import int8_network
print(hashlib.sha256(module_tar(compile_model(int8_network()))).hexdigest())
"""


@pytest.fixture(scope="module")
def compiled() -> CompiledModel:
    return compile_model(int8_network(), CompileOptions(Target("cortex-m7"), "net"))


@pytest.fixture(scope="module")
def metadata(compiled: CompiledModel) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(archive_files(compiled)["metadata.json"])
    return content


def _members(archive: bytes) -> list[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as stream:
        return stream.getmembers()


def test_members_are_plain_files_in_order(compiled: CompiledModel) -> None:
    members = _members(module_tar(compiled))
    names = [member.name for member in members]
    assert names == sorted(names)
    assert all(name.startswith("./") and ".." not in name for name in names)
    for member in members:
        assert member.isreg()
        assert (member.uid, member.gid, member.mtime) == (0, 0, 0)
        assert (member.uname, member.gname, member.mode) == ("root", "root", 0o644)


def test_members_are_those_of_the_format(compiled: CompiledModel) -> None:
    names = {member.name for member in _members(module_tar(compiled))}
    assert {
        "./metadata.json",
        "./src/net.relax",
        "./codegen/host/src/net_lib0.c",
        "./codegen/host/src/net_lib1.c",
        "./codegen/host/include/tvmgen_net.h",
        "./codegen/host/include/microtvm/model.h",
    } <= names
    others = {name for name in names if not name.startswith("./codegen/host/include/microtvm/")}
    assert len(others) == 5


def test_every_header_that_the_code_includes_is_there(compiled: CompiledModel) -> None:
    files = archive_files(compiled)
    for name, content in files.items():
        for line in content.decode().splitlines():
            if name.endswith((".c", ".h")) and line.startswith('#include "'):
                assert f"codegen/host/include/{line.split(chr(34))[1]}" in files, line


def test_two_processes_write_the_same_bytes() -> None:
    sums = set()
    for seed in ("0", "12345"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        environment["PYTHONPATH"] = os.pathsep.join(sys.path)
        command = [sys.executable, "-c", _HASH]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        sums.add(done.stdout)
    assert len(sums) == 1


def test_other_options_write_other_bytes() -> None:
    archives = {
        module_tar(compile_model(int8_network(), CompileOptions(Target(mcpu), name)))
        for mcpu in ("cortex-m4", "cortex-m7")
        for name in ("a", "b")
    }
    assert len(archives) == 4


def test_the_metadata_has_the_keys_of_version_7(metadata: dict[str, Any]) -> None:
    assert metadata["version"] == 7
    assert list(metadata["modules"]) == ["net"]
    module = metadata["modules"]["net"]
    assert (module["model_name"], module["style"]) == ("net", "full-model")
    assert module["target"] == ["c -mcpu=cortex-m7"]
    assert (module["executors"], module["external_dependencies"]) == (["aot"], [])
    assert len(module["export_datetime"]) == len("YYYY-MM-DD HH:MM:SSZ")
    functions = module["memory"]["functions"]
    (main,) = functions["main"]
    assert set(main) == {
        *("device", "workspace_size_bytes", "constants_size_bytes", "io_size_bytes"),
        *("inputs", "outputs"),
    }
    assert main["inputs"] == {"tensor1": {"size": 126, "dtype": "int8"}}
    assert [entry["size"] for entry in main["outputs"].values()] == [5]
    assert main["io_size_bytes"] == 131
    for entry in functions["operator_functions"]:
        assert set(entry) == {"function_name", "workspace"}
        assert set(entry["workspace"][0]) == {"device", "workspace_size_bytes"}


def test_names_of_functions_are_those_of_the_c_code(
    compiled: CompiledModel, metadata: dict[str, Any]
) -> None:
    code = compiled.files["codegen/host/src/net_lib1.c"]
    module = metadata["modules"]["net"]
    functions = module["memory"]["functions"]["operator_functions"]
    names = [entry["function_name"] for entry in functions]
    layers = module["microtvm"]["layers"]
    # A reshape in place has no function.
    assert names == [layer["function"] for layer in layers if layer["function"] is not None]
    assert len(names) < len(layers)
    for name in names:
        assert f"void {name}(" in code


def test_the_metadata_tells_what_is_in_the_program(
    compiled: CompiledModel, metadata: dict[str, Any]
) -> None:
    own, program = metadata["modules"]["net"]["microtvm"], compiled.program
    assert (own["schema"], own["checksum"]) == (2, compiled.checksum)
    assert own["target"] == "cortex-m7"
    assert len(own["layers"]) == len(program.layers)
    assert own["memory"]["workspace_bytes"] == program.workspace_bytes
    (pool,) = own["memory"]["pools"]
    assert pool == {
        "name": "global_workspace",
        "size_bytes": program.workspace_bytes,
        "lower_bound_bytes": program.workspace_lower_bound,
        "kind": "workspace",
    }
    assert own["memory"]["constant_pools"] == []
    assert own["memory"]["constant_bytes"] == program.constant_bytes
    source, result = (own["tensors"][own[key][0]] for key in ("inputs", "outputs"))
    assert (source["shape"], source["dtype"]) == ([1, 7, 6, 3], "int8")
    assert (source["zero_point"], result["zero_point"]) == ([5], [-128])
    assert result["scale"] == [1 / 256]
    assert source["source_index"] == 0
    convolution = next(layer for layer in own["layers"] if layer["operator"] == "conv2d")
    assert convolution["macs"] == 8 * 8 * 4 * 3 * 3 * 3
    assert convolution["constant_bytes"] > 4 * 27


def test_the_metadata_tells_why_a_layer_has_its_schedule(metadata: dict[str, Any]) -> None:
    layers = metadata["modules"]["net"]["microtvm"]["layers"]
    for layer in layers:
        assert layer["choice"]["schedule"] == layer["schedule"]
        assert layer["choice"]["estimated_cycles"] > 0
    choice = next(layer["choice"] for layer in layers if layer["operator"] == "conv2d")
    assert choice["blocks"] == {"weight_bits": 8}
    (plain,) = [other for other in choice["others"] if other["schedule"] == "plain"]
    assert plain["estimated_cycles"] > choice["estimated_cycles"]
    assert "dsp_matmul" in choice["refused"]


def test_layers_read_and_write_tensors_that_are_alive(metadata: dict[str, Any]) -> None:
    own = metadata["modules"]["net"]["microtvm"]
    for layer in own["layers"]:
        for index in layer["inputs"]:
            tensor = own["tensors"][index]
            # Its last reader may write over it.
            assert tensor["alive_from"] < layer["index"] <= tensor["alive_to"] + 1
        (written,) = layer["outputs"]
        assert own["tensors"][written]["alive_from"] == layer["index"]
    for tensor in own["tensors"]:
        end = tensor["offset"] + tensor["size_bytes"]
        pool = own["memory"]["pools"][tensor["pool"]]
        assert 0 <= tensor["offset"] < end <= pool["size_bytes"]
    for layer in own["layers"]:
        scratch = layer["scratch"]
        assert (scratch["size_bytes"] if scratch else 0) == layer["scratch_bytes"]
        if scratch:
            pool = own["memory"]["pools"][scratch["pool"]]
            assert 0 <= scratch["offset"] <= pool["size_bytes"] - scratch["size_bytes"]
    assert any(layer["scratch"] for layer in own["layers"])


def test_checksums_are_those_of_the_code(compiled: CompiledModel, metadata: dict[str, Any]) -> None:
    files = archive_files(compiled)
    listed = metadata["modules"]["net"]["microtvm"]["files"]
    assert set(listed) == {name for name in files if name.startswith("codegen/")}
    for name, checksum in listed.items():
        assert hashlib.sha256(files[name]).hexdigest() == checksum


@pytest.mark.parametrize("network", [int8_network, float_network])
def test_a_project_can_read_it(network: Any, tmp_path: Path) -> None:
    compiled = compile_model(network(), CompileOptions(module_name="net"))
    path = tmp_path / "module.tar"
    write_module_tar(compiled, path)
    library = read_model_library(path)
    (module,) = library.modules
    assert (module.name, module.target, module.checksum) == ("net", "cortex-m4", compiled.checksum)
    assert module.workspace_bytes == compiled.program.workspace_bytes
    assert library.files == archive_files(compiled)


def test_inputs_of_one_name_are_all_listed() -> None:
    writer = TFLiteWriter()
    tensors = [writer.add_tensor("x", (4,), "float32") for _ in range(2)]
    results = [writer.add_tensor("y", (4,), "float32") for _ in range(2)]
    for source, result in zip(tensors, results, strict=True):
        writer.add_operator(tflite.BuiltinOperator.RELU, [source], [result])
    compiled = compile_model(writer.finish(tensors, results))
    content = json.loads(archive_files(compiled)["metadata.json"])
    (main,) = content["modules"]["default"]["memory"]["functions"]["main"]
    assert (list(main["inputs"]), list(main["outputs"])) == (["x", "x_1"], ["y", "y_1"])


def test_nothing_is_left_where_writing_fails(compiled: CompiledModel, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_module_tar(compiled, tmp_path / "missing" / "module.tar")
    target = tmp_path / "folder.tar"
    target.mkdir()
    with pytest.raises(OSError, match="folder"):
        write_module_tar(compiled, target)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.tar"]


def test_an_archive_is_replaced_whole(compiled: CompiledModel, tmp_path: Path) -> None:
    path = tmp_path / "module.tar"
    path.write_bytes(b"another")
    write_module_tar(compiled, path)
    assert path.read_bytes() == module_tar(compiled)
    assert [entry.name for entry in tmp_path.iterdir()] == ["module.tar"]
