# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What is reported: totals, ratios to others, tables, and the JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from bench_model.peers import WITH_STALLS, load_peers
from bench_model.result import LayerResult, Memory, Result, Subject, to_json, total
from bench_model.table import layer_table, ratio_table, summary_table

LAYER = LayerResult(
    index=1,
    name="model/conv2d_with_a_name_that_is_too_long",
    operator="conv2d",
    schedule="plain",
    instructions=1000,
    cycles=1200,
    cycles_high=1300,
    stall_cycles=50,
    macs=500,
    scratch_bytes=16,
    stack_bytes=100,
    constant_bytes=32,
    bit_exact=True,
)
MEMORY = Memory(
    workspace_bytes=2580, scratch_bytes=16, stack_bytes=338, code_bytes=900, constant_bytes=64
)
EMULATED = Subject("ad01_int8", "", "mps2_an386", "cortex-m4", measured=False)


def _result(*layers: LayerResult, subject: Subject = EMULATED) -> Result:
    return total(subject, layers, MEMORY)


def test_totals_are_sums_over_layers() -> None:
    result = _result(LAYER, replace(LAYER, index=2, instructions=1, cycles=2, cycles_high=2))
    assert (result.instructions, result.cycles, result.cycles_high) == (1001, 1202, 1302)
    assert (result.stall_cycles, result.macs, result.workspace_bytes) == (100, 1000, 2580)


@pytest.mark.parametrize(
    ("answers", "exact"),
    [
        ((True, True), True),
        ((True, None), True),
        ((True, False), False),
        ((None, False), False),
        ((None, None), None),
    ],
)
def test_a_model_is_exact_if_all_compared_layers_are(
    answers: tuple[bool | None, ...], exact: bool | None
) -> None:
    assert _result(*(replace(LAYER, bit_exact=answer) for answer in answers)).bit_exact is exact


def test_ratios_are_ours_through_theirs() -> None:
    ratios = _result(LAYER).ratios
    assert ratios["litert_micro"]["workspace_bytes"] == 1.0
    assert ratios["litert_micro"]["stack_bytes"] == 0.5
    assert ratios["litert_micro"]["cycles"] == round(1200 / 725600, 3)
    assert ratios["closed_record"][WITH_STALLS] == round(1250 / 490000, 3)
    assert WITH_STALLS not in ratios["litert_micro"]


def test_unknown_models_have_no_ratios() -> None:
    result = _result(LAYER, subject=replace(EMULATED, model="mine"))
    assert result.ratios == {}
    assert ratio_table([result]) == ""


def test_what_a_board_does_not_tell_is_left_out() -> None:
    unknown = replace(LAYER, instructions=None, stall_cycles=None, stack_bytes=None)
    result = _result(unknown, LAYER, subject=replace(EMULATED, measured=True))
    assert result.instructions is None
    assert result.stall_cycles is None
    assert "instructions" not in result.ratios["litert_micro"]
    assert "None" not in layer_table(result) + summary_table([result]) + ratio_table([result])


def test_every_peer_says_where_its_figures_come_from() -> None:
    peers = load_peers()
    assert {len(peer.source) > 50 for peer in peers} == {True}
    assert {core for peer in peers for _, core in peer.figures} == {"cortex-m4", "cortex-m7"}


def test_tables() -> None:
    result = _result(LAYER)
    head, names, row = layer_table(result).splitlines()
    assert head == "ad01_int8 on mps2_an386"
    assert names.split()[-1] == "exact"
    assert row.split() == [
        *("1", "…ith_a_name_that_is_too_long", "conv2d", "plain", "500", "1,000"),
        *("2.00", "1,200", "to", "1,300", "50", "yes"),
    ]
    wrong = summary_table([replace(result, bit_exact=False)])
    assert wrong.splitlines()[1].endswith(" NO")
    assert "LiteRT Micro with CMSIS-NN" in ratio_table([result])


def test_json_is_a_list_of_objects() -> None:
    (found,) = json.loads(to_json([_result(LAYER)]))
    assert {
        *("model", "board", "instructions", "cycles", "cycles_high", "stall_cycles", "macs"),
        *("workspace_bytes", "stack_bytes", "code_bytes", "constant_bytes", "bit_exact"),
        "layers",
    } <= set(found)
    assert found["layers"][0]["operator"] == "conv2d"
