"""What is packed is found whole and exact; what is damaged or forged is refused, and nothing else is built."""

from __future__ import annotations

import ast
import datetime as dt
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import hypothesis.extra.numpy as hnp
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from corridor.access.reach.gravity import Gravity
from corridor.core.packing import _HEAD, MARK, pack, records_of, unpack
from corridor.ecology.impact.difference import Assessment, assess_cases
from corridor.ecology.works.parameters import SHIPPED
from corridor.schema.line import Section
from corridor.schema.text import Text
from corridor.study.ecology_process import Task
from corridor.study.run import Result
from tests.ecology.test_impact import SMALL, make_work
from tests.paths import ROOT

PACKAGE = ROOT / "corridor"


@dataclass(frozen=True)
class Leaf:
    """A record, as the program has them."""

    number: float
    text: Text
    more: tuple[Leaf, ...] = ()


@dataclass(frozen=True)
class Checked:
    """A record whose own code would show itself."""

    built: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.built.append(1)


def again(value: object, kind: Any = Leaf) -> Any:
    packed = pack(value, kind)
    found = unpack(packed, kind)
    assert pack(found, kind) == packed
    return found


texts = st.text(st.characters(), max_size=8)  # half letters too
floats = st.floats(allow_nan=False)
plain = st.none() | st.booleans() | st.integers() | floats | texts | st.binary(max_size=8) | st.dates()
records = st.builds(Leaf, floats, st.builds(Text, en=texts, zh_hant=texts))
values = st.recursive(
    plain | records,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(texts | st.integers() | st.tuples(texts), inner, max_size=3)
    ),
    max_leaves=12,
)


def same(one: Any, two: Any) -> bool:
    """Equal in value and type, to the sign of nought."""
    if type(one) is not type(two):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, dict):
        return same(list(one), list(two)) and same(list(one.values()), list(two.values()))
    return bool(one == two) and (not isinstance(one, float) or np.signbit(one) == np.signbit(two))


@given(values)
def test_plain_values_containers_and_records(value: Any) -> None:
    assert same(again(value), value)


def test_floats_at_their_ends() -> None:
    ends = [-0.0, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf"), 0.1 + 0.2]
    assert same(again(ends), ends)
    assert np.isnan(again(float("nan")))
    assert type(again(np.float32(0.1))) is np.float32 and again(np.float32(0.1)) == np.float32(0.1)


arrays = hnp.arrays(
    st.one_of(
        hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.floating_dtypes(), hnp.complex_number_dtypes(),
        hnp.unicode_string_dtypes(min_len=1), hnp.byte_string_dtypes(min_len=1), hnp.datetime64_dtypes(), hnp.timedelta64_dtypes(),
    ),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)  # fmt: skip


@given(arrays)
def test_arrays(value: np.ndarray[Any, Any]) -> None:
    found = again({"x": value, "turned": value.T})
    assert found["x"].dtype == value.dtype and found["x"].shape == value.shape
    assert found["x"].tobytes() == value.tobytes() and found["turned"].tobytes() == value.T.tobytes()
    assert found["x"].flags.writeable


def column(values: st.SearchStrategy[Any], dtype: Any) -> st.SearchStrategy[Any]:
    return st.lists(values, min_size=3, max_size=3).map(lambda v: pd.Series(v, dtype=dtype))


PANDAS = tuple(int(part) for part in pd.__version__.split(".")[:2])
OTHER_TEXTS: Any = "string[python]" if PANDAS < (2, 3) else pd.StringDtype("python", na_value=np.nan)

columns = st.one_of(
    column(st.integers(-9, 9), "int16"),
    column(st.floats(width=32), "float32"),
    column(st.booleans(), "bool"),
    column(st.none() | st.booleans(), "boolean"),
    column(st.none() | st.integers(-9, 9), "Int64"),
    column(st.none() | floats, "Float64"),
    column(st.none() | st.text(max_size=3), "string[python]"),
    column(st.none() | st.text(max_size=3), OTHER_TEXTS),
    column(st.none() | st.sampled_from("abc"), pd.CategoricalDtype(["c", "a", "b", "unused"], ordered=True)),
    column(st.none() | st.sampled_from([3, 1]), pd.CategoricalDtype([1, 3])),
    column(st.none() | st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)), "datetime64[us]"),
    column(st.none() | st.timedeltas(dt.timedelta(-9), dt.timedelta(9)), "timedelta64[us]"),
    column(plain | st.tuples(plain) | st.just(pd.NA), object),
)
indexes = st.one_of(
    st.just(pd.RangeIndex(5, 11, 2, name="range")),
    st.just(pd.Index([3, 1, 3], name=("a", 1))),
    st.just(pd.Index(["x", "y", "z"], name="code")),
    st.just(pd.Index(["x", None, 2], dtype=object)),
    st.just(pd.DatetimeIndex(["2025-01-01", "2024-01-01", None])),
    st.just(pd.CategoricalIndex(["b", "a", "b"], categories=["b", "a"])),
)


@given(st.lists(columns, max_size=4), indexes, st.sampled_from([None, "what"]))
def test_frames(found: list[pd.Series], index: pd.Index, name: str | None) -> None:
    frame = pd.DataFrame({f"c{i}": s.array for i, s in enumerate(found)}, index=index)
    frame.columns.name = name
    frame.attrs = {"unit": "ha"}
    back = again(frame)
    pd.testing.assert_frame_equal(
        back, frame, check_exact=True, check_column_type="exact", check_index_type="exact", check_freq=True
    )
    assert type(back.index) is type(frame.index) and back.attrs == frame.attrs
    for one, two in zip(back.dtypes, frame.dtypes, strict=True):
        assert one == two and str(one) == str(two)


def test_texts_in_a_column_of_objects_stay_objects() -> None:
    frame = pd.DataFrame(
        {"a": pd.Series(["x", None, "y"], dtype=object), "b": pd.Series([None] * 3, dtype=object)}
    )
    back = again(frame)
    pd.testing.assert_frame_equal(back, frame, check_exact=True)
    assert [str(dtype) for dtype in back.dtypes] == ["object", "object"]


def test_texts_of_arrow() -> None:
    others = () if PANDAS < (2, 3) else (pd.StringDtype("pyarrow", na_value=np.nan),)
    for dtype in ("string[pyarrow]", *others):
        frame = pd.DataFrame({"a": pd.array(["x", None, "維"], dtype=dtype)})
        back = again(frame)
        pd.testing.assert_frame_equal(back, frame)
        assert back["a"].dtype.storage == "pyarrow"


def test_two_columns_of_one_name_and_none_at_all() -> None:
    frame = pd.DataFrame([[1, "a"], [2, "b"]], columns=["x", "x"])
    pd.testing.assert_frame_equal(again(frame), frame)
    for empty in (pd.DataFrame(), frame.iloc[:0], frame.iloc[:, :0]):
        pd.testing.assert_frame_equal(again(empty), empty)


numbers = st.floats(-1e7, 1e7)
points = st.tuples(numbers, numbers)
shapes = st.one_of(
    points.map(shapely.Point),
    st.tuples(numbers, numbers, numbers).map(shapely.Point),
    st.lists(points, min_size=2, max_size=4).map(shapely.LineString),
    st.lists(points, max_size=3).map(shapely.MultiPoint),
    points.map(lambda p: shapely.box(*p, p[0] + 1, p[1] + 2)),
    st.sampled_from(
        [shapely.Point(), shapely.Polygon(), shapely.GeometryCollection([shapely.Point(1, -0.0)])]
    ),
    points.map(lambda p: shapely.set_srid(shapely.Point(p), 4547)),
)


@given(st.lists(shapes | st.none(), max_size=4), st.sampled_from([None, "EPSG:4326", "EPSG:4547"]))
def test_shapes(found: list[Any], crs: str | None) -> None:
    frame = gpd.GeoDataFrame({"id": range(len(found))}, geometry=gpd.array.from_shapely(found, crs=crs))
    frame = frame.rename_geometry("shape").assign(
        other=frame.geometry.to_crs(4326) if crs else frame.geometry
    )
    back = again(frame)
    assert (
        back.active_geometry_name == "shape"
        and back.crs == frame.crs
        and back["other"].crs == frame["other"].crs
    )
    assert list(back.columns) == list(frame.columns)
    for one, two in zip(back["shape"], frame["shape"], strict=True):
        assert one is two is None or (type(one) is type(two) and shapely.to_wkb(one, include_srid=True) == shapely.to_wkb(two, include_srid=True))  # fmt: skip
    for shape in found:
        if shape is not None:
            assert shapely.equals_identical(again(shape), shape) and shapely.get_srid(
                again(shape)
            ) == shapely.get_srid(shape)


def test_records_are_restored_as_they_were() -> None:
    record = Checked()
    assert again(record, Checked).built == [1]  # its code ran once, here
    section = Section.model_validate({"id": "a", "structure": "viaduct", "from": "b", "to": "c"})
    odd = section.model_copy(update={"source": ["a list, unchecked"]})
    back = again(odd, Section)
    assert back == odd and type(back.source) is list
    assert back.model_fields_set == odd.model_fields_set != set(Section.model_fields)
    assert again(Affine(1, 2, 3, 4, 5, 6)) == Affine(1, 2, 3, 4, 5, 6)


def test_the_real_values() -> None:
    task = ({"one": (make_work(), make_work("viaduct", line_id="b")), "none": ()}, SMALL, SHIPPED)
    works, land, table = again(task, Task)
    assert works == task[0] and table == task[2]
    assert (land.habitat == SMALL.habitat).all() and land.transform == SMALL.transform
    found = assess_cases(task[0]["one"], SMALL)
    back = again(found, Assessment)
    assert back.headlines == found.headlines
    pd.testing.assert_frame_equal(back.result.footprint, found.result.footprint)


def test_discounted_opportunities_keep_every_bit() -> None:
    sums = np.array([[1 / 3, np.nan], [0.0, 1e30]], dtype=np.float32)
    back = again({"08:30": Gravity(0.0198, sums, ("hk", "sz"))}, Mapping[str, Gravity])["08:30"]
    assert (back.decay_per_min, back.sides) == (0.0198, ("hk", "sz"))
    assert back.sums.dtype == np.float32 and back.sums.tobytes() == sums.tobytes()


def test_only_what_the_type_reaches_is_a_record() -> None:
    names = {n.rsplit(".", 1)[1] for n in records_of(Result)}
    assert {
        "Result",
        "Reach",
        "Gravity",
        "EcologyResult",
        "Together",
        "Headline",
        "Scenario",
        "LineSpec",
        "Text",
    } <= names
    assert all(n.startswith("corridor.") for n in records_of(Result))
    assert records_of(Text) == {"corridor.schema.text.Text": Text}


@pytest.mark.parametrize(
    "value",
    [
        object(), print, Path("x"), {1}, 1 + 2j, dt.datetime(2025, 1, 1), shapely.LinearRing([(0, 0), (1, 0), (1, 1)]), SMALL,
        np.array([object()]), np.zeros(2, dtype=[("a", "i4")]), np.ma.masked_array([1]), pd.Series([1]), Text(en="x"),
        pd.DataFrame({"a": pd.to_datetime(["2025-01-01"], utc=True)}), pd.DataFrame({"a": pd.interval_range(0, 1)}),
        pd.DataFrame([1], index=pd.MultiIndex.from_tuples([(1, 2)])), pd.DataFrame({"a": [Path("x")]}),
    ],
)  # fmt: skip
def test_other_types_are_not_packed(value: object) -> None:
    with pytest.raises(TypeError, match="is not packed"):
        pack([value], int)


def forged(header: object, block: bytes = b"") -> bytes:
    written = header if isinstance(header, bytes) else json.dumps(header).encode()
    return _HEAD.pack(MARK, len(written)) + written + block


def test_a_forged_header_that_is_right_is_read() -> None:
    assert unpack(forged({"is": "array", "dtype": "<i2", "shape": [2]}, b"\1\0\2\0"), int).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("header", "block"),
    [
        (b"", b""), (b"{", b""), (b"\xff", b""), (b"[" * 100_000, b""), (b"9" * 5_000, b""),
        ({}, b""), ({"is": "os.system", "of": "true"}, b""), ({"is": "record", "name": "builtins.print", "of": {}, "stated": []}, b""),
        ({"is": "record", "name": f"{__name__}.Leaf", "of": {"number": 1}, "stated": []}, b""),
        ({"is": "array", "dtype": "O", "shape": [1]}, bytes(8)), ({"is": "array", "dtype": "|O8", "shape": [1]}, bytes(8)),
        ({"is": "array", "dtype": "<i4,<i4", "shape": [1]}, bytes(8)), ({"is": "array", "dtype": "<U0", "shape": [10**12]}, b""),
        ({"is": "array", "dtype": "<i4", "shape": [10**12]}, bytes(8)), ({"is": "array", "dtype": "<i4", "shape": [-2]}, bytes(8)),
        ({"is": "array", "dtype": "<i4", "shape": [2.0]}, bytes(8)), ({"is": "array", "dtype": "<i4", "shape": [1]}, bytes(8)),
        ({"is": "bytes", "length": -1}, b"x"), ({"is": "bytes", "length": 2}, b"x"), ([], b"left over"),
        ({"is": "shape", "of": {"is": "array", "dtype": "<i8", "shape": [1]}}, (5).to_bytes(8, "little") + b"\1\2\0\0\0"),
        ({"is": "shape", "of": {"is": "array", "dtype": "<i8", "shape": [1]}}, (9).to_bytes(8, "little") + b"\1\4\0\0\0\xff\xff\xff\xff"),
        ({"is": "frame", "index": {"is": "range", "of": [0, 10**12, 1], "name": None}, "columns": {"is": "range", "of": [0, 1, 1], "name": None},
          "of": [{"is": "array", "dtype": "<i4", "shape": [1]}], "attrs": {"is": "dict", "of": []}}, bytes(4)),
        ({"is": "dict", "of": [[[], 1]]}, b""), ({"is": "affine", "of": [1]}, b""), ({"is": "date", "of": "2025-02-30"}, b""),
    ],
)  # fmt: skip
def test_a_forged_header_is_refused(header: object, block: bytes) -> None:
    with pytest.raises(ValueError, match="not a packed value"):
        unpack(forged(header, block), Leaf)


def test_damage_is_refused_or_gives_plain_values() -> None:
    """Without the hash that stands before it in a file: bytes changed, cut, moved, doubled."""
    frame = gpd.GeoDataFrame(
        {"a": ["x", None], "b": [1.5, 2]}, geometry=[shapely.Point(1, 2), None], crs=4326
    )
    good = pack({"frame": frame, "leaf": Leaf(1.0, Text(en="x")), "array": np.arange(9)}, Leaf)
    chance, refused = random.Random(1), 0
    for _ in range(1_500):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            at, length = chance.randrange(len(bad)), chance.randint(1, 40)
            match chance.randrange(4):
                case 0:
                    bad[at] = chance.randrange(256)
                case 1:
                    del bad[at : at + length]
                case 2:
                    bad[at:at] = bad[at : at + length]
                case _:
                    del bad[max(at, 20) :]
            if not bad:
                break
        try:
            unpack(bytes(bad), Leaf)
        except ValueError:
            refused += 1
    assert refused > 1_000


def test_no_module_reads_code_from_data() -> None:
    """No pickle nor what is built on it, in any module of the package; and NumPy reads no objects."""
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []  # fmt: skip
            assert not {n.split(".")[0] for n in names} & {"pickle", "_pickle", "marshal", "shelve", "joblib", "dill", "cloudpickle"}, path  # fmt: skip
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"read_pickle", "to_pickle", "eval"}, path
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant) and node.value.value is False, path
            if isinstance(node, ast.Name):
                assert node.id not in {"eval", "exec", "__import__"}, path
