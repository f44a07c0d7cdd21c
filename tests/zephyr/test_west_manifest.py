# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The west manifest: what it brings, as west reads it beside a Zephyr with many modules."""

from __future__ import annotations

from pathlib import Path

from west.manifest import Manifest, Project

MANIFEST = Path(__file__).resolve().parents[2] / "zephyr_app" / "west.yml"

_MODULES = ("cmsis", "hal_nordic", "hal_nxp", "hal_stm32", "mbedtls")


def _zephyrs_manifest(project: Project, path: str) -> str:
    assert (project.name, path) == ("zephyr", "west.yml")
    modules = [f"{{name: {name}, url: https://example.com/{name}}}" for name in _MODULES]
    return f"manifest: {{projects: [{', '.join(modules)}]}}"


def test_it_brings_a_release_of_zephyr_and_few_modules() -> None:
    text = MANIFEST.read_text(encoding="utf-8")
    manifest = Manifest.from_data(text, importer=_zephyrs_manifest)
    projects = {project.name: project for project in manifest.projects}
    assert set(projects) == {"manifest", "zephyr", "cmsis", "hal_nordic", "hal_stm32"}
    assert projects["zephyr"].url == "https://github.com/zephyrproject-rtos/zephyr"
    assert projects["zephyr"].revision == "v3.4.0"
