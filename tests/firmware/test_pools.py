# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models in pools: what lies in which memory region, and two models in one firmware."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from microtvm_project.boards import find_board
from microtvm_project.elf import read_image
from microtvm_project.image import check_image
from support.baremetal import build_baremetal, qemu_transport
from support.cmake_builds import ROOT, once
from support.host_firmware import HostTransport, build_host_firmware, model_folder
from support.regions import places
from support.two_models import NAMES, check_own_memory, check_shared_memory

from microtvm.session import Session, read_metadata

_BOARD = "mps2_an500"
_CHECKS = {"shared": check_shared_memory, "own": check_own_memory}
# Of the models' pools, the board has one region by name; the other one is mapped.
_TABLES = "-DMICROTVM_POOL_REGIONS=tables="


@pytest.mark.parametrize("workspace", _CHECKS)
def test_two_models_under_sanitizers(
    tmp_path_factory: pytest.TempPathFactory, workspace: str
) -> None:
    def build(folder: Path) -> None:
        build_host_firmware(folder, NAMES, workspace)

    folder = once(tmp_path_factory, f"host_{workspace}", build)
    _CHECKS[workspace](HostTransport(folder / "build" / "host_driven"), range(3))


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The image with both models, by how they have their memory and where the tables go."""

    def build(workspace: str, tables: str) -> Path:
        settings = (f"-DMICROTVM_WORKSPACE={workspace}", f"{_TABLES}{tables}")

        def make(folder: Path) -> None:
            build_baremetal(folder, _BOARD, "host_driven", *settings, models=NAMES)

        folder = once(tmp_path_factory, f"pools_{workspace}_{tables}", make)
        return folder / f"{_BOARD}-host_driven" / "microtvm.elf"

    return build


@pytest.mark.arm
@pytest.mark.parametrize("workspace", _CHECKS)
def test_two_models_on_a_board(image: Callable[[str, str], Path], workspace: str) -> None:
    _CHECKS[workspace](qemu_transport(image(workspace, "dtcm"), _BOARD), range(2))


@pytest.mark.arm
@pytest.mark.parametrize("tables", ["dtcm", "ram", "flash"])
def test_everything_is_in_its_region(image: Callable[[str, str], Path], tables: str) -> None:
    path, board = image("shared", tables), find_board(ROOT / "boards", _BOARD)
    assert places(read_image(path), board) == {
        "pool_global_workspace": "ram",
        "pool_dtcm": "dtcm",
        "tvmgen_split_weights": "dtcm",
        "tvmgen_split_bias": tables,
        "tvmgen_split_shift": "flash",
    }
    used = {use.region.name: use.used for use in check_image(path, board)}
    assert used["dtcm"] == 4112 + 16 * (2 if tables == "dtcm" else 1)
    check_shared_memory(qemu_transport(path, _BOARD), range(1))


@pytest.mark.arm
def test_each_model_has_its_own_of_a_pool(image: Callable[[str, str], Path]) -> None:
    symbols = {symbol.name: symbol for symbol in read_image(image("own", "dtcm")).symbols}
    assert (symbols["pool_global_workspace_0"].size, symbols["pool_global_workspace_1"].size) == (
        32784,
        1024,
    )
    assert symbols["pool_dtcm_1"].size == 4112


@pytest.mark.arm
def test_the_device_tells_the_pools(image: Callable[[str, str], Path]) -> None:
    metadata = read_metadata(model_folder("split") / "metadata.json")
    with Session(qemu_transport(image("shared", "dtcm"), _BOARD), metadata) as session:
        pools = [(pool.name, pool.size, pool.memory) for pool in session.pools()]
        assert pools == [("global_workspace", 1024, 32784), ("dtcm", 4112, 4112)]
        assert session.device_info().workspace_size == 32784 + 4112


@pytest.mark.arm
@pytest.mark.parametrize(
    ("board", "regions", "told"),
    [
        ("mps2_an500", "", "no memory region 'tables' for the pool 'tables'; expected one of"),
        ("mps2_an386", "tables=ram", "no memory region 'dtcm' for the pool 'dtcm'"),
        ("mps2_an500", "tables=ram,dtcm=qspi", "no memory region 'qspi' for the pool 'dtcm'"),
        ("mps2_an500", "tables=ram,dtcm=flash", "is mapped to 'flash', which is no RAM"),
    ],
)
def test_regions_that_there_are_not(tmp_path: Path, board: str, regions: str, told: str) -> None:
    setting = f"-DMICROTVM_POOL_REGIONS={regions}"
    with pytest.raises(AssertionError) as caught:
        build_baremetal(tmp_path, board, "host_driven", setting, models=NAMES)
    assert told in " ".join(str(caught.value).split())


@pytest.mark.arm
def test_a_pool_that_is_larger_than_its_region(tmp_path: Path) -> None:
    regions = "-DMICROTVM_POOL_REGIONS=tables=ram,global_workspace=dtcm"
    settings = (regions, "-DMICROTVM_WORKSPACE_SIZE=65888")
    with pytest.raises(AssertionError, match="region `dtcm' overflowed by 4480 bytes"):
        build_baremetal(tmp_path, _BOARD, "host_driven", *settings, models=NAMES)
