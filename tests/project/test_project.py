# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Projects from Python: created, replaced, built, flashed, and a model run in QEMU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from microtvm_project.tar_reader import read_tar
from support.archives import write_stub_archive
from support.projects import generate_stub
from support.servers import write_server

from microtvm.errors import ArchiveError, ProjectError, ProjectServerError, UnknownBoardError
from microtvm.project import GeneratedProject, create_project, list_options, open_session

OPTIONS = {"board": "mps2_an386", "platform": "baremetal"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_stub_archive(tmp_path / "module.tar")


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_our_options_are_listed_without_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("microtvm.project.project.ProjectClient")
    board = list_options()[0]
    assert board.name == "board"
    assert "mps2_an386, mps2_an500" in board.help


def test_the_options_of_another_template(tmp_path: Path) -> None:
    described = [{"name": "x", "type": "int", "optional": ["build"], "help": "A number."}]
    info = {
        "platform_name": "own",
        "is_template": True,
        "model_library_format_path": "",
        "project_options": described,
        "protocol_version": 1,
    }
    template = write_server(tmp_path / "own", f"answer(requests.readline(), result={info})\n")
    (row,) = list_options(template)
    assert (row.name, row.type, row.optional) == ("x", "int", ("build",))


def test_creating(tmp_path: Path, archive: Path) -> None:
    project = create_project(tmp_path / "project", archive, OPTIONS)
    assert listing(tmp_path) == ["module.tar", "project"]
    info = project.info()
    assert (info.platform, info.board, info.modules) == ("baremetal", "mps2_an386", ("stub",))
    assert [row.name for row in project.options()] == [row.name for row in list_options()]
    assert not project.is_built()


def test_relative_paths_are_the_caller_s(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_stub_archive(tmp_path / "more.tar", "more")
    monkeypatch.chdir(tmp_path)
    options = {**OPTIONS, "additional_models": "more.tar"}
    project = create_project(Path("project"), Path("module.tar"), options)
    assert project.folder == tmp_path / "project"
    assert project.info().modules == ("stub", "more")


def test_a_taken_place_is_refused_without_force(tmp_path: Path, archive: Path) -> None:
    create_project(tmp_path / "project", archive, OPTIONS)
    with pytest.raises(ProjectError, match="exists already") as caught:
        create_project(tmp_path / "project", archive, OPTIONS)
    assert "-f" in caught.value.hint


def test_force_replaces_a_project_and_its_build(tmp_path: Path, archive: Path) -> None:
    project = create_project(tmp_path / "project", archive, OPTIONS)
    (project.folder / "build").mkdir()
    assert project.is_built()
    other = {**OPTIONS, "board": "mps2_an500"}
    create_project(project.folder, archive, other, force=True)
    assert (project.info().board, project.is_built()) == ("mps2_an500", False)
    assert listing(tmp_path) == ["module.tar", "project"]


def test_force_fills_an_empty_folder(tmp_path: Path, archive: Path) -> None:
    (tmp_path / "project").mkdir()
    create_project(tmp_path / "project", archive, OPTIONS, force=True)
    assert (tmp_path / "project" / "model.tar").exists()


@pytest.mark.parametrize(
    ("options", "error"),
    [({"board": "nowhere"}, UnknownBoardError), ({"additional_models": "none.tar"}, ArchiveError)],
)
def test_the_old_project_stays_where_the_new_one_fails(
    tmp_path: Path, archive: Path, options: dict[str, str], error: type[Exception]
) -> None:
    project = create_project(tmp_path / "project", archive, OPTIONS)
    with pytest.raises(error):
        create_project(project.folder, archive, {**OPTIONS, **options}, force=True)
    assert project.info().board == "mps2_an386"
    assert listing(tmp_path) == ["module.tar", "project"]


def test_force_never_replaces_what_is_no_project(tmp_path: Path, archive: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine").touch()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    for name in ("folder", "file", "link"):
        with pytest.raises(ProjectError, match="is no generated project"):
            create_project(tmp_path / name, archive, OPTIONS, force=True)
    assert listing(tmp_path / "folder") == ["mine"]


def test_folders_that_are_no_projects(tmp_path: Path) -> None:
    project = GeneratedProject(tmp_path)
    with pytest.raises(ProjectServerError, match="has no Project API server"):
        project.build()
    with pytest.raises(ProjectError, match="Cannot read"):
        project.open_session()


def test_models_by_name(tmp_path: Path) -> None:
    more = write_stub_archive(tmp_path / "more.tar", "more")
    project = generate_stub(tmp_path / "p", board="mps2_an386", additional_models=str(more))
    assert open_session(project.folder).model.name == "stub"
    assert open_session(str(project.folder), "more").model.name == "more"
    with pytest.raises(ProjectError, match="no model named 'other'") as caught:
        open_session(project.folder, "other")
    assert caught.value.expected == "one of more, stub"


def test_damaged_metadata_is_no_model(tmp_path: Path) -> None:
    project = generate_stub(tmp_path / "p", board="mps2_an386")
    for content in ("[]", "{", '{"modules": 1}'):
        (project.folder / "models" / "stub" / "metadata.json").write_text(content)
        with pytest.raises(ProjectError, match="no model named 'stub'"):
            open_session(project.folder)


@pytest.mark.arm
@pytest.mark.parametrize("board", ["mps2_an386", "mps2_an500"])
def test_from_an_archive_to_an_inference(tmp_path: Path, archive: Path, board: str) -> None:
    options = {"board": board, "platform": "baremetal", "warning_as_error": "true"}
    build_and_run(tmp_path / "a project", archive, options)


@pytest.mark.zephyr
def test_the_same_with_zephyr(tmp_path: Path, archive: Path) -> None:
    options = {"board": "mps2_an386", "platform": "zephyr", "main_stack_size": "8192"}
    build_and_run(tmp_path / "project", archive, options)


def build_and_run(folder: Path, archive: Path, options: dict[str, str]) -> None:
    log: list[str] = []
    project = create_project(folder, archive, options, log=log.append)
    project.build()
    project.flash()
    assert read_tar(project.folder / "model.tar") == read_tar(archive)
    with project.open_session() as session:
        session.set_input(0, np.arange(-4, 4, dtype=np.int8).reshape(1, 8))
        session.run()
        output = session.get_output(0)
        assert session.device_info().board == options["board"]
    assert output.shape == (1, 8)
    assert any("Image: flash:" in line for line in log)
    log.clear()
    project.build({"verbose": "true"})
    assert "ninja: no work to do." in log
    project.clean()
    assert not project.is_built()


@pytest.mark.arm
def test_two_models_in_one_firmware(tmp_path: Path, archive: Path) -> None:
    more = write_stub_archive(tmp_path / "more.tar", "more")
    options = {**OPTIONS, "additional_models": str(more)}
    project = create_project(tmp_path / "project", archive, options)
    project.build()
    outputs = []
    for module in ("stub", "more"):
        with project.open_session(module) as session:
            session.set_input(0, np.arange(8, dtype=np.int8).reshape(1, 8))
            session.run()
            outputs.append(session.get_output(0))
    np.testing.assert_array_equal(outputs[0], outputs[1])
