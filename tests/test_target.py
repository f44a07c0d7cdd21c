# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Cores, by the names of -mcpu."""

from __future__ import annotations

import pytest

from microtvm.errors import TargetError
from microtvm.target import CORES, Target

_WITH_DSP = {"cortex-m4", "cortex-m7", "cortex-m33"}


@pytest.mark.parametrize("core", CORES)
def test_each_core(core: str) -> None:
    target = Target(core)
    assert target.core == core
    assert target.has_dsp == (core in _WITH_DSP)
    assert target.is_dual_issue == (core == "cortex-m7")
    assert str(target) == f"c -mcpu={core}"


@pytest.mark.parametrize("core", CORES)
def test_each_core_without_its_dsp_instructions(core: str) -> None:
    target = Target(f"{core}+nodsp")
    assert target.core == core
    assert not target.has_dsp
    assert str(target) == f"c -mcpu={core}+nodsp"


@pytest.mark.parametrize(
    "name",
    [
        *("", "cortex-m", "cortex-m55", "CORTEX-M4", "cortex-a53", " cortex-m4", "cortex-m4 "),
        *("cortex-m4+dsp", "cortex-m4+nodsp+nofp", "cortex-m4nodsp", "+nodsp", "cortex-m4\n"),
    ],
)
def test_cores_that_do_not_exist(name: str) -> None:
    with pytest.raises(TargetError, match="no core") as caught:
        Target(name)
    assert "cortex-m4, cortex-m7" in caught.value.expected
    assert "--target-c-mcpu" in caught.value.hint


def test_equal_names_are_equal_targets() -> None:
    assert Target("cortex-m4") == Target("cortex-m4")
    assert Target("cortex-m4") != Target("cortex-m4+nodsp")
