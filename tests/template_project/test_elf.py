# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What images and objects hold, and files that are neither."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest
from microtvm_project.elf import Segment, read_image, read_object
from microtvm_project.errors import BuildError
from support.cmake_builds import find_program
from support.images import elf

_SOURCE = """
typedef void (*function)(void);
static void listed(void) {}
static void stored(void) {}
void called(void);
void elsewhere(void);
const function table[] = {listed, elsewhere};
function pointer;
void start(void) { pointer = stored; called(); }
__attribute__((weak)) void yielding(void) {}
"""


def test_segments_come_from_the_file(tmp_path: Path) -> None:
    image = tmp_path / "x.elf"
    image.write_bytes(elf([(0x08000000, 64, 0x08000000, 64), (0x20000000, 0, 0, 0)]))
    assert read_image(image).segments == (Segment(0x08000000, 64, 0x08000000, 64),)
    assert read_image(image).bytes_at(0x08000000, 4) == b""  # of sections, which it lacks


def test_segments_that_are_not_loaded_do_not_count(tmp_path: Path) -> None:
    image = tmp_path / "x.elf"
    image.write_bytes(elf([(0x70000000, 64, 0x70000000, 64)], kind=4))
    assert read_image(image).segments == ()


@pytest.mark.arm
@pytest.mark.parametrize("flags", [("-mcpu=cortex-m4",), ("-mcpu=cortex-m7", "-mslow-flash-data")])
def test_an_object_says_whose_address_it_takes(tmp_path: Path, flags: tuple[str, ...]) -> None:
    """By words, and by pairs of instructions."""
    compiled = _compile(tmp_path, "-c", *flags)
    unit = read_object(compiled)
    assert unit.file == "unit.c"
    assert unit.functions == {"listed", "stored", "start", "yielding"}
    assert unit.weak == {"yielding"}
    assert unit.taken & {"listed", "stored", "elsewhere", "called", "start"} == {
        *("listed", "stored", "elsewhere"),
    }


@pytest.mark.arm
def test_an_image_has_functions_at_even_addresses_and_their_bytes(tmp_path: Path) -> None:
    definitions = ("-Dcalled=start", "-Delsewhere=start", "-nostdlib", "-Wl,-e,start")
    image = read_image(_compile(tmp_path, *definitions))
    functions = {symbol.name: symbol for symbol in image.functions()}
    assert set(functions) == {"listed", "stored", "start", "yielding"}
    assert all(symbol.address % 2 == 0 for symbol in functions.values())
    assert (functions["listed"].file, functions["start"].file) == ("unit.c", "")
    (table,) = (symbol for symbol in image.symbols if symbol.name == "table")
    first = image.bytes_at(table.address, table.size)[:4]
    assert int.from_bytes(first, "little") == functions["listed"].address + 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x7fELF",
        b"text" * 100,
        elf([(0, 1, 0, 1)], machine=62),
        elf([(0, 1, 0, 1)])[:60],
        elf([(0, 100, 0, 100)])[:-1],
    ],
)
def test_files_that_are_no_images(tmp_path: Path, data: bytes) -> None:
    image = tmp_path / "x.elf"
    image.write_bytes(data)
    with pytest.raises(BuildError, match="is not an image"):
        read_image(image)


@pytest.mark.arm
def test_random_damage_ends_in_one_kind_of_error(tmp_path: Path) -> None:
    generator = random.Random(3)
    compiled = _compile(tmp_path, "-c")
    whole = compiled.read_bytes()
    for read in (read_image, read_object):
        for _ in range(300):
            data = bytearray(whole)
            for _ in range(generator.randrange(1, 4)):
                data[generator.randrange(len(data))] = generator.randrange(256)
            compiled.write_bytes(bytes(data[: generator.randrange(len(data)) or None]))
            try:
                read(compiled)
            except BuildError:
                continue


def test_a_missing_image(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="No such file") as caught:
        read_image(tmp_path / "x.elf")
    assert caught.value.hint == "build the project first"


def _compile(folder: Path, *flags: str) -> Path:
    source, output = folder / "unit.c", folder / "unit.o"
    source.write_text(_SOURCE)
    command = [find_program("arm-none-eabi-gcc"), "-mcpu=cortex-m4", "-mthumb", "-O1", *flags]
    subprocess.run([*command, "-o", output, source], check=True, timeout=60)
    return output
