# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The numbers that a model must give: LiteRT's reference kernels, layer by layer."""

from __future__ import annotations

from microtvm.validate.isolated import run_isolated
from microtvm.validate.reference import ReferenceModel, TensorDetail

__all__ = ["ReferenceModel", "TensorDetail", "run_isolated"]
