# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Boards that only Zephyr knows, from the list of trees that hold nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from microtvm_project.errors import BoardError, BuildError
from microtvm_project.zephyr import load_tree
from microtvm_project.zephyr_boards import ZephyrBoard, find_zephyr_board, list_zephyr_boards
from support.zephyr_trees import write_zephyr_tree

OURS = ("mps2_an386", "nucleo_l4r5zi")
OLD, NEW = (3, 4), (3, 7)


def find(folder: Path, version: tuple[int, int], name: str) -> ZephyrBoard:
    base = folder / "zephyr"
    tree = load_tree(base if base.exists() else write_zephyr_tree(base, version))
    return find_zephyr_board(tree, name, OURS)


def test_all_boards_of_an_older_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOARD_ROOT", "/more;/other")
    base = write_zephyr_tree(tmp_path, OLD)
    assert list_zephyr_boards(load_tree(base)) == (
        ZephyrBoard("em_starterkit", "arc"),
        ZephyrBoard("lone_m4", "arm"),
        ZephyrBoard("mps2_an385", "arm"),
    )
    assert (base / "told.txt").read_text().split() == [
        f"--arch-root={base}",
        f"--board-root={base}",
        *("--board-root=/more", "--board-root=/other"),
    ]


def test_all_boards_of_a_newer_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOARD_ROOT", raising=False)
    base = write_zephyr_tree(tmp_path, NEW)
    listed = {board.name: board.architecture for board in list_zephyr_boards(load_tree(base))}
    assert listed == {
        "lone/m4": "arm",
        **{"pair/soc/cpuapp": "", "pair/soc/cpuapp/ns": "", "pair/soc/cpunet": ""},
        **{"two/one": "", "two/other": "", "tiger/riscv": "riscv"},
    }
    assert (base / "told.txt").read_text().split() == [
        *(f"--arch-root={base}", f"--board-root={base}", f"--soc-root={base}"),
        "--cmakeformat={NAME}|{DIR}|{QUALIFIERS}",
    ]


@pytest.mark.parametrize(
    ("version", "name"),
    [
        (OLD, "lone_m4"),
        (OLD, "lone_m4@1.0"),
        (NEW, "lone"),
        (NEW, "lone/m4"),
        (NEW, "lone@B/m4"),
        (NEW, "pair/soc/cpuapp"),
    ],
)
def test_names_that_there_are(tmp_path: Path, version: tuple[int, int], name: str) -> None:
    assert find(tmp_path, version, name).name.startswith(name.partition("@")[0])


@pytest.mark.parametrize(
    ("version", "name", "hint"),
    [
        (OLD, "lone_m5", "lone_m4"),
        (OLD, "nucleo_l4r5", "nucleo_l4r5zi"),
        (OLD, "lone_m4/m4", "lone_m4"),
        (NEW, "pair", "pair/soc/cpuapp or pair/soc/cpunet or pair/soc/cpuapp/ns"),
        (NEW, "pair/soc", "pair/soc/cpuapp or pair/soc/cpunet or pair/soc/cpuapp/ns"),
        (NEW, "two", "two/one or two/other"),
        (NEW, "lone_m4", "lone/m4"),
        (NEW, "", "west boards"),
        (NEW, "../../x", "west boards"),
        (OLD, "a b", "west boards"),
    ],
)
def test_names_that_there_are_not(
    tmp_path: Path, version: tuple[int, int], name: str, hint: str
) -> None:
    with pytest.raises(BoardError, match=r"is not known, nor has Zephyr 3\.\d\.0") as caught:
        find(tmp_path, version, name)
    assert caught.value.hint == hint
    assert caught.value.expected == "a board of Zephyr's, or one of mps2_an386, nucleo_l4r5zi"


@pytest.mark.parametrize(
    ("version", "name", "kind"), [(OLD, "em_starterkit", "arc"), (NEW, "tiger", "riscv")]
)
def test_boards_that_are_no_cortex_m(
    tmp_path: Path, version: tuple[int, int], name: str, kind: str
) -> None:
    with pytest.raises(BoardError, match=f"has the architecture {kind}") as caught:
        find(tmp_path, version, name)
    assert caught.value.expected == "an Arm Cortex-M"


def test_a_list_that_cannot_be_had(tmp_path: Path) -> None:
    base = write_zephyr_tree(tmp_path)
    (base / "scripts/list_boards.py").write_text("import a_package_that_is_missing\n")
    with pytest.raises(BuildError, match="No module named 'a_package_that_is_missing'"):
        list_zephyr_boards(load_tree(base))
