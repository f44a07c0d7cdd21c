# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Operators at int16, as plain loops, against LiteRT's reference kernels: 200 shapes of each.

One test an operator, so that its models are compiled and built once.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.choices import choose_plain
from support.int16_operators import all_cases
from support.operator_suite import OperatorSuite

CASES = all_cases()
KINDS = {
    # Groups of one channel are depthwise, and depthwise of one channel is not.
    "conv2d": {"conv2d", "depthwise_conv2d"},
    "depthwise_conv2d": {"depthwise_conv2d", "conv2d"},
    "dense": {"dense"},
    "pools": {"average_pool2d", "max_pool2d"},
    "add": {"add"},
    "sub and mul": {"add", "multiply"},
    "moves": {
        *("quantize", "dequantize", "pad", "concatenate", "transpose", "strided_slice"),
        *("resize_nearest", "reshape"),
    },
}


@pytest.mark.parametrize("operator", CASES)
def test_equals_the_reference(operator: str, tmp_path: Path) -> None:
    models = dict(CASES[operator]())
    assert len(models) >= (150 if operator in ("sub and mul", "moves") else 200)
    suite = OperatorSuite(models, tmp_path, choose_plain)
    wrong = {}
    for name in models:
        try:
            assert set(suite.operators(name)) <= KINDS[operator]
            suite.check(name)
        except Exception as error:
            wrong[name] = str(error)
    assert not wrong
