"""Values of the program as bytes and back, whole and exact, so that no file and no pipe has to be trusted with code.

Packed: a mark, the length of a header, the header (JSON: the tree of values) and one block of bytes, which holds arrays and
shapes in the order in which the tree names them. Each byte of the block belongs to one value, so that nothing unpacks to
more than its size. Records are the dataclasses, named tuples and models that the expected type reaches through the annotations of its
fields: no others are built, and none of their code runs. Floats keep their last bit, frames their dtypes, index and
coordinate system.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

MARK = b"corridor-1\0\0"
_HEAD = struct.Struct(f"<{len(MARK)}sQ")
_DTYPE = re.compile(r"[<>|][biufcmMSU][1-9]\d{0,8}(\[\d{0,4}[a-zA-Z]{1,2}\])?")

Node = Any
"""A value as JSON holds it: plain values and lists as they are, anything else an object that says what it ``is``."""


def pack(value: object, kind: Any) -> bytes:
    """A value of the expected type as bytes. Raises TypeError where a part of it is of a type that is not packed.

    Parameters
    ----------
    value
        Plain values, lists, tuples, dicts, arrays, frames, geometries, and records.
    kind
        The type that reading will expect; the records in it are those that may be packed.

    Raises
    ------
    TypeError
        Where a part of it is of a type that is not packed.

    Examples
    --------
    >>> unpack(pack({"a": (1, 2.5)}, dict), dict)
    {'a': (1, 2.5)}
    """
    return b"".join(parts_of(value, kind))


def parts_of(value: object, kind: Any) -> list[bytes | memoryview]:
    """The bytes of :func:`pack` one part after another: arrays are not copied, and must stay as they are meanwhile."""
    packer = Packer(records_of(kind))
    header = json.dumps(packer.node(value), separators=(",", ":")).encode("ascii")
    return [_HEAD.pack(MARK, len(header)), header, *packer.block]


def unpack(data: bytes | memoryview, kind: Any) -> Any:
    """The value that :func:`pack` was given with the same type. Raises ValueError where the bytes are not its work.

    Parameters
    ----------
    data
        What :func:`pack` made.
    kind
        The type it was given.

    Raises
    ------
    ValueError
        Where the bytes are not its work.
    """
    try:
        mark, length = _HEAD.unpack_from(data)
        start = _HEAD.size + length
        if mark != MARK or start > len(data):
            raise ValueError("another format, or cut short")
        unpacker = Unpacker(records_of(kind), memoryview(data)[start:])
        value = unpacker.value(json.loads(bytes(data[_HEAD.size : start])))
        if unpacker.block:
            raise ValueError(f"{len(unpacker.block)} bytes too many")
    except Exception as error:  # damage shows in JSON, in sizes, in what a library makes of a shape
        raise ValueError(f"not a packed value ({error or type(error).__name__})") from error
    return value


@lru_cache
def records_of(kind: Any) -> Mapping[str, type]:
    """Find the records that a value of a type may hold.

    Reading makes only these, so that what is on disk cannot name another class.

    Parameters
    ----------
    kind
        A type, parametrised or not.

    Returns
    -------
    Mapping
        Dataclasses, named tuples and models by full name: those that `kind` reaches through annotations of fields, itself among them.
    """
    found: dict[str, type] = {}
    waiting = [kind]
    while waiting:
        part = waiting.pop()
        waiting += get_args(part)
        if isinstance(part, type) and _name(part) not in found:
            if issubclass(part, BaseModel):
                found[_name(part)] = part
                waiting += [field.annotation for field in part.model_fields.values()]
            elif is_dataclass(part) or _is_named_tuple(part):
                found[_name(part)] = part
                waiting += get_type_hints(part).values()
    return MappingProxyType(found)


def _name(record: type) -> str:
    return f"{record.__module__}.{record.__qualname__}"


def _field_names(record: type) -> list[str]:
    if issubclass(record, BaseModel):
        return list(record.model_fields)
    if _is_named_tuple(record):
        return list(record._fields)  # type: ignore[attr-defined]
    return [f.name for f in fields(record)]  # type: ignore[arg-type]


def _is_named_tuple(record: type) -> bool:
    return issubclass(record, tuple) and hasattr(record, "_fields")


@dataclass(frozen=True)
class _Plain:
    """A type written as another that is packed, and read from it."""

    kind: type
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


_PLAIN = {
    "tuple": _Plain(tuple, list, tuple),
    "frozenset": _Plain(frozenset, lambda value: sorted(value, key=repr), frozenset),
    "dict": _Plain(dict, lambda value: [list(item) for item in value.items()], dict),
    "date": _Plain(dt.date, dt.date.isoformat, dt.date.fromisoformat),
    "number": _Plain(np.generic, np.asarray, lambda array: array[()]),
}


class Packer:
    """The tree of a value, and the bytes that it takes besides."""

    def __init__(self, records: Mapping[str, type]) -> None:
        self.records = records
        self.block: list[bytes | memoryview] = []

    def node(self, value: object) -> Node:
        """A value, by its exact type: a subclass could not be distinguished from its parent afterwards."""
        kind = type(value)
        if value is None or kind in (bool, int, float, str):
            return value
        if kind is list:
            return [self.node(v) for v in value]  # type: ignore[attr-defined]
        if self.records.get(_name(kind)) is kind:
            return self._record(value)
        for name, plain in _PLAIN.items():
            if kind is plain.kind or (plain.kind is np.generic and isinstance(value, np.generic)):
                return {"is": name, "of": self.node(plain.write(value))}
        if isinstance(value, bytes):
            self.block.append(value)
            return {"is": "bytes", "length": len(value)}
        if kind is np.ndarray:
            return self.array(value)
        from corridor.core import (
            packed_frames,  # loads pandas and shapely, which takes longer than all else here
        )

        return packed_frames.node(self, value)

    def _record(self, value: Any) -> Node:
        record = type(value)
        known = {name: self.node(getattr(value, name)) for name in _field_names(record)}
        stated = sorted(value.model_fields_set) if isinstance(value, BaseModel) else []
        return {"is": "record", "name": _name(record), "of": known, "stated": stated}

    def array(self, value: Any) -> Node:
        """An array of numbers or times; its bytes go into the block."""
        if not _DTYPE.fullmatch(value.dtype.str):
            raise TypeError(f"an array of {value.dtype} is not packed")
        # a view: a copy of some tables takes 300 MB
        self.block.append(np.ascontiguousarray(value).reshape(-1).view(np.uint8).data)
        return {"is": "array", "dtype": value.dtype.str, "shape": value.shape}


class Unpacker:
    """A value from its tree; bytes are taken from the front of the block, in the order in which they were put there."""

    def __init__(self, records: Mapping[str, type], block: memoryview) -> None:
        self.records = records
        self.block = block

    def value(self, node: Node) -> Any:
        """The value of a node."""
        if isinstance(node, list):
            return [self.value(n) for n in node]
        if not isinstance(node, dict):
            return node
        if plain := _PLAIN.get(node["is"]):
            return plain.read(self.value(node["of"]))
        if read := _READERS.get(node["is"]):
            return read(self, node)
        from corridor.core import packed_frames

        return packed_frames.READERS[node["is"]](self, node)

    def take(self, length: int) -> memoryview:
        """So many bytes from the front of the block."""
        if not 0 <= length <= len(self.block):
            raise ValueError("cut short")
        taken, self.block = self.block[:length], self.block[length:]
        return taken

    def read_bytes(self, node: Node) -> bytes:
        """Bytes as they are."""
        return bytes(self.take(node["length"]))

    def read_record(self, node: Node) -> Any:
        """A dataclass or model of those that may be read."""
        record = self.records[node["name"]]
        known = {name: self.value(n) for name, n in node["of"].items()}
        if list(known) != _field_names(record):
            raise ValueError(f"other fields than those of {node['name']}")
        if issubclass(record, BaseModel):
            return record.model_construct(set(node["stated"]), **known)
        if _is_named_tuple(record):
            return record(*known.values())
        # what was packed had passed its checks: neither they nor what `__init__` derives is run again
        made = object.__new__(record)
        for name, value in known.items():
            object.__setattr__(made, name, value)
        return made

    def read_array(self, node: Node) -> NDArray[Any]:
        """An array of its dtype and shape, that may be written."""
        if not _DTYPE.fullmatch(node["dtype"]):
            raise ValueError(f"an array of {node['dtype']}")
        dtype, shape = np.dtype(node["dtype"]), tuple(node["shape"])
        if not all(type(n) is int and n >= 0 for n in shape):
            raise ValueError(f"an array of shape {shape}")
        taken = self.take(dtype.itemsize * math.prod(shape))
        return np.frombuffer(bytearray(taken), dtype).reshape(shape) if taken else np.empty(shape, dtype)


_READERS: dict[str, Callable[[Unpacker, Node], Any]] = {
    name.removeprefix("read_"): method for name, method in vars(Unpacker).items() if name.startswith("read_")
}
"""What reads a node that ``is`` something; those of frames and shapes are in the module of these, and there is no other."""
