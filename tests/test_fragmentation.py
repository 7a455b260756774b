"""Patches, mesh and core area: FRAGSTATS on a published landscape, small cases by hand, what always holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely.geometry import LineString

from corridor.ecology import Part, Work, footprint
from corridor.ecology.fragmentation import METRICS, fragmentation_change, label_patches, landscape_metrics
from corridor.ecology.grid import HabitatGrid
from corridor.ecology.taxon_ground import works_cover
from corridor.errors import LayerError
from corridor.study import Study

# The class of each of 30 x 30 cells of 1 m of the example landscape of landscapemetrics (Hesselbarth and others 2019),
# and what FRAGSTATS 4 says of it with 8 neighbours, as published with that package: numbers only.
LANDSCAPE = """
133332333333333333333313333333
223322333333333333333113333333
223323333333333333331111133333
223223333333333111111111133333
222223333333311111111111333322
222223333333211111111113333322
222223333333221111111113333222
122223333333222111111111333222
122333333333222113311112222222
112333333333223333331222222222
133333333333223333111222222222
333333233322222331113222222222
333333233222233331113222222222
333333333322333111113333322333
113333333331113311333333333333
111113333311111333333333333333
111111333211113333333333333333
331111131111113333333333333333
231111111111113333333333333332
333111111111133333333223333332
333311111111121331133233333332
333332331113331111113233333333
333333331333331111112223333333
333333313333323122222222222222
333333333333323322222222222233
333333233333333322222222222333
333322232221333332222222221333
333322222222222333222222211322
333332222222222333312222211322
333331222222223333331122233322
"""
FRAGSTATS = {
    "area_ha": 0.09, "patches": 28, "largest_patch_percent": 17.6667, "edge_m": 340, "core_area_ha": 0.0399,
    "core_areas": 19, "division": 0.8958, "mesh_ha": 0.0094, "splitting_index": 9.5926,
}  # fmt: skip


def landscape() -> np.ndarray:
    return np.array([[int(c) for c in row] for row in LANDSCAPE.split()], dtype=np.uint8)


@pytest.mark.parametrize(("metric", "published"), FRAGSTATS.items())
def test_the_published_landscape_as_fragstats_has_it(metric: str, published: float) -> None:
    found = landscape_metrics(landscape(), 1.0).loc["all", metric]
    digits = len(str(published).partition(".")[2])
    assert round(found, digits) == published


def test_the_neighbour_rule_matters() -> None:
    eight, four = (landscape_metrics(landscape(), 1.0, neighbours=n).loc["all", "patches"] for n in (8, 4))
    assert four > eight == 28


def test_metrics_by_hand() -> None:
    # 4 x 4 cells of 100 m (1 ha): class 1 holds a block of 3 x 3 and a corner cell that touches it, class 2 the rest
    codes = np.array([[1, 1, 1, 2], [1, 1, 1, 2], [1, 1, 1, 2], [2, 2, 2, 1]])
    one = landscape_metrics(codes, 100.0).loc[1]
    assert (one["patches"], one["area_ha"]) == (1, 10)
    assert one["mesh_ha"] == pytest.approx(10 * 10 / 16)
    assert one["division"] == pytest.approx(1 - (10 / 16) ** 2)
    assert one["splitting_index"] == pytest.approx(2.56)
    assert one["core_area_ha"] == 1  # the middle of the block; its other cells lie at an edge
    assert one["edge_m"] == 800  # six sides of the block and two of the corner cell
    four = landscape_metrics(codes, 100.0, neighbours=4).loc[1]
    assert four["patches"] == 2
    assert four["mesh_ha"] == pytest.approx((81 + 1) / 16)


def test_what_is_not_assessed_is_no_class_and_no_area() -> None:
    codes = np.array([[0, 1], [1, 2]])
    frame = landscape_metrics(codes, 100.0, nodata=0)
    assert list(frame.index) == [1, 2, "all"]
    assert frame.loc["all", "area_ha"] == 3
    assert frame.loc[1, "mesh_ha"] == pytest.approx(4 / 3)  # the two cells touch at a corner
    assert frame.loc["all", "edge_m"] == 200  # sides to no data do not count


def test_nothing_known_is_an_empty_table_with_its_columns() -> None:
    frame = landscape_metrics(np.zeros((3, 3), int), 10.0, nodata=0)
    assert frame.empty and list(frame.columns) == list(METRICS)


@pytest.mark.parametrize(
    ("raster", "rule", "says"), [(np.ones(3), 8, "rows x columns"), (np.ones((2, 2)), 6, "4 or 8")]
)
def test_what_cannot_be_measured_is_named(raster: np.ndarray, rule: int, says: str) -> None:
    with pytest.raises(LayerError, match=says):
        landscape_metrics(raster, 1.0, neighbours=rule)


@settings(deadline=None, max_examples=60)
@given(arrays(np.uint8, (7, 6), elements=st.integers(0, 3)))
def test_what_always_holds(codes: np.ndarray) -> None:
    frame = landscape_metrics(codes, 100.0, nodata=0)
    if frame.empty:
        return
    known = (codes > 0).sum()
    parts = frame.drop("all")
    assert frame.loc["all", "area_ha"] == known == parts["area_ha"].sum()
    assert frame.loc["all", "mesh_ha"] == pytest.approx(parts["mesh_ha"].sum())
    assert (frame["mesh_ha"] <= known + 1e-9).all() and (frame["division"] >= -1e-12).all()
    assert frame["splitting_index"].to_numpy() == pytest.approx(1 / (1 - frame["division"].to_numpy()))
    four = landscape_metrics(codes, 100.0, nodata=0, neighbours=4)
    assert (four["patches"] >= frame["patches"]).all() and (four["mesh_ha"] <= frame["mesh_ha"] + 1e-9).all()


# --- works -------------------------------------------------------------------------------------------

X, Y = 500_000.0, 2_500_000.0
CLASSES = pd.DataFrame(
    [(1, "woodland", "woodland"), (13, "built_up", "built")], columns=["code", "habitat_id", "group"]
)


def wood() -> HabitatGrid:
    """10 x 10 cells of 100 m, all wood."""
    return HabitatGrid(np.ones((10, 10), np.uint8), Affine(100, 0, X, 0, -100, Y + 1000), CLASSES)


def across(structure: str) -> Work:
    """A line through the middle of the fifth column, from south to north."""
    course = LineString([(X + 450, Y), (X + 450, Y + 1000)])
    return Work("l", {"en": "Line"}, "concept", False, course, {}, (Part("p", structure, 0, 1000.0),))


def changed(structure: str, neighbours: int = 8):
    work, grid = across(structure), wood()
    cover = works_cover(grid, [work], footprint(work))
    return fragmentation_change(grid, [work], cover, ["woodland"], neighbours)


def test_a_narrow_railway_on_the_ground_cuts_a_patch() -> None:
    # 16 m of formation on cells of 100 m: the fifth column is cut, 40 ha stay west of it and 50 ha east
    change = changed("at_grade")
    row = change.metrics.iloc[0]
    assert (row["patches_before"], row["patches_after"]) == (1, 2)
    assert row["mesh_ha_before"] == 100 and row["mesh_ha_after"] == pytest.approx((40**2 + 50**2) / 100)
    cut = change.cut.iloc[0]
    assert (cut["pieces"], cut["largest_piece_ha"], cut["cut_off_ha"], cut["line_ids"]) == (2, 50, 40, "l")
    assert cut["geometry"].area == pytest.approx(1e6)


def test_a_viaduct_takes_piers_and_cuts_nothing() -> None:
    change = changed("viaduct")
    taken = footprint(across("viaduct")).query("permanence == 'permanent'")["area_ha"].sum()
    assert change.cut.empty
    assert change.metrics["area_ha_change"].iloc[0] == pytest.approx(
        -taken, rel=5e-3
    )  # the last pier stands over the edge


def test_a_bored_tunnel_changes_nothing_at_all() -> None:
    change = changed("bored_tunnel")
    assert change.cut.empty
    assert (change.metrics.filter(like="_change") == 0).all(axis=None)


def test_no_works_change_nothing_on_the_real_land() -> None:
    study = Study.bundled()
    grid = study.nature.grid
    cover = works_cover(grid, [], footprint(across("bored_tunnel")))
    change = fragmentation_change(grid, [], cover)
    assert (change.metrics.filter(like="_change") == 0).all(axis=None)
    assert change.cut.empty and len(change.metrics) == 6


def test_the_share_of_a_cell_counts() -> None:
    share = np.array([[1.0, 0.25], [0.0, 0.0]])
    patches = label_patches(np.array([[True, True], [False, False]]), 100.0, 8, share)
    assert patches.area_ha == pytest.approx([1.25])
