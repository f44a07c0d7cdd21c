# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The models of one test module, compiled and built together."""

from __future__ import annotations

import pytest
from support.choices import choose_plain
from support.operator_suite import OperatorSuite

from microtvm.compiler.schedule import cheapest_schedule


@pytest.fixture(scope="module")
def suite(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> OperatorSuite:
    """Of the module's CASES: models by name; and of its CHOOSE, if it has one."""
    choose = getattr(request.module, "CHOOSE", cheapest_schedule)
    return OperatorSuite(request.module.CASES, tmp_path_factory.mktemp("operators"), choose)


@pytest.fixture(scope="module")
def plain_suite(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> OperatorSuite:
    """Of the module's PLAIN_CASES, for cores without kernels."""
    folder = tmp_path_factory.mktemp("operators")
    return OperatorSuite(request.module.PLAIN_CASES, folder, choose_plain)


@pytest.fixture(autouse=True)
def _no_undefined_behaviour(capfd: pytest.CaptureFixture[str]) -> object:
    """Fails a test during which the sanitizer spoke."""
    yield
    assert "runtime error" not in capfd.readouterr().err
