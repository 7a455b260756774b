"""Patches, indices of fragmentation, and what works cut: by hand, equal to FRAGSTATS 4, and on bad input.

The values of FRAGSTATS 4 (8 neighbours, edge depth of one cell; the border is no edge to TE and ED, and one to cores) are those published with the
R package landscapemetrics for its 30 x 30 example landscape (Hesselbarth et al. 2019, Ecography 42:1648-1657).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial import cKDTree
from shapely.geometry import LineString, box
from shapely.geometry.base import BaseGeometry

from corridor.core.errors import LayerError, MissingColumnError
from corridor.ecology.fragmentation.fragmentation import FragmentationChange, FragmentedLand
from corridor.ecology.fragmentation.metrics import cross_boundary_mesh, landscape_metrics, mesh
from corridor.ecology.fragmentation.patches import core_cells, label_patches, patch_links
from corridor.ecology.quality.grid import HabitatGrid
from corridor.ecology.works.footprint import empty_footprint
from tests.paths import DATA

X, Y, CELL = 500_000.0, 2_500_000.0, 100.0
CLASSES = pd.DataFrame(
    {"code": [1, 2, 3], "habitat_id": ["pond", "wood", "town"], "group": ["wetland", "woodland", "built"]}
)
masks = arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9)))


def reference_landscape() -> np.ndarray:
    lines = (DATA / "fragstats_landscape.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.split(",")[1].split() for line in lines if line[0].isdigit()]
    runs = [[run.split("x") for run in row] for row in rows]
    return np.array([[int(c) for c, n in row for _ in range(int(n))] for row in runs])


# Class: CA (ha), NP, LPI, TE (m), TCA (ha), NDCA, MESH (ha), DIVISION, SPLIT; cells of 1 m.
FRAGSTATS = {
    "1": (0.0184, 9, 8.8889, 181, 0.0076, 5, 0.0013, 0.9853, 68.0558),
    "2": (0.0234, 13, 7.5556, 203, 0.0089, 6, 0.0012, 0.9867, 75.4612),
    "3": (0.0482, 6, 17.6667, 296, 0.0234, 8, 0.0069, 0.9237, 13.1059),
    "all": (0.0900, 28, 17.6667, 340, 0.0399, 19, 0.0094, 0.8958, 9.5926),
}
DENSITY = {  # PD per 100 ha, ED in m/ha
    "1": (10_000, 2011.1111), "2": (14_444.4444, 2255.5556), "3": (6_666.6667, 3288.8889),
    "all": (31_111.1111, 3777.7778),
}  # fmt: skip
COLUMNS = [
    "area_ha", "patches", "largest_patch_percent", "edge_m", "core_ha", "core_areas", "mesh_ha", "division",
    "split",
]  # fmt: skip


@pytest.mark.parametrize("group", FRAGSTATS)
def test_equal_to_fragstats(group: str) -> None:
    table = landscape_metrics(reference_landscape(), 1.0, 8, nodata=None).set_index("group")
    assert table.loc[group, COLUMNS].to_numpy(dtype=float) == pytest.approx(FRAGSTATS[group], abs=5.1e-5)
    density = table.loc[group, ["patches_per_100_ha", "edge_m_per_ha"]].to_numpy(dtype=float)
    assert density == pytest.approx(DENSITY[group], abs=5.1e-5)


def test_patch_areas_and_nearest_neighbours_equal_to_fragstats() -> None:
    # AREA (m2), CORE (m2) and ENN (m, middle to middle) of the six patches of class 3, in reading order.
    patches = label_patches(reference_landscape() == 3, 8)
    assert (patches.area_ha(1.0) * 10_000).tolist() == pytest.approx([9, 159, 40, 148, 113, 13])
    core = core_cells(patches.labels > 0, 1.0, 1.0)
    assert np.bincount(patches.labels[core], minlength=7)[1:].tolist() == [0, 93, 16, 78, 46, 1]
    ones = label_patches(reference_landscape() == 1, 8)
    nearest = patch_links(ones, 1.0, 50.0, between="centres")
    both = pd.concat([nearest, nearest.rename(columns={"a": "b", "b": "a"})])
    found = both.groupby("a")["distance_m"].min().round(4).tolist()
    assert found == [7.0, 2.2361, 4.0, 2.0, 2.0, 5.0, 4.1231, 4.1231, 6.3246]


def test_the_neighbour_rule_moves_the_figures() -> None:
    # The same landscape: with 4 neighbours patches that meet at corners alone are told apart.
    four = landscape_metrics(reference_landscape(), 1.0, 4, nodata=None).set_index("group")
    eight = landscape_metrics(reference_landscape(), 1.0, 8, nodata=None).set_index("group")
    assert four["patches"].tolist() == [11, 13, 6, 30] and eight["patches"].tolist() == [9, 13, 6, 28]
    assert four.loc["1", "mesh_ha"] < eight.loc["1", "mesh_ha"]
    assert (four["core_ha"] == eight["core_ha"]).all()


def test_mesh_by_hand() -> None:
    # Patches of 3, 4 and 1 ha in 10 ha: squares 26. Mesh 2.6 ha, division 0.74, split 100/26, largest 40 %.
    found = mesh([3, 4, 1], 10)
    assert (found.patches, found.area_ha, found.largest_patch_percent) == (3, 8, 40)
    assert (found.mesh_ha, found.division) == pytest.approx((2.6, 0.74))
    assert found.split == pytest.approx(100 / 26)
    assert mesh([], 10).mesh_ha == 0 and mesh([], 10).split == float("inf")


def test_an_edge_of_a_unit_is_no_barrier_across_it() -> None:
    # 2 ha of a patch of 6 and all of one of 3, in a unit of 5 ha: cut out (4 + 9) / 5 = 2.6, across (12 + 9) / 5 = 4.2.
    assert mesh([2, 3], 5).mesh_ha == pytest.approx(2.6)
    assert cross_boundary_mesh([2, 3], [6, 3], 5) == pytest.approx(4.2)


def test_corners() -> None:
    mask = np.array([[1, 0], [0, 1]], dtype=bool)
    assert label_patches(mask, 4).count == 2 and label_patches(mask, 8).count == 1
    # Two patches that touch at a corner: 0 m from outline to outline, root 2 cells from middle to middle.
    two = label_patches(mask, 4)
    assert patch_links(two, 100.0, 0.0)["distance_m"].tolist() == [0]
    assert patch_links(two, 100.0, 200.0, between="centres")["distance_m"].tolist() == pytest.approx(
        [141.4214]
    )


def test_links_by_hand() -> None:
    # Columns 0, 3 and 8 of one row, cells of 10 m: gaps of 20, 40 and 70 m, of which two are within 40 m.
    mask = np.zeros((1, 9), dtype=bool)
    mask[0, [0, 3, 8]] = True
    found = patch_links(label_patches(mask, 8), 10.0, 40.0)
    assert found.to_numpy().tolist() == [[1, 2, 20], [2, 3, 40]]


@settings(max_examples=20)
@given(
    arrays(
        np.bool_,
        st.tuples(st.integers(1, 45), st.integers(1, 45)),
        elements=st.integers(0, 9).map(lambda v: v == 0),
    ),
    st.sampled_from([4, 8]),
    st.sampled_from(["edges", "centres"]),
    st.floats(0, 30),
)
def test_links_equal_a_search_over_all_points(
    mask: np.ndarray, rule: int, between: str, limit: float
) -> None:
    patches = label_patches(mask, rule)  # type: ignore[arg-type]
    found = patch_links(patches, 1.0, limit, between)  # type: ignore[arg-type]
    points = []
    for n in patches.numbers:
        at = np.argwhere(patches.labels == n).astype(float)
        corners = [at + c for c in ([0, 0], [0, 1], [1, 0], [1, 1])]
        points.append(np.concatenate(corners) if between == "edges" else at)
    expected = {}
    for a in range(patches.count):
        for b in range(a + 1, patches.count):
            away = cKDTree(points[a]).query(points[b])[0].min()
            if away <= limit * (1 + 1e-12):
                expected[a + 1, b + 1] = away
    got = {(int(r.a), int(r.b)): r.distance_m for r in found.itertuples()}
    assert got == pytest.approx(expected)


@given(masks, st.sampled_from([4, 8]))
def test_areas_add_up(mask: np.ndarray, rule: int) -> None:
    patches = label_patches(mask, rule)  # type: ignore[arg-type]
    assert patches.area_ha(100.0).sum() == pytest.approx(mask.sum())
    assert core_cells(mask, 100.0, 100.0).sum() <= mask.sum()


def test_core_by_hand() -> None:
    # 7 x 7 cells of habitat on the whole raster: its border is an edge. Depth one cell leaves 5 x 5, two cells 3 x 3, no
    # depth leaves all. Around a hole in the middle one cell of depth takes its four sides: 25 - 5.
    mask = np.ones((7, 7), dtype=bool)
    assert [core_cells(mask, 10.0, d).sum() for d in (0, 9.9, 10, 20, 40)] == [49, 49, 25, 9, 0]
    mask[3, 3] = False
    assert core_cells(mask, 10.0, 10.0).sum() == 20


def test_the_border_of_the_data_is_an_edge_or_none() -> None:
    # 5 x 5 cells of one class: as FRAGSTATS counts the 3 x 3 in the middle are core, as interior all 25. With the middle of another
    # class: 9 less it and its four sides are 4 corners, 4 cores by sides; as interior 25 less 5 are 20, one core.
    mask = np.ones((5, 5), dtype=bool)
    assert (core_cells(mask, 10.0, 10.0).sum(), core_cells(mask, 10.0, 10.0, "interior").sum()) == (9, 25)
    mask[2, 2] = False
    edge, interior = core_cells(mask, 10.0, 10.0), core_cells(mask, 10.0, 10.0, "interior")
    assert (edge.sum(), label_patches(edge, 4).count) == (4, 4)
    assert (interior.sum(), label_patches(interior, 4).count) == (20, 1)
    # two cells deep the 3 x 3 round the hole is within 2 cells (at most 1.4), and so are the four cells two sides away
    assert (core_cells(mask, 10.0, 20.0).sum(), core_cells(mask, 10.0, 20.0, "interior").sum()) == (0, 12)
    # a column without data is the border too: no cell beside it is core, unless it is interior
    codes = np.array([[1, 1, 1, 0, 1]] * 5)
    table = [
        landscape_metrics(codes, 10.0, 8, nodata=0, border=border).set_index("group")  # type: ignore[arg-type]
        for border in ("edge", "interior")
    ]
    assert [t.loc["1", "core_ha"] for t in table] == [
        0.03,
        0.20,
    ]  # the middle of 3 x 5 cells; all 20 known cells
    assert [t.loc["all", "core_areas"] for t in table] == [1, 2]


def test_counting_the_border_as_interior_is_not_fragstats() -> None:
    table = landscape_metrics(reference_landscape(), 1.0, 8, nodata=None, border="interior").set_index(
        "group"
    )
    assert table.loc["all", "core_ha"] > FRAGSTATS["all"][4] + 5.1e-5
    edge = landscape_metrics(reference_landscape(), 1.0, 8, nodata=None).set_index("group")
    others = [c for c in edge.columns if c not in ("core_ha", "core_areas")]
    pd.testing.assert_frame_equal(table[others], edge[others])


# ---- works -----------------------------------------------------------------------------------------------------------


def land(codes: np.ndarray) -> HabitatGrid:
    rows = codes.shape[0]
    return HabitatGrid(codes.astype(np.uint8), Affine(CELL, 0, X, 0, -CELL, Y + rows * CELL), CLASSES)


def works(
    *rows: tuple[str, str, BaseGeometry], permanence: str = "permanent", site: str = ""
) -> gpd.GeoDataFrame:
    """Footprint rows: line, structure, polygon (metres from the lower left corner)."""
    return gpd.GeoDataFrame(
        [
            {
                "line_id": line,
                "part_id": f"p{i}",
                "site_id": site,
                "structure": structure,
                "permanence": permanence,
            }
            for i, (line, structure, _) in enumerate(rows)
        ],
        geometry=[gpd.GeoSeries([g]).translate(X, Y).iloc[0] for _, _, g in rows],
        crs=4547,
    )


def strip(width_m: float, *points: tuple[float, float]) -> BaseGeometry:
    return LineString(points).buffer(width_m / 2, cap_style="flat")


POND = land(np.ones((5, 10)))  # one patch of 50 cells of 1 ha


def fragmentation_change(grid, prints, *options, **rules) -> FragmentationChange:
    return FragmentedLand(grid, *options, **rules).change(prints)


def test_a_thin_line_cuts() -> None:
    # 10 m wide through the middle of column 4 (of 10), a tenth of each cell: pieces of 4 and 5 columns, the rest of
    # column 4 (0.9 ha each) is as near to both and goes west: 20 + 4.5 and 25. 0.5 ha are taken.
    found = fragmentation_change(POND, works(("a", "at_grade", strip(10, (450, -50), (450, 550)))))
    row = found.groups.set_index("group").loc["wetland"]
    assert (row["patches_before"], row["patches_after"], row["patches_cut"]) == (1, 2, 1)
    assert row["area_ha_change"] == pytest.approx(-0.5)
    cut = found.cut.iloc[0]
    assert (cut["pieces"], cut["lines"], cut["parts"]) == (2, "a", "a:p0")
    assert cut["largest_piece_ha"] + cut["severed_ha"] == pytest.approx(49.5)
    assert cut["taken_ha"] == pytest.approx(0.5)
    assert sorted([cut["largest_piece_ha"], cut["severed_ha"]]) == pytest.approx([24.5, 25])
    assert cut["geometry"].equals(box(X, Y, X + 1000, Y + 500))
    # Mesh over 50 ha: 50 before; what is left of two squares after.
    assert row["mesh_ha_before"] == pytest.approx(50)
    assert row["mesh_ha_after"] == pytest.approx((cut["largest_piece_ha"] ** 2 + cut["severed_ha"] ** 2) / 50)


def test_a_slanting_thin_line_cuts_with_eight_neighbours() -> None:
    slanting = works(("a", "embankment", strip(1, (-50, -20), (1050, 530))))
    for rule in (4, 8):
        assert fragmentation_change(POND, slanting, neighbours=rule).groups.iloc[0]["patches_cut"] == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("structure", ["viaduct", "bridge", "immersed_tunnel", "cut_and_cover"])
def test_what_goes_over_or_under_takes_and_does_not_cut(structure: str) -> None:
    across = works(("a", structure, strip(10, (450, -50), (450, 550))))
    row = fragmentation_change(POND, across).groups.iloc[0]
    assert (row["patches_cut"], row["patches_change"]) == (0, 0)
    assert row["area_ha_change"] == pytest.approx(-0.5)


def test_an_immersed_tunnel_wider_than_a_cell_leaves_the_water_whole() -> None:
    across = works(("a", "immersed_tunnel", strip(150, (450, -50), (450, 550))))
    row = fragmentation_change(POND, across).groups.iloc[0]
    assert row["patches_cut"] == 0 and row["area_ha_change"] == pytest.approx(-7.5)


@pytest.mark.parametrize("permanence", ["shade", "temporary"])
def test_shade_and_temporary_works_change_nothing(permanence: str) -> None:
    across = works(("a", "at_grade", strip(10, (450, -50), (450, 550))), permanence=permanence)
    found = fragmentation_change(POND, across)
    assert_nothing(found.groups)


def test_a_site_that_fills_a_row_cuts_and_a_small_one_does_not() -> None:
    wide = works(("a", "at_grade", box(400, -10, 500, 510)), site="depot")
    found = fragmentation_change(POND, wide)
    assert found.cut.iloc[0]["parts"] == "a:depot"
    assert sorted([found.cut.iloc[0]["largest_piece_ha"], found.cut.iloc[0]["severed_ha"]]) == [20, 25]
    small = works(("a", "at_grade", box(400, -10, 440, 510)), site="depot")
    assert fragmentation_change(POND, small).cut.empty


def test_a_patch_may_be_lost_whole() -> None:
    codes = np.full((5, 10), 3)
    codes[2, 2] = 1
    found = fragmentation_change(land(codes), works(("a", "at_grade", box(200, 200, 300, 300))))
    row = found.groups.set_index("group").loc["wetland"]
    assert (row["patches_lost"], row["patches_after"], row["area_ha_after"]) == (1, 0, 0)
    assert row["split_after"] == float("inf")


def test_core_is_lost_beside_the_line_too() -> None:
    # Core of 5 x 10 cells at one cell: 3 x 8. A line in column 4 takes it and both its sides: 3 x 3 cells.
    row = fragmentation_change(POND, works(("a", "at_grade", strip(10, (450, -50), (450, 550))))).groups.iloc[
        0
    ]
    assert (row["core_ha_before"], row["core_ha_change"]) == (24, -9)


def test_works_on_unknown_ground_are_said() -> None:
    codes = np.ones((5, 10))
    codes[:, 4] = 0  # nodata
    row_and_beyond = works(("a", "at_grade", strip(10, (450, -100), (450, 500))))
    found = fragmentation_change(land(codes), row_and_beyond)
    assert found.not_assessed_ha == pytest.approx(0.6)
    assert_nothing(found.groups)


def assert_nothing(groups: pd.DataFrame) -> None:
    changed = groups[[c for c in groups if c.endswith("_change") or c in ("patches_cut", "patches_lost")]]
    assert (changed.to_numpy(dtype=float) == 0).all()


def test_baseline_against_itself_is_zero() -> None:
    found = fragmentation_change(POND, empty_footprint())
    assert_nothing(found.groups)
    assert found.cut.empty and found.not_assessed_ha == 0


ways = st.lists(st.tuples(st.floats(-100, 1300), st.floats(-100, 1300)), min_size=2, max_size=4, unique=True)


@settings(max_examples=20)
@given(
    arrays(np.uint8, (12, 12), elements=st.integers(0, 3)),
    ways,
    st.floats(1, 250),
    st.sampled_from([4, 8]),
    st.sampled_from(["edge", "interior"]),
)
def test_land_is_only_taken_never_made(
    codes: np.ndarray, points: list[tuple[float, float]], width_m: float, rule: Any, border: Any
) -> None:
    if LineString(points).length < 1:
        return
    shape = strip(width_m, *points)
    grid = land(codes)
    if not grid.known.any():
        return
    found = FragmentedLand(grid, rule, border=border).change(works(("a", "at_grade", shape)))
    groups = found.groups.set_index("group")
    # What is left and what is taken make up what was there, for each group and for all.
    moved = gpd.GeoSeries([shape]).translate(X, Y).iloc[0]
    share = grid.covered(moved)
    for group, habitat in (("wetland", "pond"), ("woodland", "wood")):
        taken = float(share[grid.of([habitat])].sum(dtype=float))
        assert groups.loc[group, "area_ha_change"] == pytest.approx(-taken, abs=1e-4)
    assert (groups["mesh_ha_change"] <= 1e-9).all()
    assert (groups["core_ha_change"] <= 0).all()
    assert (groups["patches_after"] >= groups["patches_before"] - groups["patches_lost"]).all()
    assert found.cut["severed_ha"].sum() == pytest.approx(groups.loc["all", "severed_ha"])
    # Core worked out around the works is the core of the whole grid less that of the land after.
    parted = share > 0
    for group, habitat in (("wetland", "pond"), ("woodland", "wood")):
        now = core_cells(grid.of([habitat]) & ~parted, CELL, CELL, border, grid.known).sum()
        assert groups.loc[group, "core_ha_after"] == now


def test_one_land_serves_many_works_and_order_changes_nothing() -> None:
    first = ("a", "at_grade", strip(10, (250, -50), (250, 550)))
    second = ("b", "embankment", strip(10, (750, -50), (750, 550)))
    shared = FragmentedLand(POND)
    one, two = shared.change(works(first, second)), shared.change(works(second, first))
    pd.testing.assert_frame_equal(one.groups, two.groups)
    assert one.cut.iloc[0]["pieces"] == 3
    assert set(one.cut.iloc[0]["lines"].split()) == {"a", "b"}
    pd.testing.assert_frame_equal(
        shared.change(works(first)).groups, fragmentation_change(POND, works(first)).groups
    )


# ---- bad input -------------------------------------------------------------------------------------------------------


def test_bad_rasters_are_named() -> None:
    with pytest.raises(LayerError, match="neighbours: 6; expected 4"):
        label_patches(np.ones((2, 2), dtype=bool), 6)  # type: ignore[arg-type]
    with pytest.raises(LayerError) as caught:
        label_patches(np.ones((0, 3)), 5)  # type: ignore[arg-type]
    assert len(caught.value.problems) == 3  # no cell, no boolean, no rule
    with pytest.raises(LayerError, match="nothing but nodata"):
        landscape_metrics(np.zeros((3, 3), dtype=np.uint8), 30.0, 8, nodata=0)
    with pytest.raises(LayerError, match="give nodata a code of its own"):
        landscape_metrics(np.full((3, 3), np.nan), 30.0, 8, nodata=0)
    with pytest.raises(LayerError, match="cell_m: 0"):
        landscape_metrics(np.ones((3, 3), dtype=int), 0, 8, nodata=None)
    with pytest.raises(LayerError, match="border: 'sea'; expected 'edge'"):
        core_cells(np.ones((2, 2), dtype=bool), 1.0, 1.0, "sea")  # type: ignore[arg-type]
    with pytest.raises(LayerError, match=r"known: shape \(1, 2\)"):
        core_cells(np.ones((2, 2), dtype=bool), 1.0, 1.0, "interior", np.ones((1, 2), dtype=bool))
    with pytest.raises(LayerError, match="limit_m: nan"):
        patch_links(label_patches(np.ones((2, 2), dtype=bool), 8), 1.0, float("nan"))


def test_bad_areas_are_named() -> None:
    with pytest.raises(LayerError, match="1 of 2 patches with an area below 0"):
        mesh([1, -1], 5)
    with pytest.raises(LayerError, match="less than the patches"):
        mesh([4, 4], 5)
    with pytest.raises(LayerError, match="a part larger than its patch"):
        cross_boundary_mesh([3], [2], 5)


def test_bad_works_and_land_without_habitat_are_named() -> None:
    with pytest.raises(LayerError, match="none but built-up land"):
        FragmentedLand(replace(POND, classes=POND.classes.assign(group="built")))
    with pytest.raises(MissingColumnError, match="no column structure"):
        fragmentation_change(POND, empty_footprint().drop(columns="structure"))
    across = works(("a", "at_grade", strip(10, (450, -50), (450, 550))))
    with pytest.raises(LayerError, match="EPSG:2326"):
        fragmentation_change(POND, across.set_crs(2326, allow_override=True))
