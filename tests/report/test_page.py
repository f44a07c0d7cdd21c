# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The text of the page: the same each time, and what it says of a board and of a bare model."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from microtvm_project.boards import find_board
from support.archives import ROOT
from support.planned_models import two_pool_model

from microtvm.errors import TargetError
from microtvm.report.page import report_page
from microtvm.session import ModelMetadata
from microtvm.session.memory_plan import ChainInfo

MODEL = two_pool_model()


def test_the_same_model_gives_the_same_page() -> None:
    assert report_page(MODEL) == report_page(two_pool_model())


def test_it_names_no_other_place() -> None:
    page = report_page(MODEL)
    assert not re.search(r"https?://|url\((?!#)|@import|\bsrc=", page)
    assert set(re.findall(r'href="([^"#]*)', page)) == {"", "data:,"}


def test_links_lead_to_places_on_the_page_and_ids_are_unique() -> None:
    page = report_page(MODEL)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(set(ids)) == len(ids)
    used = re.findall(r'href="#([^"]+)', page) + re.findall(r"url\(#([^)]+)\)", page)
    used += " ".join(re.findall(r'aria-labelledby="([^"]+)"', page)).split()
    assert set(used) <= set(ids)


def test_why_a_layer_has_its_schedule_is_told() -> None:
    card = report_page(MODEL).partition('id="schedule-3"')[2].partition("</article>")[0]
    text = " ".join(re.sub(r"<[^>]+>", " ", card).split())
    assert "dsp_conv2d weight_bits 8 5,000 cycles" in text
    assert "plain : 9,000 cycles, 1.80 times the cycles" in text
    assert "dsp_matmul , which takes 1x1 windows, not 3x3" in text


def test_a_board_gives_sizes_and_time() -> None:
    page = report_page(MODEL, find_board(ROOT / "boards", "nucleo_f746zg"))
    assert "17,700 <small>estimated, 0.082 ms at 216 MHz</small>" in page
    assert "<td>65,536</td><td>64,364</td>" in page
    assert "ms at" not in report_page(MODEL)


def test_a_core_that_was_not_timed_says_whose_cycles_are_shown() -> None:
    assert "estimated for the cortex-m7:" in report_page(MODEL)
    page = report_page(replace(MODEL, target="cortex-m33"))
    assert "estimated for the cortex-m4, the measured core most like cortex-m33:" in page


def _without_choices(target: str) -> ModelMetadata:
    layers = tuple(replace(layer, choice=None) for layer in MODEL.layers)
    return replace(MODEL, target=target, layers=layers)


def test_a_model_without_estimates_claims_none() -> None:
    page = report_page(_without_choices("portable C"))
    assert "The archive has no estimates of cycles" in page
    assert "Cycles" not in page


def test_estimates_for_no_core_are_refused() -> None:
    with pytest.raises(TargetError, match="no core 'portable C'"):
        report_page(replace(MODEL, target="portable C"))


@pytest.mark.parametrize(
    ("channels", "told"),
    [((20, 24), "20 of 24 channels"), ((24, 24), "nothing could be left out"), (None, "Not simpl")],
)
def test_what_was_left_out_is_told(channels: tuple[int, int] | None, told: str) -> None:
    done = MODEL.simplification
    assert done
    if channels:
        changed = replace(done, channels=channels[0], channels_before=channels[1])
        assert told in report_page(replace(MODEL, simplification=changed))
    else:
        assert told in report_page(replace(MODEL, simplification=None))


def test_a_pool_without_buffers_has_no_drawing() -> None:
    pools = (*MODEL.pools, replace(MODEL.pools[0], name="spare", size_bytes=0))
    page = report_page(replace(MODEL, memory=replace(MODEL.memory, pools=pools)))
    assert page.count('class="plot"') == 2
    assert page.count("Nothing is in it.") == 1


def test_the_callers_memory_is_named_so() -> None:
    pools = (MODEL.pools[0], replace(MODEL.pools[1], name="io", kind="io"))
    page = report_page(replace(MODEL, memory=replace(MODEL.memory, pools=pools)))
    assert "pool io, the caller&#39;s" in page
    assert "256 bytes of the caller, for inputs and outputs;" in page


def test_stripes_are_told() -> None:
    chain = ChainInfo(3, 14, ("conv2d", "depthwise_conv2d"), 4, 6, 30_720)
    told = (
        "Layers 3 to 14 are conv2d, depthwise_conv2d in 6 stripes of 4 rows, which keep the rows"
        " that are needed and no more; 30,720 MACs are computed twice."
    )
    tensors = (MODEL.tensors[0], replace(MODEL.tensors[1], rows=(8, 17)), *MODEL.tensors[2:])
    page = report_page(replace(MODEL, chains=(chain,), tensors=tensors))
    assert told in page
    assert page.count("600 int8, rows 8 to 16") == 1
    assert "stripes" not in report_page(MODEL)
