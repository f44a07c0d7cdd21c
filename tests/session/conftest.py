# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures that the tests of both ends of the protocol share."""

from support.firmware_fixtures import host_firmware, vectors

__all__ = ["host_firmware", "vectors"]
