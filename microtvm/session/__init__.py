# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions with a device: the host's end of the protocol that the firmware speaks."""

from microtvm.session.comparison import LayerComparison
from microtvm.session.link import Patience
from microtvm.session.messages import DeviceInfo, PoolUse, StackUse
from microtvm.session.metadata import (
    LayerInfo,
    ModelMetadata,
    TensorInfo,
    parse_metadata,
    read_metadata,
)
from microtvm.session.session import LayerProfile, Session

__all__ = [
    "DeviceInfo",
    "LayerComparison",
    "LayerInfo",
    "LayerProfile",
    "ModelMetadata",
    "Patience",
    "PoolUse",
    "Session",
    "StackUse",
    "TensorInfo",
    "parse_metadata",
    "read_metadata",
]
