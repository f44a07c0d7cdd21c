# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a device's tensor is next to what it should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from microtvm.errors import SessionError

if TYPE_CHECKING:
    from microtvm.session.metadata import LayerInfo, TensorInfo

Array = npt.NDArray[Any]

# Relative, and absolute in the units of the tensor: 16 and 8 steps of a float32 near 1.
FLOAT_TOLERANCE = (2e-6, 1e-6)


@dataclass(frozen=True)
class LayerComparison:
    """One output of one layer.

    Args:
        mismatches: elements that are not equal, or for float32 not close; None where there is no
            reference.
        largest_difference: of two elements at the same place; infinite where a number stands
            against none.
    """

    layer: LayerInfo
    tensor: TensorInfo
    elements: int
    mismatches: int | None
    largest_difference: float


def shaped_reference(tensor: TensorInfo, reference: Array) -> Array:
    """The reference's kept rows and channels with the device's shape; dimensions of 1 may differ.

    Raises:
        SessionError: another type or number of elements.
    """
    array = np.asarray(reference)
    if tensor.rows is not None and array.ndim == len(tensor.shape):
        array = array[:, slice(*tensor.rows)]
    if tensor.channels and max(tensor.channels) < (array.shape or (0,))[-1]:
        array = array[..., list(tensor.channels)]
    if array.dtype != np.dtype(tensor.dtype) or array.size != np.prod(tensor.shape, dtype=int):
        raise SessionError(
            f"The reference for {tensor.name!r} is {array.dtype} of shape {array.shape}",
            expected=f"{tensor.dtype} of shape {tensor.shape}",
            hint="the reference of the .tflite file that was compiled",
        )
    return array.reshape(tensor.shape)


def not_compared(layer: LayerInfo, tensor: TensorInfo) -> LayerComparison:
    """The row of a tensor that the reference does not have."""
    return LayerComparison(layer, tensor, int(np.prod(tensor.shape, dtype=int)), None, 0.0)


def equal(layer: LayerInfo, tensor: TensorInfo) -> LayerComparison:
    """The row of a tensor that is as it should be."""
    return LayerComparison(layer, tensor, int(np.prod(tensor.shape, dtype=int)), 0, 0.0)


def compare(
    layer: LayerInfo, tensor: TensorInfo, actual: Array, expected: Array
) -> LayerComparison:
    """The row of two arrays of one shape and type.

    Integers must be equal. Floats may differ as two libraries' exp and tanh do; two elements that
    are no number are equal.
    """
    is_float = actual.dtype.kind == "f"
    wide = np.float64 if is_float else np.int64
    same = actual == expected
    if is_float:
        same |= np.isnan(actual) & np.isnan(expected)
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(actual.astype(wide) - expected.astype(wide)).astype(np.float64)
    difference = np.where(same, 0.0, np.where(np.isnan(difference), np.inf, difference))
    near = np.isclose(actual, expected, *FLOAT_TOLERANCE) if is_float else False
    return LayerComparison(
        layer=layer,
        tensor=tensor,
        elements=int(actual.size),
        mismatches=int(np.count_nonzero(~(same | near))),
        largest_difference=float(difference.max(initial=0.0)),
    )
