"""What is packed comes out again; scales are the same for all scenarios and centred on zero."""

import base64
import dataclasses
import gzip
import json
import struct
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from corridor.core.errors import GeometryError
from corridor.drawing import basemap, legend, palette
from corridor.drawing.map_marks import lines_of
from corridor.schema.region import shipped_region
from corridor.schema.text import all_visible
from corridor.study.compare import Comparison
from corridor.web import model, pack
from tests import web_factory as made


def read_stream(data: bytes) -> list[list[list[list[tuple[int, int]]]]]:
    """The reader of the page, in Python."""
    at, last = 0, [0, 0]

    def count() -> int:
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def point() -> tuple[int, int]:
        for axis in (0, 1):
            number = count()
            last[axis] += -(number + 1) // 2 if number % 2 else number // 2
        return last[0], last[1]

    found = []
    while at < len(data):
        found.append([[[point() for _ in range(count())] for _ in range(count())] for _ in range(count())])
    return found


def test_geometry_comes_out_again() -> None:
    hole = Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (2, 1), (2, 2)]])
    stream = pack.GeometryStream()
    shapes = [
        Point(113.91234, -22.5),
        LineString([(1, 1), (1, 1), (-2, 3)]),
        MultiPolygon([hole, box(9, 9, 10, 10)]),
        Polygon(),
    ]
    assert [stream.add(s) for s in shapes] == [0, 1, 2, 3]
    point, line, areas, nothing = read_stream(stream.to_bytes())
    assert point == [[[(11391234, -2250000)]]]
    assert line == [[[(100000, 100000), (-200000, 300000)]]]  # a repeated point is dropped
    assert [len(part) for part in areas] == [2, 1]
    assert areas[0][1][0] == (100000, 100000)
    assert nothing == []


def test_a_collection_is_taken_apart() -> None:
    stream = pack.GeometryStream()
    stream.add(GeometryCollection([Point(1, 1), MultiPolygon([box(0, 0, 1, 1)])]))
    assert len(read_stream(stream.to_bytes())[0]) == 2


def test_a_coordinate_that_is_not_finite_is_an_error() -> None:
    with pytest.raises(GeometryError, match="finite"):
        pack.GeometryStream().add(LineString([(0, 0), (float("inf"), 1)]))


@given(
    st.lists(
        st.tuples(st.integers(-18_000_000, 18_000_000), st.integers(-9_000_000, 9_000_000)),
        min_size=2,
        max_size=30,
    )
)
def test_any_line_comes_out_on_its_grid(points: list[tuple[int, int]]) -> None:
    stream = pack.GeometryStream()
    stream.add(LineString([(x / pack.GRID, y / pack.GRID) for x, y in points]))
    kept = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
    assert read_stream(stream.to_bytes())[0][0][0] == kept


def unpack_values(data: bytes, shape: tuple[int, int], others: int) -> list[np.ndarray]:
    size = shape[0] * shape[1]
    blocks = []
    for i in range(others + 1):
        low, high = (
            np.frombuffer(data, np.uint8, size, (2 * i + k) * size).astype(np.uint16) for k in (0, 1)
        )
        blocks.append((low | high << 8).reshape(shape))
    reference = np.cumsum(blocks[0], axis=1, dtype=np.uint16)
    return [reference, *(block + reference for block in blocks[1:])]


def test_values_come_out_again_with_what_is_missing() -> None:
    reference = np.array([[1, 65535, 3], [60000, 0, 5]], dtype=np.uint16)
    other = np.array([[0, 2, 65535], [65534, 7, 5]], dtype=np.uint16)
    out = unpack_values(pack.pack_values(reference, [other]), (2, 3), 1)
    assert (out[0] == reference).all() and (out[1] == other).all()


def test_quantised_values_keep_what_is_missing_and_stay_in_range() -> None:
    steps = pack.quantise(np.array([[0.0, 12.4, np.nan, np.inf, -1.0, 1e12]]), 5.0)
    assert steps.tolist() == [[0, 2, 65535, 65535, 65535, 65534]]


@pytest.mark.parametrize(
    ("largest", "levels", "least", "step"),
    [(6_000_000, 60_000, 1, 100), (130, 60_000, 0.1, 0.1), (7_000_000, 2_500, 1, 5_000), (1, 60_000, 1, 1)],
)
def test_steps_are_round_and_fine_enough(largest: float, levels: int, least: float, step: float) -> None:
    assert legend.nice_step(largest, levels, least) == step


def test_a_pack_reads_back_and_names_no_machine() -> None:
    text = pack.pack({"a": "線"}, [("one", b"12"), ("two", b"345")])
    zipped = base64.b64decode(text)
    assert zipped[4:8] == b"\0\0\0\0" and zipped[9] == 255
    plain = gzip.decompress(zipped)
    (length,) = struct.unpack("<I", plain[:4])
    header = json.loads(plain[4 : 4 + length])
    assert header == {"model": {"a": "線"}, "sections": {"one": [0, 2], "two": [2, 3]}}
    assert plain[4 + length :] == b"12345"


def scales_of(whole: Comparison, levels: int = 60_000) -> tuple[legend.Scale, ...]:
    return legend.scales(whole.measures, whole.zone_values, whole.reference_id, levels)


@pytest.fixture(scope="module")
def scales() -> tuple[legend.Scale, ...]:
    return scales_of(made.comparison())


def test_hours_share_a_scale_and_titles_lose_their_hour(scales: tuple[legend.Scale, ...]) -> None:
    assert [s.base for s in scales] == ["jobs_60", "to_qianhai"]
    assert scales[0].hours == {"08:30": 0, "23:00": 2}
    assert (scales[0].title.en, scales[0].title.zh_hant) == ("Jobs within 60 min", "60分鐘內可達職位")


def test_classes_fit_their_colours(scales: tuple[legend.Scale, ...]) -> None:
    for scale in scales:
        assert len(scale.colours) == len(scale.breaks) + 1
        assert len(scale.change_colours) == 2 * len(scale.change_breaks) + 1
        assert scale.change_colours[len(scale.change_breaks)] == palette.NO_CHANGE
        assert list(scale.breaks) == sorted(set(scale.breaks)) and min(scale.breaks) > 0
        assert list(scale.change_breaks) == sorted(set(scale.change_breaks)) and min(scale.change_breaks) > 0


def test_better_is_the_same_colour_for_jobs_and_minutes(scales: tuple[legend.Scale, ...]) -> None:
    jobs, minutes = scales
    assert jobs.change_colours[-1] == minutes.change_colours[0] == palette.BETTER[-1]
    assert jobs.colours[-1] == minutes.colours[0]


def test_a_comparison_without_any_change_has_a_scale() -> None:
    whole = made.comparison()
    same = dict.fromkeys(whole.zone_values, whole.zone_values["committed-2030"])
    for scale in scales_of(dataclasses.replace(whole, zone_values=same)):
        assert scale.change_breaks == (1.0,)


def test_a_comparison_without_any_value_has_a_scale() -> None:
    whole = made.comparison()
    none = {i: np.full_like(v, np.nan) for i, v in whole.zone_values.items()}
    assert all(len(s.breaks) == 1 for s in scales_of(dataclasses.replace(whole, zone_values=none)))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("count", range(2, 8))
def test_a_ramp_darkens_step_by_step(count: int) -> None:
    lights = [luminance(c) for c in palette.sequential(count)]
    assert len(lights) == count and lights == sorted(lights, reverse=True)
    assert all(a / b > 1.1 for a, b in zip(lights, lights[1:], strict=False))


def test_lines_stand_out_from_land_and_sea() -> None:
    for colour in (
        *palette.AXES,
        palette.OTHER_WORKS,
        palette.BOUNDARY,
        palette.CHECKPOINT,
        palette.FOOTPRINT,
        palette.EXISTING,
    ):
        assert contrast(colour, palette.LAND) >= 3
        assert contrast(colour, palette.SEA) >= 3


def test_status_shows_without_colour() -> None:
    drawn = {(s["weight"], s["dash"]) for s in palette.STATUS.values()}
    assert len(drawn) == len(palette.STATUS)


def test_the_boundary_runs_between_the_shores() -> None:
    hong_kong, shenzhen = (basemap.project(g) for g in made.coast())
    line = basemap.river(hong_kong, shenzhen)
    assert line.length > 10_000
    assert shapely.distance(line, hong_kong) < basemap.RIVER_M
    assert basemap.river(hong_kong, None).is_empty


def test_what_lies_beyond_is_neither_land_nor_the_open_sea() -> None:
    page_layers = made.layers()
    base = basemap.prepare(page_layers.coastline, page_layers.districts)
    assert base.not_mapped.contains(Point(114.05, 22.9))
    assert not base.not_mapped.contains(Point(114.05, 22.6))
    assert not base.not_mapped.contains(Point(113.8, 22.3))


def test_zones_stand_row_by_row_from_the_north() -> None:
    squares = gpd.GeoDataFrame(
        geometry=[box(1, 0, 2, 1), box(0, 1, 1, 2), box(0, 0, 1, 1), box(1, 1, 2, 2)], crs=4326
    )
    assert model.zone_order(squares).tolist() == [1, 3, 2, 0]


def test_a_feature_of_many_scenarios_is_kept_once() -> None:
    whole, page_layers = made.comparison(), made.layers()
    shapes = model.shapes_of(whole, page_layers)
    built: dict[str, Any] = model.build(whole, page_layers, scales_of(whole, 600), shapes)[0]
    assert len(built["lines"]) == 3  # Tuen Ma once, the western line as planned and as counterfactual
    assert built["scenarios"][1]["stations"] == built["scenarios"][2]["stations"]
    json.dumps(all_visible(built), allow_nan=False)


def test_a_square_of_both_sides_is_parted_along_the_boundary() -> None:
    page_layers = made.layers()
    base = basemap.prepare(page_layers.coastline, page_layers.districts)
    square = box(114.05, 22.49, 114.1, 22.55)
    both = gpd.GeoDataFrame(
        {"region": ["hk", "sz", "hk"]}, geometry=[square, square, box(114.0, 22.3, 114.01, 22.31)], crs=4326
    )
    south, north, alone = basemap.one_sided(both, base.sides, 6)
    assert south.area + north.area < square.area and south.intersection(north).area < 1e-9
    assert south.centroid.y < north.centroid.y
    assert alone.equals(both.geometry.iloc[2])


@pytest.mark.parametrize(
    ("sizes", "minutes", "wanted"),
    [
        ([1.0, 40.0, 350.0, 12_000.0, 1_450_000.0], False, (1_000.0, 10_000.0, 100_000.0, 1_000_000.0)),
        ([3.0, 70.0], False, (1.0, 10.0)),
        ([0.0, 0.0], False, (1.0,)),
        ([1.5, 12.0, 61.0], True, (2.0, 10.0, 20.0, 40.0)),
        ([1.5, 3.0], True, (2.0,)),
    ],
)
def test_small_changes_have_a_class_beside_large_ones(
    sizes: list[float], minutes: bool, wanted: tuple[float, ...]
) -> None:
    assert legend._change_breaks(np.array(sizes), minutes) == wanted


def test_the_map_opens_on_the_western_line_where_it_was_compared() -> None:
    whole = made.comparison()
    assert list(whole.results)[model._first(whole)] == "western-2035"
    without = {i: r for i, r in whole.results.items() if i != "western-2035"}
    assert model._first(dataclasses.replace(whole, results=without)) == 0  # only a counterfactual builds


def test_a_control_point_of_a_new_line_is_said_to_be_added() -> None:
    row = {"checkpoint_id": "hswrl-qianhai", "name_en": "Qianhai", "regime": "", "open": "", "close": "",
           "status": "existing", "changed": True, "kind": "line", "daily_2025": np.nan}  # fmt: skip
    new, old = (model._checkpoint(row, known) for known in (set(), {"hswrl-qianhai"}))
    assert new["statusName"].en == "added by the scenario" and not new["changed"] and new["inStation"]
    assert old["statusName"].en == "existing" and old["changed"]


def test_works_already_under_way_are_not_counterfactual() -> None:
    row = {"line_id": "a", **made.named("A line"), "axis": "western", "mode": "metro", "added": True, "counterfactual": True,
           "geometry": LineString([(0, 0), (1, 1)])}  # fmt: skip
    rows = [{**row, "status": "construction"}, {**row, "line_id": "b", "status": "planned_official"}]
    under_way, planned = map(model._line, lines_of(made.frame(rows), shipped_region()))
    assert not under_way["counterfactual"]
    assert planned["counterfactual"] and planned["name"].en == "A line (counterfactual)"


def test_a_line_that_nobody_has_decided_to_build_is_named_so() -> None:
    row = {"line_id": "a", **made.named("A line"), "axis": "western", "mode": "metro", "added": True, "counterfactual": False,
           "geometry": LineString([(0, 0), (1, 1)])}  # fmt: skip
    rows = [{**row, "line_id": s, "status": s} for s in ("planned_official", "studied", "concept")]
    found = [model._line(each)["name"] for each in lines_of(made.frame(rows), shipped_region())]
    assert [n.en for n in found] == ["A line", "A line (studied)", "A line (concept)"]
    assert found[2].zh_hant.endswith("（概念）") and found[2].zh_hans.endswith("（概念）")
