# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a measurement."""

from __future__ import annotations

from microtvm.errors import MicroTVMError


class BenchError(MicroTVMError):
    """A measurement that cannot be made, or that gave something unexpected."""
