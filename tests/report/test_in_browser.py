# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The page as a browser shows it: its figures, its geometry, and that it needs nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from support.benchmark_models import require_model
from support.browser import Browser
from support.int8_network import int8_network
from support.planned_models import two_pool_model

from microtvm.artifact import archive_files
from microtvm.compiler import CompileOptions, compile_model
from microtvm.report.buffers import Buffer, model_buffers, overlaps_of
from microtvm.report.page import report_page
from microtvm.session import ModelMetadata, parse_metadata
from microtvm.target import Target

WIDTHS = (375, 1280)

_RECTANGLES = """
return Object.fromEntries([...document.querySelectorAll("g.buffer, g.overlaps")].map(group => {
  const box = group.querySelector("rect").getBoundingClientRect();
  const plot = group.closest("svg").querySelector(".band").getBoundingClientRect();
  return [group.id || group.querySelector("title").textContent,
          [box.left - plot.left, box.width, box.top - plot.top + 22, box.height, plot.width]];
}));
"""
_LABELS = """
return [...document.querySelectorAll("g.labels text")].map(text => {
  const box = text.getBoundingClientRect();
  return [text.textContent, box.left, box.right, box.top, box.bottom];
});
"""
_BARS = """
return [...document.querySelectorAll(".bars tbody tr")].map(row =>
  [...row.querySelectorAll("td")].map(cell => [
    Number(cell.querySelector("span").textContent.replaceAll(",", "")),
    cell.querySelector(".bar rect").getBoundingClientRect().width /
      cell.querySelector(".bar").getBoundingClientRect().width]));
"""


DIGITS = Path(__file__).resolve().parents[1] / "models" / "digits_int8.tflite"
# So few bytes that its first layers run in stripes.
DIGITS_BUDGET = 1100


def _compiled(model: bytes, target: str, ram_budget: int | None = None) -> ModelMetadata:
    options = CompileOptions(Target(target), ram_budget=ram_budget)
    files = archive_files(compile_model(model, options))
    return parse_metadata(json.loads(files["metadata.json"]), "here")


@pytest.fixture(scope="module", params=["two_pools", "int8_network", "striped", "vww_96_int8"])
def model(request: pytest.FixtureRequest) -> ModelMetadata:
    if request.param == "two_pools":
        return two_pool_model()
    if request.param == "int8_network":
        return _compiled(int8_network(), "cortex-m4")
    if request.param == "striped":
        striped = _compiled(DIGITS.read_bytes(), "cortex-m4", DIGITS_BUDGET)
        assert striped.chains
        return striped
    return _compiled(require_model(request.param).read_bytes(), "cortex-m7")


@pytest.fixture(scope="module")
def page(model: ModelMetadata, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(model, tmp_path_factory.mktemp("page"))


def _write(model: ModelMetadata, folder: Path) -> Path:
    path = folder / "report.html"
    path.write_text(report_page(model), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_complains_of_nothing_and_asks_for_nothing(
    width: int, dark: bool, page: Path, browser: Browser
) -> None:
    browser.open(page, width, dark=dark)
    assert browser.run("return document.documentElement.scrollWidth") == width
    assert browser.console() == []
    asked = [address for address in browser.requests() if not address.startswith("data:")]
    assert asked == [page.as_uri()]
    assert browser.run("return document.querySelectorAll('script, img, iframe, link').length") == 1


def test_printed_it_fits_and_leaves_out_the_links(page: Path, browser: Browser) -> None:
    browser.open(page, 794, dark=True, media="print")
    assert browser.run("return document.documentElement.scrollWidth") == 794
    assert browser.run("return getComputedStyle(document.querySelector('nav')).display") == "none"
    paper = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"


@pytest.mark.parametrize("width", WIDTHS)
def test_every_buffer_is_where_the_plan_puts_it(
    width: int, model: ModelMetadata, page: Path, browser: Browser
) -> None:
    browser.open(page, width)
    drawn = browser.run(_RECTANGLES)
    for buffer in model_buffers(model):
        left, across, top, height, plot = drawn[f"pool{buffer.place.pool}-{buffer.label}"]
        size = model.pools[buffer.place.pool].size_bytes
        assert left == pytest.approx(buffer.place.offset / size * plot, abs=0.05)
        assert across == pytest.approx(buffer.place.size_bytes / size * plot, abs=0.05)
        rows = buffer.last - buffer.first + 1
        assert (top, height) == (buffer.first * 22 + 1, rows * 22 - 2)


def test_only_buffers_that_share_bytes_meet(
    model: ModelMetadata, page: Path, browser: Browser
) -> None:
    browser.open(page, 1280)
    drawn = browser.run(_RECTANGLES)
    pairs = combinations(model_buffers(model), 2)
    together = [(a, b) for a, b in pairs if a.place.pool == b.place.pool and _meet_in_time(a, b)]
    assert together
    for a, b in together:
        boxes = [drawn[f"pool{each.place.pool}-{each.label}"] for each in (a, b)]
        assert _intersect(*boxes) == _share_bytes(a, b), (a, b)


def test_what_is_written_over_something_is_marked(
    model: ModelMetadata, page: Path, browser: Browser
) -> None:
    browser.open(page, 1280)
    drawn = browser.run(_RECTANGLES)
    for index, pool in enumerate(model.pools):
        own = [each for each in model_buffers(model) if each.place.pool == index]
        for overlap in overlaps_of(own):
            told = (
                f"Layer {overlap.layer} writes {overlap.written.label} over {overlap.over.label}"
                f" in bytes {overlap.start:,} to {overlap.end:,}"
            )
            left, across, top, height, plot = drawn[told]
            assert left == pytest.approx(overlap.start / pool.size_bytes * plot, abs=0.05)
            width = (overlap.end - overlap.start) / pool.size_bytes * plot
            assert across == pytest.approx(width, abs=0.05)
            assert (top, height) == (overlap.layer * 22 + 1, 20)
    count = browser.run("return document.querySelectorAll('g.overlaps').length")
    assert count == sum(
        len(overlaps_of([each for each in model_buffers(model) if each.place.pool == index]))
        for index in range(len(model.pools))
    )
    assert count > 0


def test_every_buffer_and_layer_can_be_heard(
    model: ModelMetadata, page: Path, browser: Browser
) -> None:
    for width in WIDTHS:
        browser.open(page, width)
        told = browser.accessible()
        pictures = {name for role, name in told if role in {"image", "img"}}
        headers = [name for role, name in told if role == "rowheader"]
        for buffer in model_buffers(model):
            place = f"bytes {buffer.place.offset:,} to {buffer.place.end:,}"
            named = [text for text in pictures if text.startswith(f"{buffer.label}, ")]
            assert [place in text for text in named] == [True]
            assert buffer.label in headers
        for layer in model.layers:
            starting = f"{layer.index} {layer.operator}"
            assert any(text.startswith(starting) for text in headers)
        captions = [name for role, name in told if role == "table"]
        assert len(captions) == 3
        assert all(captions)
        headings = [name for role, name in told if role == "heading"]
        assert {"Memory map over time", "Layers", "Schedules"} <= set(headings)


def test_bars_are_as_long_as_their_numbers(
    model: ModelMetadata, page: Path, browser: Browser
) -> None:
    browser.open(page, 1280)
    rows: list[list[tuple[int, float]]] = browser.run(_BARS)
    cycles = [layer.choice.taken.cycles if layer.choice else 0 for layer in model.layers]
    assert [row[0][0] for row in rows] == cycles
    assert [row[1][0] for row in rows] == [layer.macs for layer in model.layers]
    assert [row[3][0] for row in rows] == [layer.constant_bytes for layer in model.layers]
    for column in range(4):
        largest = max(row[column][0] for row in rows)
        for row in rows:
            number, share = row[column]
            assert share == pytest.approx(number / largest, abs=0.001)


def test_labels_do_not_cover_each_other(browser: Browser, tmp_path: Path) -> None:
    model = two_pool_model()
    for width in WIDTHS:
        browser.open(_write(model, tmp_path), width)
        labels = browser.run(_LABELS)
        assert sorted(row[0] for row in labels) == ["0", "1", "2", "3", "s1"]
        for a, b in combinations(labels, 2):
            beside = a[2] <= b[1] or b[2] <= a[1] or a[4] <= b[3] or b[4] <= a[3]
            assert beside, (a, b)


def test_kinds_differ_in_pattern_not_only_in_colour(browser: Browser, tmp_path: Path) -> None:
    browser.open(_write(two_pool_model(), tmp_path), 1280)
    fills = browser.run(
        "return [...document.querySelectorAll('.legend rect')]"
        ".map(rect => getComputedStyle(rect).fill)"
    )
    assert len(set(fills)) == len(fills) == 5
    inside = browser.run(
        "return [...document.querySelectorAll('pattern')]"
        ".map(each => [...each.children].map(shape => shape.outerHTML).slice(-1)[0])"
    )
    assert len(set(inside)) == len(inside) == 5


@pytest.mark.parametrize("dark", [False, True])
def test_text_has_contrast(dark: bool, browser: Browser, tmp_path: Path) -> None:
    browser.open(_write(two_pool_model(), tmp_path), 1280, dark=dark)
    paper = browser.run("return getComputedStyle(document.body).backgroundColor")
    for place in ("body", "small", "caption", "a", "thead th", ".cards span"):
        color = browser.run(f"return getComputedStyle(document.querySelector('{place}')).color")
        assert _contrast(color, paper) >= 4.5, place


HOSTILE = (
    "<script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 1">',
    "</title></svg></style><script>window.hacked = 1</script>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; ' onmouseover='window.hacked = 1'",
)


def test_hostile_names_stay_text(browser: Browser, tmp_path: Path) -> None:
    plain = two_pool_model()
    for name in HOSTILE:
        model = replace(
            plain,
            tensors=tuple(replace(tensor, name=name) for tensor in plain.tensors),
            layers=tuple(replace(layer, name=name, operator=name) for layer in plain.layers),
        )
        browser.open(_write(model, tmp_path), 375)
        assert browser.run("return window.hacked === undefined")
        assert browser.run("return document.querySelectorAll('script, img').length") == 0
        assert browser.run("return document.querySelectorAll('main > section').length") == 5
        first = name.split(";")[0]
        shown = browser.run("return document.querySelector('#buffer-0 bdi').textContent")
        assert shown == first
        assert browser.run("return document.querySelector('#schedule-1 h3').textContent") == (
            f"1 {name}"
        )
        assert browser.run("return document.documentElement.scrollWidth") == 375
        assert browser.console() == []


def test_names_that_would_turn_or_break_the_text(browser: Browser, tmp_path: Path) -> None:
    plain = two_pool_model()
    names = ("\u202edaolnwod", "\ud800", "a\x00\x1b[2J\n", "x" * 100_000)
    tensors = tuple(
        replace(tensor, name=name) for tensor, name in zip(plain.tensors, names, strict=True)
    )
    browser.open(_write(replace(plain, tensors=tensors), tmp_path), 375)
    shown = browser.run(
        "return [...document.querySelectorAll('#buffers .wide')].map(cell => cell.textContent)"
    )
    assert shown[:4] == ["?daolnwod", "?", "a??[2J?", "x" * 160 + "..."]
    assert browser.run("return document.documentElement.scrollWidth") == 375


def _meet_in_time(a: Buffer, b: Buffer) -> bool:
    return a.first <= b.last and b.first <= a.last


def _share_bytes(a: Buffer, b: Buffer) -> bool:
    return a.place.offset < b.place.end and b.place.offset < a.place.end


def _intersect(a: list[float], b: list[float]) -> bool:
    """Whether two boxes do, by more than what a browser rounds."""
    across = a[0] + 0.02 < b[0] + b[1] and b[0] + 0.02 < a[0] + a[1]
    return across and a[2] < b[2] + b[3] and b[2] < a[2] + a[3]


def _contrast(a: str, b: str) -> float:
    """Of two colours as CSS writes them (WCAG 2, section 1.4.3)."""
    lighter, darker = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    numbers: list[Any] = color[color.index("(") + 1 : -1].split(",")[:3]
    parts = [int(number) / 255 for number in numbers]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
