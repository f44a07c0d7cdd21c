# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of other projects, from peers.toml, and ours in relation to them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("peers.toml")
_DIGITS = 3
# Named apart, since a board's cycles have the waiting for its memory in them.
WITH_STALLS = "cycles_with_stalls"


@dataclass(frozen=True)
class Peer:
    """Another way to run the models.

    Attributes:
        source: where the figures come from, in words.
        measured_on_board: its cycles are a board's and no estimate.
        figures: by model and core, by name.
    """

    key: str
    title: str
    source: str
    measured_on_board: bool
    figures: Mapping[tuple[str, str], Mapping[str, int]]

    def ratios(self, model: str, core: str, ours: Mapping[str, int]) -> dict[str, float]:
        """Ours through theirs, for each figure that both have."""
        theirs = dict(self.figures.get((model, core), {}))
        if self.measured_on_board and "cycles" in theirs:
            theirs[WITH_STALLS] = theirs["cycles"]
        return {
            name: round(ours[name] / figure, _DIGITS)
            for name, figure in theirs.items()
            if name in ours
        }


def load_peers() -> tuple[Peer, ...]:
    """All peers, in the order of the file."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Peer(
            key=key,
            title=entry["title"],
            source=" ".join(entry["source"].split()),
            measured_on_board=entry["measured_on_board"],
            figures={
                (row["model"], row["core"]): {
                    name: number for name, number in row.items() if name not in ("model", "core")
                }
                for row in entry["figures"]
            },
        )
        for key, entry in table.items()
    )


def compare(model: str, core: str, ours: Mapping[str, int]) -> dict[str, dict[str, float]]:
    """The ratios to every peer that has figures for this model and core.

    Args:
        ours: our figures, those that are known. Cycles without a figure for stalls have them in.
    """
    known = dict(ours)
    if "cycles" in known:
        known[WITH_STALLS] = known["cycles"] + known.get("stall_cycles", 0)
    found = {peer.key: peer.ratios(model, core, known) for peer in load_peers()}
    return {key: ratios for key, ratios in found.items() if ratios}
