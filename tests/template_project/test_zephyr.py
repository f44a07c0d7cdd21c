# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Zephyr trees, versions and command lines: found, parsed, compared whole. Nothing is built."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from microtvm_project import zephyr
from microtvm_project.boards import find_board
from microtvm_project.errors import BuildError, OptionError
from microtvm_project.options import OptionValues
from microtvm_project.zephyr import ZephyrBuild, ZephyrTree
from microtvm_project.zephyr_version import ZephyrVersion, parse_version
from support.archives import ROOT

AN385 = find_board(ROOT / "boards", "mps2_an385")
PROJECT = Path("/home/a b/project")
BASE = Path("/opt/zephyr")


def version_file(major: int, minor: int, patch: int) -> str:
    return (
        f"VERSION_MAJOR = {major}\nVERSION_MINOR = {minor}\nPATCHLEVEL = {patch}\n"
        "VERSION_TWEAK = 0\nEXTRAVERSION =\n"
    )


def make_tree(folder: Path, version: tuple[int, int, int] = (3, 4, 0)) -> Path:
    folder.mkdir(parents=True)
    (folder / "VERSION").write_text(version_file(*version))
    return folder


def make_workspace(top: Path, config: str = "[zephyr]\nbase = deps/zephyr\n") -> Path:
    (top / ".west").mkdir(parents=True)
    (top / ".west" / "config").write_text(config)
    return make_tree(top / "deps" / "zephyr")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (version_file(3, 4, 0), ZephyrVersion(3, 4, 0)),
        ("VERSION_MAJOR=4\r\nVERSION_MINOR=10\r\nPATCHLEVEL=99\r\n", ZephyrVersion(4, 10, 99)),
        ("", None),
        ("VERSION_MAJOR = 3\nVERSION_MINOR = 4\n", None),
        ("VERSION_MAJOR = x\nVERSION_MINOR = 4\nPATCHLEVEL = 0\n", None),
        (version_file(10**7, 0, 0), None),
    ],
)
def test_parsing_versions(text: str, version: ZephyrVersion | None) -> None:
    assert parse_version(text) == version


def test_versions_are_ordered_as_releases() -> None:
    assert ZephyrVersion(3, 10, 0) > ZephyrVersion(3, 9, 9) > ZephyrVersion(3, 1, 0)
    assert str(ZephyrVersion(3, 10, 1)) == "3.10.1"


@pytest.mark.parametrize(
    ("version", "name"),
    [
        (ZephyrVersion(3, 4, 0), "mps2_an385"),
        (ZephyrVersion(3, 6, 99), "mps2_an385"),
        (ZephyrVersion(3, 7, 0), "mps2/an385"),
        (ZephyrVersion(4, 2, 0), "mps2/an385"),
    ],
)
def test_names_of_boards_by_version(version: ZephyrVersion, name: str) -> None:
    assert ZephyrTree(BASE, version, None).board_name(AN385) == name


def test_where_the_tree_comes_from(tmp_path: Path) -> None:
    base = make_workspace(tmp_path / "workspace")
    inside = tmp_path / "workspace" / "app" / "project"
    environment = {"ZEPHYR_BASE": "/from/environment"}
    assert zephyr.find_zephyr_base("/from/option", environment, inside) == Path("/from/option")
    assert zephyr.find_zephyr_base(None, environment, inside) == Path("/from/environment")
    assert zephyr.find_zephyr_base(None, {}, inside) == base
    assert zephyr.find_zephyr_base(None, {}, tmp_path) is None


@pytest.mark.parametrize(
    "config", ["", "[manifest]\npath = x\n", "no section", "[zephyr]\nbase=y\n"]
)
def test_workspaces_without_a_tree(tmp_path: Path, config: str) -> None:
    make_workspace(tmp_path / "workspace", config)
    assert zephyr.find_zephyr_base(None, {}, tmp_path / "workspace") is None


def test_a_tree_in_its_workspace(tmp_path: Path) -> None:
    base = make_workspace(tmp_path)
    assert zephyr.load_tree(base) == ZephyrTree(base, ZephyrVersion(3, 4, 0), tmp_path)


def test_a_tree_by_itself(tmp_path: Path) -> None:
    base = make_tree(tmp_path / "zephyr", (3, 10, 2))
    assert zephyr.load_tree(base) == ZephyrTree(base, ZephyrVersion(3, 10, 2), None)


def test_trees_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="No Zephyr tree is known") as caught:
        zephyr.load_tree(None)
    assert "ZEPHYR_BASE" in caught.value.hint
    with pytest.raises(BuildError, match="is no Zephyr tree"):
        zephyr.load_tree(tmp_path)
    (tmp_path / "VERSION").write_text("1.2.3\n")
    with pytest.raises(BuildError, match="names no version"):
        zephyr.load_tree(tmp_path)


def test_a_tree_that_is_too_old(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"is Zephyr 3\.2\.99") as caught:
        zephyr.load_tree(make_tree(tmp_path / "zephyr", (3, 2, 99)))
    assert caught.value.expected == "3.4.0 or later"


def test_a_tree_that_is_newer_than_any_tried(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    zephyr.load_tree(make_tree(tmp_path / "tried", (4, 1, 99)))
    assert not caplog.messages
    assert zephyr.load_tree(make_tree(tmp_path / "newer", (5, 0, 0))).version.major == 5
    assert caplog.messages == ["Zephyr 5.0.0 was not tried: 3.4.0 to 4.1.99 were"]


@pytest.mark.parametrize("path", ["/home/a b/project", "/home/a\tb"])
def test_paths_in_which_zephyr_does_not_build(path: str) -> None:
    zephyr.check_paths(Path("/home/a/project"))
    with pytest.raises(BuildError, match="has a blank"):
        zephyr.check_paths(Path("/home/a/project"), Path(path))


def build(workspace: Path | None, west: tuple[str, ...] | None, modules: str = "") -> ZephyrBuild:
    return ZephyrBuild(
        project=PROJECT,
        board="mps2_an386",
        tree=ZephyrTree(BASE, ZephyrVersion(3, 4, 0), workspace),
        west=west,
        cmake="/bin/cmake",
        modules=modules,
        environment={"CROSS_COMPILE": "/bin/arm-"},
    )


def test_west_builds_in_a_workspace() -> None:
    made = build(Path("/opt"), ("python", "-m", "west"))
    configure, compile_ = made.configure_command(), made.build_command()
    assert configure.arguments == (
        *("python", "-m", "west", "build", "--cmake-only", "--board", "mps2_an386"),
        *("--build-dir", "/home/a b/project/build", "/home/a b/project"),
    )
    assert compile_.arguments == (
        *("python", "-m", "west", "build", "--build-dir", "/home/a b/project/build"),
    )
    assert configure.folder == compile_.folder == Path("/opt")
    assert dict(configure.environment) == {
        "CROSS_COMPILE": "/bin/arm-",
        "ZEPHYR_BASE": "/opt/zephyr",
    }


def test_west_passes_modules_on_to_cmake() -> None:
    made = build(Path("/opt"), ("west",), "/m/cmsis;/m/hal")
    assert made.configure_command().arguments[-2:] == ("--", "-DZEPHYR_MODULES=/m/cmsis;/m/hal")


@pytest.mark.parametrize(
    ("workspace", "west"), [(None, ("west",)), (Path("/opt"), None), (None, None)]
)
def test_cmake_builds_elsewhere(workspace: Path | None, west: tuple[str, ...] | None) -> None:
    made = build(workspace, west, "/m/cmsis")
    configure, compile_ = made.configure_command(), made.build_command()
    assert configure.arguments == (
        *("/bin/cmake", "-G", "Ninja", "-S", "/home/a b/project"),
        *("-B", "/home/a b/project/build", "-DBOARD=mps2_an386"),
        "-DZEPHYR_MODULES=/m/cmsis",
    )
    assert compile_.arguments == ("/bin/cmake", "--build", "/home/a b/project/build")
    assert configure.folder == PROJECT


@pytest.mark.parametrize(
    ("workspace", "option", "environment", "modules"),
    [
        (None, None, {}, ""),
        (None, None, {"ZEPHYR_MODULES": "/e"}, "/e"),
        (None, "/o", {"ZEPHYR_MODULES": "/e"}, "/o"),
        (Path("/w"), None, {"ZEPHYR_MODULES": "/e"}, ""),
        (Path("/w"), "/o", {}, "/o"),
    ],
)
def test_modules(
    workspace: Path | None, option: str | None, environment: dict[str, str], modules: str
) -> None:
    tree = ZephyrTree(BASE, ZephyrVersion(3, 4, 0), workspace)
    values = OptionValues({"zephyr_modules": option} if option else {})
    assert zephyr.modules_for(tree, values, environment) == modules


def test_the_words_for_west(monkeypatch: pytest.MonkeyPatch) -> None:
    assert zephyr.find_west("'/a b/west' -v") == ("/a b/west", "-v")
    with pytest.raises(OptionError, match="west_cmd"):
        zephyr.find_west("'")
    monkeypatch.setattr(zephyr.importlib.util, "find_spec", lambda name: name)
    assert zephyr.find_west(None) == (sys.executable, "-m", "west")
    monkeypatch.setattr(zephyr.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(zephyr.shutil, "which", lambda name, path: f"/bin/{name}")
    assert zephyr.find_west(None) == ("/bin/west",)
    monkeypatch.setattr(zephyr.shutil, "which", lambda name, path: None)
    assert zephyr.find_west(None) is None


def test_the_distribution_s_compiler_where_nothing_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zephyr, "find_program", lambda name: f"/usr/bin/{name}")
    assert zephyr.toolchain_environment({}, tmp_path) == {
        "ZEPHYR_TOOLCHAIN_VARIANT": "cross-compile",
        "CROSS_COMPILE": "/usr/bin/arm-none-eabi-",
    }


@pytest.mark.parametrize(
    "name", ["ZEPHYR_TOOLCHAIN_VARIANT", "ZEPHYR_SDK_INSTALL_DIR", "GNUARMEMB_TOOLCHAIN_PATH"]
)
def test_a_chosen_toolchain_is_left_alone(tmp_path: Path, name: str) -> None:
    assert zephyr.toolchain_environment({name: "x"}, tmp_path) == {}


def test_a_registered_sdk_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".cmake" / "packages" / "Zephyr-sdk").mkdir(parents=True)
    assert zephyr.toolchain_environment({}, tmp_path) == {}
