# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The names that the package itself offers."""

from __future__ import annotations

import subprocess
import sys

import pytest

import microtvm
from microtvm.project import open_session
from microtvm.session import Session


def test_public_names() -> None:
    assert microtvm.open_session is open_session
    assert microtvm.Session is Session


def test_other_names() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = microtvm.nothing


def test_importing_the_package_loads_nothing_large() -> None:
    text = "import sys, microtvm; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", text], check=False).returncode == 0


@pytest.mark.parametrize(
    "module",
    [
        "microtvm",
        "microtvm.cli.main",
        "microtvm.project",
        "microtvm.session",
        "microtvm.report.page",
    ],
)
def test_only_compiling_loads_the_compiler(module: str) -> None:
    text = f"import sys, {module}; sys.exit('tvm' in sys.modules or 'tflite' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", text], check=False).returncode == 0
