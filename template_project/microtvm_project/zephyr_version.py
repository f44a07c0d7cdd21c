# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Zephyr's versions: which are supported, and in what they differ for us.

`zephyr_app/zephyr/board.cmake` knows the first difference as well, for builds without this server;
the firmware's C tells the others by which headers and settings there are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

VERSION_PARTS = ("VERSION_MAJOR", "VERSION_MINOR", "PATCHLEVEL")


@dataclass(frozen=True, order=True)
class ZephyrVersion:
    """A release of Zephyr, in the order of releases: 3.10 comes after 3.9."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def has_qualified_boards(self) -> bool:
        """Whether boards are defined by board.yml and named with qualifiers, like mps2/an385.

        Before, they are in boards/<architecture>/ and have plain names.
        """
        return self >= ZephyrVersion(3, 7, 0)

    @property
    def is_tried(self) -> bool:
        """Whether the firmware was built and run with releases before and after this one."""
        return OLDEST <= self <= NEWEST_TRIED


OLDEST = ZephyrVersion(3, 4, 0)
# What is to become 4.2, as it was in June 2025.
NEWEST_TRIED = ZephyrVersion(4, 1, 99)


def parse_version(text: str) -> ZephyrVersion | None:
    """The version in the text of Zephyr's VERSION file."""
    numbers = []
    for part in VERSION_PARTS:
        match = re.search(rf"^{part}\s*=\s*([0-9]{{1,6}})\s*$", text, re.MULTILINE)
        if not match:
            return None
        numbers.append(int(match.group(1)))
    return ZephyrVersion(*numbers)
