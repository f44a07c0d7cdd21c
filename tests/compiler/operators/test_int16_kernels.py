# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Layers of int16 by micro-kernels, in their portable form, against LiteRT's reference kernels.

The kernels' own tests have hundreds of shapes of each; here is every third model of
test_int16.py, where plain loops compute them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.choices import choose_kernel
from support.int16_operators import all_cases
from support.operator_suite import OperatorSuite

SCHEDULES = {
    # What is broadcast has no kernel.
    "add": {"dsp_add_int16", "plain"},
    "conv2d": {"dsp_conv2d_int16", "dsp_depthwise_int16"},
    "depthwise_conv2d": {"dsp_conv2d_int16", "dsp_depthwise_int16"},
    # Weights with a zero point have no kernel.
    "dense": {"dsp_dense_int16", "dsp_matmul_int16", "plain"},
    "pools": {"dsp_average_pool_int16", "dsp_max_pool_int16"},
}


@pytest.mark.parametrize("operator", SCHEDULES)
def test_equals_the_reference(operator: str, tmp_path: Path) -> None:
    models = dict(list(all_cases()[operator]())[::3])
    suite = OperatorSuite(models, tmp_path, choose_kernel)
    wrong, met = {}, set()
    for name in models:
        try:
            suite.check(name)
            met.update(suite.schedules(name))
        except Exception as error:
            wrong[name] = str(error)
    assert not wrong
    assert met == SCHEDULES[operator]
