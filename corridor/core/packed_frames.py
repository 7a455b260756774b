"""Frames, indexes and shapes, packed; apart from :mod:`corridor.core.packing` so that arrays and records need no pandas."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from geopandas.array import GeometryArray
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

if TYPE_CHECKING:
    from corridor.core.packing import Node, Packer, Unpacker

_RING = 2  # shapely's number for a ring, which WKB would turn into a line


def node(packer: Packer, value: Any) -> Node:
    """A value that is neither plain nor an array nor a record.

    Raises
    ------
    TypeError
        Where it is of a type that is not packed.
    """
    kind = type(value)
    if kind is Affine:
        return {"is": "affine", "of": [float(v) for v in value[:6]]}
    if value is pd.NA:
        return {"is": "NA"}
    if isinstance(value, BaseGeometry):
        return {"is": "shape", "of": _shapes(packer, np.array([value], dtype=object))}
    if kind in (pd.DataFrame, gpd.GeoDataFrame):
        return _frame(packer, value)
    raise TypeError(f"{kind.__module__}.{kind.__qualname__} is not packed")


def _shapes(packer: Packer, values: NDArray[Any]) -> Node:
    """Shapes as WKB with their lengths; -1 is none."""
    if (shapely.get_type_id(values) == _RING).any():
        raise TypeError("a ring alone is not packed")
    written = shapely.to_wkb(values, byte_order=1, include_srid=True)
    lengths = np.array([-1 if w is None else len(w) for w in written], dtype="<i8")
    made = packer.array(lengths)
    packer.block += [w for w in written if w is not None]
    return made


def _frame(packer: Packer, value: Any) -> Node:
    made = {
        "is": "frame",
        "index": _index(packer, value.index),
        "columns": _index(packer, value.columns),
        "of": [_column(packer, value.iloc[:, i].array) for i in range(value.shape[1])],
        "attrs": packer.node(dict(value.attrs)),
    }
    if isinstance(value, gpd.GeoDataFrame):
        made |= {"is": "map", "geometry": packer.node(value.active_geometry_name)}
    return made


def _index(packer: Packer, value: pd.Index) -> Node:
    name = packer.node(value.name)
    if type(value) is pd.RangeIndex:
        return {"is": "range", "of": [value.start, value.stop, value.step], "name": name}
    if isinstance(value, pd.MultiIndex) or getattr(value, "freq", None) is not None:
        raise TypeError(f"an index of type {type(value).__name__} is not packed")
    return {"is": "index", "of": _column(packer, value.array), "name": name}


def _column(packer: Packer, value: Any) -> Node:
    """A column by its dtype; the values of a column of objects one by one."""
    if type(value) is pd.arrays.NumpyExtensionArray:  # an array of texts is of a subclass
        value = value.to_numpy()
    dtype = value.dtype
    if isinstance(dtype, pd.StringDtype):
        texts = value.to_numpy(dtype=object, na_value=None).tolist()
        return {"is": "texts", "of": texts, "storage": dtype.storage, "nan": dtype.na_value is not pd.NA}
    if isinstance(value, pd.Categorical):
        codes, categories = packer.array(np.asarray(value.codes)), _index(packer, value.categories)
        return {"is": "categories", "codes": codes, "of": categories, "ordered": bool(value.ordered)}
    if isinstance(value, _MASKS):
        known = value.to_numpy(dtype=dtype.numpy_dtype, na_value=dtype.numpy_dtype.type(0))
        return {"is": "masked", "of": packer.array(known), "mask": packer.array(value.isna())}
    if isinstance(value, GeometryArray):
        return {"is": "shapes", "of": _shapes(packer, np.asarray(value)), "crs": value.crs and value.crs.srs}
    if dtype.kind == "O":
        return {"is": "objects", "of": [packer.node(v) for v in value]}
    if isinstance(dtype, np.dtype):
        return packer.array(np.asarray(value))
    raise TypeError(f"a column of {dtype} is not packed")


def _read_affine(unpacker: Unpacker, node: Node) -> Affine:
    return Affine(*unpacker.value(node["of"]))


def _read_shape(unpacker: Unpacker, node: Node) -> Any:
    return _shapes_of(unpacker, node["of"])[0]


def _shapes_of(unpacker: Unpacker, node: Node) -> NDArray[Any]:
    lengths = unpacker.read_array(node).tolist()
    written = np.array([None, *(None if n == -1 else bytes(unpacker.take(n)) for n in lengths)], dtype=object)
    return np.asarray(shapely.from_wkb(written[1:]))


def _read_frame(unpacker: Unpacker, node: Node) -> pd.DataFrame:
    index, columns = unpacker.value(node["index"]), unpacker.value(node["columns"])
    values = [unpacker.value(n) for n in node["of"]]
    if len(columns) != len(values) or any(len(v) != len(index) for v in values):
        raise ValueError("a frame of other lengths than its index")
    columns_of = {i: _as_objects(v, index) for i, v in enumerate(values)}
    frame = pd.DataFrame(columns_of, index=index, copy=False)
    frame.columns = columns
    frame.attrs = unpacker.value(node["attrs"])
    return frame


def _as_objects(values: Any, index: pd.Index) -> Any:
    """Objects as a column of objects: pandas 3 makes texts of an array of objects that are all texts."""
    return pd.Series(values, index, dtype=object) if values.dtype == object else values


def _read_map(unpacker: Unpacker, node: Node) -> gpd.GeoDataFrame:
    plain = _read_frame(unpacker, node)
    name = unpacker.value(node["geometry"])
    frame = gpd.GeoDataFrame(plain) if name is None else gpd.GeoDataFrame(plain).set_geometry(name)
    frame.attrs = plain.attrs
    return frame


def _read_range(unpacker: Unpacker, node: Node) -> pd.RangeIndex:
    return pd.RangeIndex(*node["of"], name=unpacker.value(node["name"]))


def _read_index(unpacker: Unpacker, node: Node) -> pd.Index:
    name, values = unpacker.value(node["name"]), unpacker.value(node["of"])
    return pd.Index(values, dtype=values.dtype, name=name, tupleize_cols=False)


def _read_texts(unpacker: Unpacker, node: Node) -> Any:
    other = {"na_value": np.nan} if node["nan"] else {}  # pandas 2.3 on
    return pd.array(node["of"], dtype=pd.StringDtype(node["storage"], **other))


def _read_categories(unpacker: Unpacker, node: Node) -> pd.Categorical:
    codes, categories = unpacker.read_array(node["codes"]), unpacker.value(node["of"])
    return pd.Categorical.from_codes(codes, categories, ordered=node["ordered"])


def _read_masked(unpacker: Unpacker, node: Node) -> Any:
    known, mask = unpacker.read_array(node["of"]), unpacker.read_array(node["mask"])
    return _MASKED[known.dtype.kind](known, mask)


def _read_shapes(unpacker: Unpacker, node: Node) -> GeometryArray:
    return GeometryArray(_shapes_of(unpacker, node["of"]), crs=node["crs"] and _crs(node["crs"]))


def _read_objects(unpacker: Unpacker, node: Node) -> NDArray[Any]:
    return np.fromiter((unpacker.value(n) for n in node["of"]), dtype=object, count=len(node["of"]))


_crs = lru_cache(CRS)
_MASKS = (pd.arrays.BooleanArray, pd.arrays.IntegerArray, pd.arrays.FloatingArray)
_MASKED = dict(zip("biuf", (_MASKS[0], _MASKS[1], _MASKS[1], _MASKS[2]), strict=True))
READERS: dict[str, Callable[[Unpacker, Node], Any]] = {
    "NA": lambda unpacker, node: pd.NA,
    **{name.removeprefix("_read_"): read for name, read in vars().items() if name.startswith("_read_")},
}
"""What reads a node that ``is`` something of these."""
