# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Arrays and the bytes of a device's tensors: checked on the way in, shaped on the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from microtvm.errors import SessionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microtvm.session.metadata import ModelMetadata, TensorInfo

Array = npt.NDArray[Any]


def to_bytes(tensor: TensorInfo, values: Array) -> bytes:
    """The bytes of an array that is exactly what the tensor holds.

    Raises:
        SessionError: another type or shape. Nothing is converted in silence.
    """
    array = np.asarray(values)
    if array.dtype != np.dtype(tensor.dtype) or array.shape != tensor.shape:
        raise SessionError(
            f"The array for {tensor.name!r} is {array.dtype} of shape {array.shape}",
            expected=f"{tensor.dtype} of shape {tensor.shape}",
            hint=_conversion_hint(tensor, array),
        )
    return _little_endian(tensor, array).tobytes()


def from_bytes(tensor: TensorInfo, data: bytes) -> Array:
    """The array that a tensor's bytes are."""
    array = np.frombuffer(data, np.dtype(tensor.dtype).newbyteorder("<"))
    return array.reshape(tensor.shape).astype(tensor.dtype)


def find_tensor(
    model: ModelMetadata, indices: Sequence[int], key: str | int, what: str
) -> TensorInfo:
    """The tensor of this name, or at this place, among those of `indices`."""
    candidates = [model.tensors[index] for index in indices]
    if isinstance(key, str):
        for tensor in candidates:
            if tensor.name == key:
                return tensor
    elif 0 <= key < len(candidates):
        return candidates[key]
    names = ", ".join(repr(tensor.name) for tensor in candidates[:20])
    raise SessionError(
        f"Model {model.name!r} has no {what} {key!r}",
        expected=f"a number below {len(candidates)}, or one of {names}",
    )


def _conversion_hint(tensor: TensorInfo, array: Array) -> str:
    if array.dtype.kind != "f" or not tensor.scale:
        return ""
    if len(tensor.scale) > 1:
        return "quantise the values with the scales in metadata.json"
    scale, zero_point = tensor.scale[0], tensor.zero_point[0] if tensor.zero_point else 0
    limits = np.iinfo(tensor.dtype)
    return (
        f"numpy.clip(numpy.round(x / {scale!r}) + {zero_point}, {limits.min}, {limits.max})"
        f".astype(numpy.{tensor.dtype}): the scale is {scale!r}, the zero point {zero_point}"
    )


def _little_endian(tensor: TensorInfo, array: Array) -> Array:
    return array.astype(np.dtype(tensor.dtype).newbyteorder("<"), copy=False)
