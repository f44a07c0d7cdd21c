# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""No kernel takes more than 512 bytes of C stack with all that it calls, by the compiler's figures.

The marks that the other tests of this folder measure are of the cases that they run; these figures
are of every function in every header, whether a case reaches it or not.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.stack_usage import CallGraph, call_graph, kernel_headers

_LIMIT = 512
_CORES = {
    "cortex-m4": ("-mcpu=cortex-m4",),
    "cortex-m7": ("-mcpu=cortex-m7", "-DMICROTVM_DUAL_ISSUE=1"),
    "cortex-m33": ("-mcpu=cortex-m33",),
}

pytestmark = pytest.mark.arm


@pytest.mark.parametrize("core", _CORES)
@pytest.mark.parametrize("header", kernel_headers())
def test_every_function_stays_below_the_limit(header: str, core: str, tmp_path: Path) -> None:
    graph = call_graph(tmp_path, header, _CORES[core])
    depths = {function: graph.depth(function) for function in graph.frames}
    deepest = max(depths, key=depths.__getitem__)
    assert depths[deepest] <= _LIMIT, deepest


def test_what_assembly_pushes_and_what_is_called_by_address_count(tmp_path: Path) -> None:
    graph = call_graph(tmp_path, "microtvm/kernels/conv2d_s8.h", _CORES["cortex-m4"])
    block = graph.depth("microtvm_block_4_w16_relu")
    assert block >= 2 * 8 * 4  # what C keeps of the caller's registers, and the frame
    assert graph.depth("microtvm_product_odd") == graph.frames["microtvm_product_odd"] + max(
        graph.depth(target) for target in graph.targets
    )
    assert block <= max(graph.depth(target) for target in graph.targets)


def test_every_push_of_assembly_counts(tmp_path: Path) -> None:
    graph = call_graph(tmp_path, "microtvm/kernels/depthwise_s8.h", _CORES["cortex-m4"])
    assert graph.frames["microtvm_depthwise_run_3x3s1_RELU"] >= 10 * 4
    assert graph.frames["microtvm_depthwise_taps_s1_RELU"] >= 7 * 4


def test_frames_add_up_along_the_deepest_path() -> None:
    graph = CallGraph(
        frames={"top": 8, "left": 16, "right": 4, "leaf": 100, "handler": 200},
        calls={
            "top": frozenset({"left", "right"}),
            "right": frozenset({"leaf"}),
            "left": frozenset({"__indirect_call"}),
            "leaf": frozenset({"memcpy"}),
        },
        targets=frozenset({"handler", "top"}),
    )
    assert graph.depth("top") == 8 + 16 + 200
    assert graph.depth("right") == 104


def test_a_function_that_calls_itself_has_no_limit() -> None:
    calls = {"one": frozenset({"two"}), "two": frozenset({"one"})}
    with pytest.raises(AssertionError, match="calls itself"):
        CallGraph({"one": 8, "two": 8}, calls, frozenset()).depth("one")
