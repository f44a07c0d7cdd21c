# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models in pools under Zephyr: regions of the devicetree, and two models in one firmware."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from microtvm_project.boards import find_board
from microtvm_project.elf import read_image
from support.host_firmware import write_models
from support.regions import places
from support.two_models import NAMES, check_own_memory, check_shared_memory
from support.zephyr import APP, ROOT, build, transport

pytestmark = pytest.mark.zephyr

BOARDS = ROOT / "boards"
MODULE_APP = ROOT / "tests" / "zephyr" / "module_app"

_OWN = {"CONFIG_MICROTVM_WORKSPACE_OWN": "y"}


def build_models(source: Path, folder: Path, board: str, regions: str, **entries: str) -> Path:
    """An application with the models of support.two_models, and the one that module_app runs."""
    write_models(folder / "models", (*NAMES, "stub"))
    settings = {"CONFIG_MICROTVM_POOL_REGIONS": f'"{regions}"', **entries}
    models = folder / "models"
    return build(source, folder / "build", BOARD=board, MICROTVM_MODELS_DIR=models, **settings)


def expected_places(tables: str) -> dict[str, str]:
    return {
        "pool_global_workspace": "ram",
        "pool_dtcm": "dtcm",
        "tvmgen_split_weights": "dtcm",
        "tvmgen_split_bias": tables,
        "tvmgen_split_shift": "flash",
    }


def test_models_that_share_memory(tmp_path: Path) -> None:
    board = find_board(BOARDS, "mps2_an500")
    elf = build_models(APP, tmp_path, board.name, "tables=ram")
    assert places(read_image(elf), board) == expected_places("ram")
    check_shared_memory(transport(elf, board.name), range(2))


def test_models_with_memory_of_their_own(tmp_path: Path) -> None:
    elf = build_models(APP, tmp_path, "mps2_an500", "tables=flash", **_OWN)
    check_own_memory(transport(elf, "mps2_an500"), range(2))


def test_a_board_with_tightly_coupled_memory(tmp_path: Path) -> None:
    board = find_board(BOARDS, "nucleo_f746zg")
    elf = build_models(APP, tmp_path, board.name, "tables=dtcm")
    assert places(read_image(elf), board) == expected_places("dtcm")
    text = (elf.parent / "zephyr.map").read_text(encoding="utf-8")
    pools = re.search(r"^\.microtvm\.pools\.dtcm\s+0x(\w+)\s+0x(\w+)$", text, re.MULTILINE)
    constants = re.search(
        r"^\.microtvm\.constants\.dtcm\s+0x(\w+)\s+0x(\w+) load address 0x(\w+)$",
        text,
        re.MULTILINE,
    )
    assert pools is not None
    assert constants is not None
    assert [int(number, 16) for number in pools.groups()] == [0x20000000, 4112]
    assert [int(number, 16) for number in constants.groups()[:2]] == [0x20001010, 32]
    assert 0x08000000 <= int(constants[3], 16) < 0x08100000


def test_memory_with_a_clock_of_its_own(tmp_path: Path) -> None:
    """It is turned on before constants are copied: Zephyr calls what the linker placed first."""
    board = find_board(BOARDS, "nucleo_h743zi")
    elf = build_models(APP, tmp_path, board.name, "tables=sram1,dtcm=sram2")
    assert places(read_image(elf), board)["tvmgen_split_bias"] == "sram1"
    placed = {symbol.name: symbol.address for symbol in read_image(elf).symbols}
    assert placed["__init_start_memory_clocks"] < placed["__init_copy_constants"]


def test_an_application_of_ones_own_has_the_regions_of_its_devicetree(tmp_path: Path) -> None:
    """By a node's zephyr,memory-region, which is DTCM, and by a label."""
    board = find_board(BOARDS, "nucleo_f746zg")
    overlay = {"EXTRA_DTC_OVERLAY_FILE": str(MODULE_APP / "fast.overlay")}
    elf = build_models(MODULE_APP, tmp_path, board.name, "tables=fast", **overlay)
    assert places(read_image(elf), board) == expected_places("dtcm")


@pytest.mark.parametrize(
    ("board", "regions", "told"),
    [
        (
            "mps2_an500",
            "tables=fast",
            "no memory region 'fast' for the pool 'tables'; expected one",
        ),
        ("mps2_an386", "tables=ram", "no memory region 'dtcm' for the pool 'dtcm'; expected one"),
        ("mps2_an500", "tables=ram,dtcm=flash", "is mapped to 'flash', which is no RAM"),
    ],
)
def test_regions_that_there_are_not(tmp_path: Path, board: str, regions: str, told: str) -> None:
    with pytest.raises(AssertionError) as caught:
        build_models(APP, tmp_path, board, regions)
    assert told in " ".join(str(caught.value).split())


def test_a_pool_that_is_larger_than_its_region(tmp_path: Path) -> None:
    size = {"CONFIG_MICROTVM_WORKSPACE_SIZE": "65888"}
    with pytest.raises(AssertionError, match="region `DTCM' overflowed by 4480 bytes"):
        build_models(APP, tmp_path, "mps2_an500", "tables=ram,global_workspace=dtcm", **size)
