# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A model's report as one page of HTML that needs neither scripts nor a network: same model, same
bytes. Whatever a model's names hold is shown as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jinja2

from microtvm.report.buffers import model_buffers
from microtvm.report.layers import measures
from microtvm.report.memory_map import ROW_PIXELS, memory_map
from microtvm.report.model_memory import model_memory
from microtvm.report.schedules import schedules
from microtvm.target import Target

if TYPE_CHECKING:
    from microtvm_project.boards import Board

    from microtvm.session.metadata import ModelMetadata

_LONGEST_NAME = 160


def report_page(model: ModelMetadata, board: Board | None = None) -> str:
    """The page.

    Args:
        board: whose memories and clock the figures are shown beside.

    Raises:
        ArchiveError: the model has more layers or buffers than a page can show.
        TargetError: it has estimates for a core that is none.
    """
    buffers = model_buffers(model)
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            model=model,
            board=board,
            memories=model_memory(model, board),
            maps=[memory_map(model, index, buffers) for index in range(len(model.pools))],
            row_pixels=ROW_PIXELS,
            buffers=buffers,
            measures=measures(model, buffers),
            schedules=[schedules(layer) for layer in model.layers],
            timed_as=_timed_as(model),
        )
    )


def _timed_as(model: ModelMetadata) -> str:
    """The core whose cycles the estimates are; "" where there are none."""
    estimated = any(layer.choice for layer in model.layers)
    return Target(model.target).timed_as if estimated else ""


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("microtvm.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["number"] = "{:,}".format
    environment.filters["name"] = _shown
    environment.filters["percent"] = _percent
    return environment


def _shown(name: str) -> str:
    """A name of the model: without what a page cannot show, and no longer than a few lines."""
    cut = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
    return "".join(letter if letter.isprintable() else "?" for letter in cut)


def _percent(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"
