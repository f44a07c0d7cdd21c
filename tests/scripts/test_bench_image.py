# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The size of a model's code in a firmware."""

from __future__ import annotations

import subprocess

import pytest
from bench_model.errors import BenchError
from bench_model.image import Image, read_image
from support.cmake_builds import find_program

pytestmark = pytest.mark.arm

SOURCES = {
    "model_lib0.c": """
        int tvmgen_model_conv(int);
        static const int table[100] = {1};
        static int __attribute__((noinline)) run_layer(int n)
        {
            return tvmgen_model_conv(table[n]);
        }
        int tvmgen_model_run(int n) { return run_layer(n) + run_layer(n + 1); }
    """,
    "model_lib1.c": """
        static int __attribute__((noinline)) kernel(int n) { return n * 12345678; }
        int tvmgen_model_conv(int n) { return kernel(n) - kernel(n / 3); }
        int tvmgen_model_unused(int n) { return n; }
    """,
    "main.c": """
        int tvmgen_model_run(int);
        static int __attribute__((noinline)) kernel(int n) { return n * n; }
        int main(int n) { return tvmgen_model_run(kernel(n)) / kernel(n + 1); }
    """,
}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    folder = tmp_path_factory.mktemp("image")
    for name, text in SOURCES.items():
        (folder / name).write_text(text)
    command = [find_program("arm-none-eabi-gcc"), "-mcpu=cortex-m4", "-mthumb", "-O2"]
    command += ["-ffunction-sections", "-nostdlib", "-Wl,--gc-sections,-e,main", *SOURCES]
    subprocess.run([*command, "-o", "firmware.elf"], cwd=folder, check=True, timeout=60)
    return read_image(folder / "firmware.elf")


def _size(image: Image, name: str, file: str) -> int:
    (symbol,) = (s for s in image.symbols if s.name == name and s.file == file)
    return symbol.size


def test_a_models_code_is_what_its_files_define(image: Image) -> None:
    expected = (
        _size(image, "run_layer", "model_lib0.c")
        + _size(image, "tvmgen_model_run", "")
        + _size(image, "kernel", "model_lib1.c")
        + _size(image, "tvmgen_model_conv", "")
    )
    assert image.code_bytes("model") == expected > 40
    assert image.code_bytes("other") == 0


def test_names_that_are_not_there(image: Image) -> None:
    assert image.address("main") % 2 == 0
    with pytest.raises(BenchError, match="tvmgen_model_unused"):
        image.address("tvmgen_model_unused")
