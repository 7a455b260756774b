"""Values of the program as bytes and back, whole and exact, so that no file and no pipe has to be trusted with code.

Packed: a mark, the length of a header, the header (JSON: the tree of values) and one block of bytes, which holds arrays and
shapes in the order in which the tree names them. Each byte of the block belongs to one value, so that nothing unpacks to
more than its size. Records are the dataclasses and models that the expected type reaches through the annotations of its
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

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from geopandas.array import GeometryArray
from numpy.typing import NDArray
from pydantic import BaseModel
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

MARK = b"corridor-1\0\0"
_HEAD = struct.Struct(f"<{len(MARK)}sQ")
_DTYPE = re.compile(r"[<>|][biufcmMSU][1-9]\d{0,8}(\[\d{0,4}[a-zA-Z]{1,2}\])?")
_RING = 2  # shapely's number for a ring, which WKB would turn into a line

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
    packer = _Packer(records_of(kind))
    header = json.dumps(packer.node(value), separators=(",", ":")).encode("ascii")
    return b"".join([_HEAD.pack(MARK, len(header)), header, *packer.block])


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
        unpacker = _Unpacker(records_of(kind), memoryview(data)[start:])
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
        Dataclasses and models by full name: those that `kind` reaches through annotations of fields, itself among them.
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
            elif is_dataclass(part):
                found[_name(part)] = part
                waiting += get_type_hints(part).values()
    return MappingProxyType(found)


def _name(record: type) -> str:
    return f"{record.__module__}.{record.__qualname__}"


def _field_names(record: type) -> list[str]:
    if issubclass(record, BaseModel):
        return list(record.model_fields)
    return [f.name for f in fields(record)]  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Plain:
    """A type written as another that is packed, and read from it."""

    kind: type
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


_PLAIN = {
    "tuple": _Plain(tuple, list, tuple),
    "dict": _Plain(dict, lambda value: [list(item) for item in value.items()], dict),
    "date": _Plain(dt.date, dt.date.isoformat, dt.date.fromisoformat),
    "affine": _Plain(Affine, lambda value: [float(v) for v in value[:6]], lambda numbers: Affine(*numbers)),
    "NA": _Plain(type(pd.NA), lambda _: None, lambda _: pd.NA),
    "number": _Plain(np.generic, np.asarray, lambda array: array[()]),
}


class _Packer:
    """The tree of a value, and the bytes that it takes besides."""

    def __init__(self, records: Mapping[str, type]) -> None:
        self.records = records
        self.block: list[bytes] = []

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
        if isinstance(value, BaseGeometry):
            return {"is": "shape", "of": self._shapes(np.array([value], dtype=object))}
        if kind is np.ndarray:
            return self._array(value)
        if kind in (pd.DataFrame, gpd.GeoDataFrame):
            return self._frame(value)
        raise TypeError(f"{_name(kind)} is not packed")

    def _record(self, value: Any) -> Node:
        record = type(value)
        known = {name: self.node(getattr(value, name)) for name in _field_names(record)}
        stated = sorted(value.model_fields_set) if isinstance(value, BaseModel) else []
        return {"is": "record", "name": _name(record), "of": known, "stated": stated}

    def _array(self, value: Any) -> Node:
        if not _DTYPE.fullmatch(value.dtype.str):
            raise TypeError(f"an array of {value.dtype} is not packed")
        self.block.append(value.tobytes())
        return {"is": "array", "dtype": value.dtype.str, "shape": value.shape}

    def _shapes(self, values: NDArray[Any]) -> Node:
        """Shapes as WKB with their lengths; -1 is none."""
        if (shapely.get_type_id(values) == _RING).any():
            raise TypeError("a ring alone is not packed")
        written = shapely.to_wkb(values, byte_order=1, include_srid=True)
        lengths = np.array([-1 if w is None else len(w) for w in written], dtype="<i8")
        node = self._array(lengths)
        self.block += [w for w in written if w is not None]
        return node

    def _frame(self, value: Any) -> Node:
        node = {
            "is": "frame",
            "index": self._index(value.index),
            "columns": self._index(value.columns),
            "of": [self._column(value.iloc[:, i].array) for i in range(value.shape[1])],
            "attrs": self.node(dict(value.attrs)),
        }
        if isinstance(value, gpd.GeoDataFrame):
            node |= {"is": "map", "geometry": self.node(value.active_geometry_name)}
        return node

    def _index(self, value: pd.Index) -> Node:
        name = self.node(value.name)
        if type(value) is pd.RangeIndex:
            return {"is": "range", "of": [value.start, value.stop, value.step], "name": name}
        if isinstance(value, pd.MultiIndex) or getattr(value, "freq", None) is not None:
            raise TypeError(f"an index of type {type(value).__name__} is not packed")
        return {"is": "index", "of": self._column(value.array), "name": name}

    def _column(self, value: Any) -> Node:
        """A column by its dtype; the values of a column of objects one by one."""
        if type(value) is pd.arrays.NumpyExtensionArray:  # an array of texts is of a subclass
            value = value.to_numpy()
        dtype = value.dtype
        if isinstance(dtype, pd.StringDtype):
            texts = value.to_numpy(dtype=object, na_value=None).tolist()
            return {"is": "texts", "of": texts, "storage": dtype.storage, "nan": dtype.na_value is not pd.NA}
        if isinstance(value, pd.Categorical):
            codes, categories = self._array(np.asarray(value.codes)), self._index(value.categories)
            return {"is": "categories", "codes": codes, "of": categories, "ordered": bool(value.ordered)}
        if isinstance(value, _MASKS):
            known = value.to_numpy(dtype=dtype.numpy_dtype, na_value=dtype.numpy_dtype.type(0))
            return {"is": "masked", "of": self._array(known), "mask": self._array(value.isna())}
        if isinstance(value, GeometryArray):
            return {"is": "shapes", "of": self._shapes(np.asarray(value)), "crs": value.crs and value.crs.srs}
        if dtype.kind == "O":
            return {"is": "objects", "of": [self.node(v) for v in value]}
        if isinstance(dtype, np.dtype):
            return self._array(np.asarray(value))
        raise TypeError(f"a column of {dtype} is not packed")


class _Unpacker:
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
        return _READERS[node["is"]](self, node)

    def _take(self, length: int) -> memoryview:
        if not 0 <= length <= len(self.block):
            raise ValueError("cut short")
        taken, self.block = self.block[:length], self.block[length:]
        return taken

    def read_bytes(self, node: Node) -> bytes:
        return bytes(self._take(node["length"]))

    def read_record(self, node: Node) -> Any:
        record = self.records[node["name"]]
        known = {name: self.value(n) for name, n in node["of"].items()}
        if list(known) != _field_names(record):
            raise ValueError(f"other fields than those of {node['name']}")
        if issubclass(record, BaseModel):
            return record.model_construct(set(node["stated"]), **known)
        # what was packed had passed its checks: neither they nor what `__init__` derives is run again
        made = object.__new__(record)
        for name, value in known.items():
            object.__setattr__(made, name, value)
        return made

    def read_array(self, node: Node) -> NDArray[Any]:
        if not _DTYPE.fullmatch(node["dtype"]):
            raise ValueError(f"an array of {node['dtype']}")
        dtype, shape = np.dtype(node["dtype"]), tuple(node["shape"])
        if not all(type(n) is int and n >= 0 for n in shape):
            raise ValueError(f"an array of shape {shape}")
        taken = self._take(dtype.itemsize * math.prod(shape))
        return np.frombuffer(bytearray(taken), dtype).reshape(shape) if taken else np.empty(shape, dtype)

    def read_shape(self, node: Node) -> Any:
        return self._shapes(node["of"])[0]

    def _shapes(self, node: Node) -> NDArray[Any]:
        lengths = self.read_array(node).tolist()
        written = np.array(
            [None, *(None if n == -1 else bytes(self._take(n)) for n in lengths)], dtype=object
        )
        return np.asarray(shapely.from_wkb(written[1:]))

    def read_frame(self, node: Node) -> pd.DataFrame:
        index, columns = self.value(node["index"]), self.value(node["columns"])
        values = [self.value(n) for n in node["of"]]
        if len(columns) != len(values) or any(len(v) != len(index) for v in values):
            raise ValueError("a frame of other lengths than its index")
        frame = pd.DataFrame(dict(enumerate(values)), index=index, copy=False)
        frame.columns = columns
        frame.attrs = self.value(node["attrs"])
        return frame

    def read_map(self, node: Node) -> gpd.GeoDataFrame:
        plain = self.read_frame(node)
        name = self.value(node["geometry"])
        frame = gpd.GeoDataFrame(plain) if name is None else gpd.GeoDataFrame(plain).set_geometry(name)
        frame.attrs = plain.attrs
        return frame

    def read_range(self, node: Node) -> pd.RangeIndex:
        return pd.RangeIndex(*node["of"], name=self.value(node["name"]))

    def read_index(self, node: Node) -> pd.Index:
        name, values = self.value(node["name"]), self.value(node["of"])
        return pd.Index(values, dtype=values.dtype, name=name, tupleize_cols=False)

    def read_texts(self, node: Node) -> Any:
        other = {"na_value": np.nan} if node["nan"] else {}  # pandas 2.3 on
        return pd.array(node["of"], dtype=pd.StringDtype(node["storage"], **other))

    def read_categories(self, node: Node) -> pd.Categorical:
        codes, categories = self.read_array(node["codes"]), self.value(node["of"])
        return pd.Categorical.from_codes(codes, categories, ordered=node["ordered"])

    def read_masked(self, node: Node) -> Any:
        known, mask = self.read_array(node["of"]), self.read_array(node["mask"])
        return _MASKED[known.dtype.kind](known, mask)

    def read_shapes(self, node: Node) -> GeometryArray:
        return GeometryArray(self._shapes(node["of"]), crs=node["crs"] and _crs(node["crs"]))

    def read_objects(self, node: Node) -> NDArray[Any]:
        return np.fromiter((self.value(n) for n in node["of"]), dtype=object, count=len(node["of"]))


_crs = lru_cache(CRS)
_MASKS = (pd.arrays.BooleanArray, pd.arrays.IntegerArray, pd.arrays.FloatingArray)
_MASKED = dict(zip("biuf", (_MASKS[0], _MASKS[1], _MASKS[1], _MASKS[2]), strict=True))
_READERS: dict[str, Callable[[_Unpacker, Node], Any]] = {
    name.removeprefix("read_"): method for name, method in vars(_Unpacker).items() if name.startswith("read_")
}
"""What reads a node that ``is`` something; there is no other."""
