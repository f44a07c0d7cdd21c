# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Why a layer has its schedule, as the metadata tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from microtvm_project.fields import Fields


@dataclass(frozen=True)
class CandidateInfo:
    """A schedule with its block sizes, such as {"weight_bits": 16}, and its estimated cycles."""

    schedule: str
    blocks: Mapping[str, int]
    cycles: int


@dataclass(frozen=True)
class ChoiceInfo:
    """What a layer is computed by, what else it could be, and by name what it cannot and why."""

    taken: CandidateInfo
    others: tuple[CandidateInfo, ...]
    refused: Mapping[str, str]


def read_choice(fields: Fields) -> ChoiceInfo:
    """The table "choice" of a layer.

    Raises:
        ArchiveError: it is damaged.
    """
    refused = fields.table("refused")
    return ChoiceInfo(
        taken=_read_candidate(fields),
        others=tuple(_read_candidate(table) for table in fields.tables("others")),
        refused={name: refused.text(name) for name in refused.names()},
    )


def _read_candidate(fields: Fields) -> CandidateInfo:
    blocks = fields.table("blocks")
    return CandidateInfo(
        schedule=fields.text("schedule"),
        blocks={name: blocks.integer(name) for name in blocks.names()},
        cycles=fields.integer("estimated_cycles"),
    )
