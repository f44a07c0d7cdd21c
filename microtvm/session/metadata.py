# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A model as a session knows it: its part of metadata.json as checked values."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from microtvm_project.fields import Fields

from microtvm.errors import ArchiveError
from microtvm.session.memory_plan import (
    ChainInfo,
    MemoryInfo,
    Place,
    PoolInfo,
    read_chain,
    read_memory,
    read_place,
)
from microtvm.session.schedule_choice import ChoiceInfo, read_choice

if TYPE_CHECKING:
    from pathlib import Path

DTYPES = ("int8", "uint8", "int16", "int32", "int64", "float32", "bool")

_REMAKE = "compile the model again with this version of tvmc"


@dataclass(frozen=True)
class TensorInfo:
    """A tensor in a pool, as in microtvm/model.h.

    Attributes:
        pool: index of a pool. offset: bytes from its start.
        channels: the indices of the source tensor's last axis that were kept; None for all.
        rows: of the source tensor's second axis, the first that is here and the one after the last;
            None for all.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    size_bytes: int
    pool: int
    offset: int
    alive_from: int
    alive_to: int
    source_index: int | None
    channels: tuple[int, ...] | None = None
    rows: tuple[int, int] | None = None

    @property
    def first_name(self) -> str:
        """The part of the name that says enough: converters join those of fused operators by ;."""
        return self.name.split(";")[0]

    @property
    def rows_text(self) -> str:
        """What follows the name of a tensor that has some rows of its source alone."""
        return "" if self.rows is None else f", rows {self.rows[0]} to {self.rows[1] - 1}"

    @property
    def place(self) -> Place:
        """Its bytes."""
        return Place(self.pool, self.offset, self.size_bytes)


@dataclass(frozen=True)
class LayerInfo:
    """One layer; `inputs` and `outputs` are indices of tensors.

    Attributes:
        choice: why it has its schedule; None where the compiler did not say.
        scratch: bytes that only the layer itself uses.
        has_code: False where there is nothing to do, as for a reshape in place.
    """

    index: int
    name: str
    operator: str
    schedule: str
    macs: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    constant_bytes: int = 0
    choice: ChoiceInfo | None = None
    scratch: Place | None = None
    has_code: bool = True


@dataclass(frozen=True)
class SimplificationInfo:
    """Channels of the layers' outputs, and multiply-accumulates, that remain of those before."""

    channels: int
    channels_before: int
    macs: int
    macs_before: int


@dataclass(frozen=True)
class ModelMetadata:
    """A module: what the descriptor in the firmware says, and what it has no room for.

    Attributes:
        target: the core that it was compiled for.
        simplification: None if nothing was to be left out.
        chains: layers that run in stripes.
    """

    name: str
    target: str
    checksum: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    tensors: tuple[TensorInfo, ...]
    layers: tuple[LayerInfo, ...]
    memory: MemoryInfo
    simplification: SimplificationInfo | None
    chains: tuple[ChainInfo, ...] = ()

    @property
    def pools(self) -> tuple[PoolInfo, ...]:
        """The memory's pools, which tensors name by their index."""
        return self.memory.pools


def read_metadata(path: Path, module: str | None = None) -> ModelMetadata:
    """Reads one module of a metadata.json, the first one where `module` is None.

    Raises:
        ArchiveError: the file is damaged, or has no such module.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ArchiveError(f"Cannot read {path}: {error}", hint=_REMAKE) from error
    return parse_metadata(values, str(path), module)


def parse_metadata(values: Any, where: str, module: str | None = None) -> ModelMetadata:
    """`read_metadata` for JSON that has been parsed; `where` is for messages."""
    modules = Fields(values, where, ArchiveError).table("modules")
    names = modules.names()
    name = module if module is not None else next(iter(names), "")
    if name not in names:
        found = f"{where} has no module {name!r}" if name else f"{where} has no module"
        raise ArchiveError(found, expected=" or ".join(names) or "at least one")
    own = modules.table(name).table("microtvm")
    memory = read_memory(own.table("memory"))
    tensors = tuple(
        _read_tensor(index, fields, memory.pools)
        for index, fields in enumerate(own.tables("tensors"))
    )
    count = len(tensors)
    layers = tuple(_read_layer(fields, count, memory.pools) for fields in own.tables("layers"))
    if [layer.index for layer in layers] != list(range(1, len(layers) + 1)):
        raise ArchiveError(f"{own.where}: the layers are not numbered from 1", hint=_REMAKE)
    _check_lives(own, tensors, len(layers))
    return ModelMetadata(
        name=name,
        target=own.text("target"),
        checksum=own.integer("checksum"),
        inputs=_indices(own, "inputs", count),
        outputs=_indices(own, "outputs", count),
        tensors=tensors,
        layers=layers,
        memory=memory,
        simplification=_read_simplification(own),
        chains=tuple(read_chain(fields) for fields in own.tables("chains")),
    )


def _read_tensor(index: int, fields: Fields, pools: tuple[PoolInfo, ...]) -> TensorInfo:
    place = read_place(fields, fields.integer("size_bytes"), pools)
    tensor = TensorInfo(
        index=index,
        name=fields.text("name"),
        shape=_integers(fields, "shape", minimum=0),
        dtype=fields.choice("dtype", DTYPES),
        scale=tuple(float(v) for v in _array(fields, "scale", (int, float), "numbers")),
        zero_point=_integers(fields, "zero_point"),
        size_bytes=place.size_bytes,
        pool=place.pool,
        offset=place.offset,
        alive_from=fields.integer("alive_from"),
        alive_to=fields.integer("alive_to"),
        source_index=(None if fields.is_null("source_index") else fields.integer("source_index")),
        channels=_channels(fields),
        rows=_rows(fields),
    )
    expected = math.prod(tensor.shape) * np.dtype(tensor.dtype).itemsize
    if tensor.size_bytes != expected:
        raise ArchiveError(
            f"{fields.where}: {tensor.name!r} has {tensor.size_bytes} bytes",
            expected=f"{expected}, by its shape and type",
            hint=_REMAKE,
        )
    return tensor


def _check_lives(own: Fields, tensors: tuple[TensorInfo, ...], layer_count: int) -> None:
    for tensor in tensors:
        if not tensor.alive_from <= tensor.alive_to <= layer_count:
            raise ArchiveError(
                f"{own.where}: tensor {tensor.index} is alive from {tensor.alive_from}"
                f" to {tensor.alive_to}",
                expected=f"layers from 0 to {layer_count}",
                hint=_REMAKE,
            )


def _rows(fields: Fields) -> tuple[int, int] | None:
    if "rows" not in fields or fields.is_null("rows"):
        return None
    rows = _integers(fields, "rows", minimum=0)
    if len(rows) != 2:
        raise ArchiveError(f"{fields.where}: 'rows' are {list(rows)}", expected="two numbers")
    return rows[0], rows[1]


def _channels(fields: Fields) -> tuple[int, ...] | None:
    if "channels" not in fields or fields.is_null("channels"):
        return None
    return _integers(fields, "channels", minimum=0)


def _read_layer(fields: Fields, tensor_count: int, pools: tuple[PoolInfo, ...]) -> LayerInfo:
    return LayerInfo(
        index=fields.integer("index"),
        name=fields.text("name"),
        operator=fields.text("operator"),
        schedule=fields.text("schedule"),
        macs=fields.integer("macs"),
        inputs=_indices(fields, "inputs", tensor_count),
        outputs=_indices(fields, "outputs", tensor_count),
        constant_bytes=fields.integer("constant_bytes"),
        choice=None if fields.is_null("choice") else read_choice(fields.table("choice")),
        scratch=_read_scratch(fields, pools),
        has_code=not fields.is_null("function"),
    )


def _read_scratch(layer: Fields, pools: tuple[PoolInfo, ...]) -> Place | None:
    if layer.is_null("scratch"):
        return None
    fields = layer.table("scratch")
    return read_place(fields, fields.integer("size_bytes"), pools)


def _read_simplification(own: Fields) -> SimplificationInfo | None:
    if own.is_null("simplified"):
        return None
    fields = own.table("simplified")
    return SimplificationInfo(
        channels=fields.integer("channels"),
        channels_before=fields.integer("channels_before"),
        macs=fields.integer("macs"),
        macs_before=fields.integer("macs_before"),
    )


def _indices(fields: Fields, key: str, count: int) -> tuple[int, ...]:
    values = _integers(fields, key, minimum=0)
    if any(value >= count for value in values):
        raise ArchiveError(f"{fields.where}: {key!r} names a tensor that is not there")
    return values


def _integers(fields: Fields, key: str, minimum: int | None = None) -> tuple[int, ...]:
    values = _array(fields, key, (int,), "whole numbers")
    if minimum is not None and any(value < minimum for value in values):
        raise ArchiveError(f"{fields.where}: {key!r} has a number below {minimum}")
    return values


def _array(fields: Fields, key: str, types: tuple[type, ...], what: str) -> tuple[Any, ...]:
    values = fields.items(key)
    if any(isinstance(value, bool) or not isinstance(value, types) for value in values):
        raise ArchiveError(f"{fields.where}: {key!r} is not an array of {what}")
    return values
