"""Named animals: tables, works laid on the ground, ways between cores, patches; answers derived by hand."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from corridor.core.errors import LayerError, MissingColumnError
from corridor.ecology.connectivity.probability import decay_per_m
from corridor.ecology.connectivity.taxa import TaxaLand, TaxaResult, assess_taxa
from corridor.ecology.connectivity.taxon_ground import HomePatches, home_patches, works_cover
from corridor.ecology.connectivity.taxon_tables import WORKS, Taxon, read_taxa
from corridor.ecology.quality.grid import HabitatGrid
from corridor.ecology.works.footprint import empty_footprint, footprint
from corridor.ecology.works.profile import Part, Site, Work
from corridor.schema.catalog import Catalog
from corridor.study.files import StudyFiles
from corridor.study.study import Study
from tests.paths import ROOT

X, Y = 500_000.0, 2_500_000.0
CLASSES = pd.DataFrame(
    [(1, "pond", "wetland"), (2, "field", "farmland"), (3, "sea", "marine")],
    columns=["code", "habitat_id", "group"],
)


def grid(codes: list[list[int]] | np.ndarray) -> HabitatGrid:
    """Cells of 100 m, the south-west corner at (X, Y)."""
    array = np.asarray(codes, dtype=np.uint8)
    return HabitatGrid(array, Affine(100, 0, X, 0, -100, Y + 100 * array.shape[0]), CLASSES, nodata=0)


def frog(**ground: tuple[float, float, float] | None) -> Taxon:
    same = {"pond": 1, "field": 1, "sea": None, "works_surface": 11, "works_viaduct": 3, "works_temporary": 6}
    rows = {k: None if v is None else (v, v, v) for k, v in same.items()} | ground
    return Taxon("frog", 500, ("pond",), 1, rows)


def work(structure: str, points=((150, 0), (150, 100)), sites=()) -> Work:
    course = LineString([(X + a, Y + b) for a, b in points])
    return Work(
        "l", {"en": "L"}, "concept", False, course, {}, (Part("p", structure, 0, course.length),), sites
    )


def cell_box(column: int, row_from_south: int, columns: int = 1, rows: int = 1):
    west, south = X + 100 * column, Y + 100 * row_from_south
    return box(west, south, west + 100 * columns, south + 100 * rows)


def cores(*shapes) -> gpd.GeoDataFrame:
    names = [chr(ord("a") + i) for i in range(len(shapes))]
    return gpd.GeoDataFrame({"core_id": names}, geometry=list(shapes), crs=4547)


def assessed(codes, taxon: Taxon, works=(), core_shapes=None, **options) -> TaxaResult:
    raster = grid(codes)
    shapes = core_shapes or (cell_box(0, 0), cell_box(raster.codes.shape[1] - 1, 0))
    land = TaxaLand(raster, [taxon], cores(*shapes))
    prints = pd.concat([footprint(w) for w in works]) if works else empty_footprint()
    return assess_taxa(land, works, prints, **options)


STRIP = [[1, 2, 1]]  # pond, field, pond: a way one cell wide


def test_a_strip_of_three_cells():
    # two resistors in a row, each the mean of two cells of resistance 1: 1 + 1 = 2 ohm
    (row,) = assessed(STRIP, frog()).resistance.to_dict("records")
    assert (row["from_core"], row["to_core"], row["state"]) == ("a", "b", "connected")
    assert row["ohm_before"] == row["ohm_after"] == pytest.approx(2.0)


def test_a_railway_across_weighs_by_its_width():
    # a formation 16 m wide across a cell of 100 m: 0.84 x 1 + 0.16 x 11 = 2.6; each resistor is (1 + 2.6) / 2,
    # and both together 3.6 ohm
    (row,) = assessed(STRIP, frog(), [work("at_grade")]).resistance.to_dict("records")
    assert row["ohm_before"] == pytest.approx(2.0)
    assert row["ohm_after"] == pytest.approx(3.6)
    assert row["change_ohm"] == pytest.approx(1.6)
    assert row["change_percent"] == pytest.approx(80.0)


def test_a_block_is_walked_around():
    # a depot of 0.5 ha in the middle cell: b = 10 / 12, r = (1 + 5/12) / (1 - 5/12) = 17/7; (1 + 17/7) / 2 twice
    depot = Site("depot", "depot", Point(X + 150, Y + 50), 0.5, True)
    (row,) = assessed(STRIP, frog(), [work("bored_tunnel", sites=(depot,))]).resistance.to_dict("records")
    assert row["ohm_after"] == pytest.approx(24 / 7)


def test_a_block_that_fills_a_cell_is_that_ground():
    # 1 ha of the middle cell: 11, so (1 + 11) / 2 twice: 12 ohm
    depot = Site("depot", "depot", Point(X + 150, Y + 50), 1.0, True)
    (row,) = assessed(STRIP, frog(), [work("bored_tunnel", sites=(depot,))]).resistance.to_dict("records")
    assert row["ohm_after"] == pytest.approx(12.0)


def test_a_strip_that_clips_a_corner_counts_by_its_whole_width():
    # a diagonal touches cells by a corner only; who passes there crosses the whole width
    cover = works_cover(
        grid(np.ones((4, 4))), [w := work("at_grade", ((20, 40), (380, 360)))], footprint(w), "operation"
    )
    shares = cover.strips[WORKS.index("works_surface")]
    assert shares[shares > 0] == pytest.approx(0.16)
    assert cover.cut.sum() == (shares > 0).sum() > 4
    assert cover.taken.sum() * 1e4 == pytest.approx(
        footprint(w).query("permanence == 'permanent'").area.sum()
    )


def test_nothing_built_changes_nothing():
    result = assessed(STRIP, frog())
    assert (result.resistance[["change_ohm", "change_percent"]] == 0).all(axis=None)
    found = result.current("frog")
    assert (found.change == 0).all()
    # one ampere through each cell of the one way
    assert found.before == pytest.approx(np.ones((1, 3)))


def test_a_tunnel_stops_nobody_but_its_shaft_does():
    (row,) = assessed(STRIP, frog(), [work("bored_tunnel")]).resistance.to_dict("records")
    assert row["change_ohm"] == 0
    (row,) = assessed(STRIP, frog(), [work("immersed_tunnel")]).resistance.to_dict("records")
    assert row["change_ohm"] == 0
    shaft = Site("shaft", "shaft", Point(X + 150, Y + 50), 0.2, True)
    (row,) = assessed(STRIP, frog(), [work("bored_tunnel", sites=(shaft,))]).resistance.to_dict("records")
    assert row["change_ohm"] > 0


def test_temporary_works_count_while_building_only():
    trench = [work("cut_and_cover")]
    (after,) = assessed(STRIP, frog(), trench).resistance.to_dict("records")
    assert after["change_ohm"] == 0
    # a trench 30 m wide: 0.7 x 1 + 0.3 x 6 = 2.5, so 3.5 ohm
    (building,) = assessed(STRIP, frog(), trench, stage="building").resistance.to_dict("records")
    assert building["ohm_after"] == pytest.approx(3.5)


def test_works_lower_no_resistance():
    bad_ground = frog(field=(50.0, 50.0, 50.0))
    (row,) = assessed(STRIP, bad_ground, [work("at_grade")]).resistance.to_dict("records")
    assert row["change_ohm"] == 0


def test_animals_go_round_where_they_can():
    # a bank across one of two ways leaves the other: the change is smaller than across the only one
    two_ways = [[1, 2, 1], [3, 3, 3], [1, 2, 1]]
    shapes = (cell_box(0, 0, 1, 3), cell_box(2, 0, 1, 3))
    south = assessed(two_ways, frog(), [work("embankment")], shapes).resistance.iloc[0]
    # both ways 2 ohm, together 1; the southern with 0.3 x 11 + 0.7 = 4 in the middle: 5 ohm; 1 / (1/2 + 1/5)
    assert south["ohm_before"] == pytest.approx(1.0)
    assert south["ohm_after"] == pytest.approx(10 / 7)
    current = assessed(two_ways, frog(), [work("embankment")], shapes).current("frog")
    assert current.before[[0, 2], 1] == pytest.approx([0.5, 0.5])
    assert current.after[[0, 2], 1] == pytest.approx([5 / 7, 2 / 7])


def test_sea_is_a_barrier_or_a_way_by_animal():
    codes = [[1, 3, 1]]
    (shut,) = assessed(codes, frog()).resistance.to_dict("records")
    assert shut["state"] == "apart" and np.isinf(shut["ohm_before"]) and shut["change_ohm"] == 0
    # 2.5 + 2.5 ohm over a cell of 4
    (way,) = assessed(codes, frog(sea=(4.0, 4.0, 4.0))).resistance.to_dict("records")
    assert way["ohm_before"] == pytest.approx(5.0)


def test_cases_run_from_low_to_high():
    taxon = frog(field=(1.0, 2.0, 4.0), works_surface=(5.0, 11.0, 21.0))
    table = assessed(STRIP, taxon, [work("at_grade")], cases=("low", "central", "high")).resistance
    # 1 + r: 2, 3 and 5 ohm before
    assert list(table["ohm_before"]) == pytest.approx([2.0, 3.0, 5.0])
    assert table["ohm_after"].is_monotonic_increasing


def test_cores_without_the_animals_habitat_are_left_out_and_said():
    result = assessed([[1, 2, 0]], frog(), core_shapes=(cell_box(0, 0), cell_box(1, 0), cell_box(2, 0)))
    states = dict(zip(result.cores["core_id"], result.cores["state"], strict=True))
    assert states["a"] == "used"
    assert "left out" in states["b"] and "left out" in states["c"]
    assert result.resistance.empty


STRUCTURES = ("bored_tunnel", "viaduct", "at_grade", "embankment")


@settings(max_examples=25)
@given(
    codes=st.lists(st.lists(st.sampled_from([1, 2]), min_size=6, max_size=6), min_size=5, max_size=5),
    north=st.integers(0, 500),
    south=st.integers(0, 500),
)
def test_tunnel_viaduct_bank_in_this_order(codes, north, south):
    codes = [[1, *row[1:-1], 1] for row in codes]
    shapes = (cell_box(0, 0, 1, 5), cell_box(5, 0, 1, 5))
    land = TaxaLand(grid(codes), [frog()], cores(*shapes))
    ohm = []
    for structure in STRUCTURES:
        built = work(structure, ((south + 20, 0), (north + 20, 500)))
        ohm.append(assess_taxa(land, [built], footprint(built)).resistance["ohm_after"].iloc[0])
    before = assess_taxa(land, [], empty_footprint()).resistance["ohm_after"].iloc[0]
    assert before == ohm[0]
    assert np.all(np.diff(ohm) >= -1e-9)


# --- tables ---

TAXA_ROW = {
    "taxon_id": "frog", "name_en": "Frog", "scientific": "Rana", "kind": "amphibian",
    "median_dispersal_m": 500, "maximum_dispersal_m": 5000, "core_habitats": "pond", "minimum_patch_ha": 1,
    "dispersal_source": "x", "habitat_source": "x",
}  # fmt: skip
HABITATS = ["pond", "field", "sea"]


def resistance_frame(**changed) -> pd.DataFrame:
    rows = [("frog", g, 1.0, 2.0, 3.0, 0) for g in (*HABITATS, *WORKS)]
    table = pd.DataFrame(rows, columns=["taxon_id", "ground", "low", "central", "high", "barrier"])
    for column, value in changed.items():
        table.loc[1, column] = value
    return table


def told(error) -> str:
    return " ".join(str(p) for p in error.value.problems)


def test_a_missing_class_is_named_with_file_and_remedy():
    short = resistance_frame().query("ground not in ['sea', 'works_viaduct']")
    with pytest.raises(LayerError) as error:
        read_taxa(pd.DataFrame([TAXA_ROW]), short, HABITATS)
    assert "ecology/resistance.csv, frog" in told(error)
    assert "no row for sea, works_viaduct" in told(error)
    assert "add it to ecology/resistance.csv" in told(error)


def test_animals_that_fly_are_refused():
    with pytest.raises(LayerError) as error:
        read_taxa(pd.DataFrame([TAXA_ROW | {"kind": "flying"}]), resistance_frame(), HABITATS)
    assert "ecology/taxa.csv, frog" in told(error) and "flight paths and roosts" in told(error)


def test_all_faults_of_the_tables_at_once():
    row = TAXA_ROW | {"kind": "plant", "core_habitats": "pond moor", "maximum_dispersal_m": 100}
    with pytest.raises(LayerError) as error:
        read_taxa(pd.DataFrame([row]), resistance_frame(), HABITATS)
    assert len(error.value.problems) == 3
    with pytest.raises(LayerError) as error:
        read_taxa(pd.DataFrame([TAXA_ROW]), resistance_frame(low=5.0), HABITATS)
    assert "field: 5, 2, 3" in told(error)
    with pytest.raises(MissingColumnError):
        read_taxa(pd.DataFrame([TAXA_ROW]), resistance_frame().drop(columns="high"), HABITATS)


def test_a_viaduct_may_not_stop_more_than_a_bank():
    table = resistance_frame()
    table.loc[table["ground"] == "works_viaduct", ["low", "central", "high"]] = 50.0
    with pytest.raises(LayerError) as error:
        read_taxa(pd.DataFrame([TAXA_ROW]), table, HABITATS)
    assert "works_viaduct <= works_surface" in told(error)


def test_barriers_are_read():
    table = resistance_frame(low=np.nan, central=np.nan, high=np.nan, barrier=1)
    (taxon,) = read_taxa(pd.DataFrame([TAXA_ROW]), table, HABITATS)
    assert taxon.resistances["field"] is None and np.isnan(taxon.resistance("field", "high"))
    assert taxon.resistance("pond", "high") == 3.0


def test_cores_need_names():
    with pytest.raises(LayerError):
        TaxaLand(grid(STRIP), [frog()], cores(cell_box(0, 0)))


# --- patches ---


def homes(codes, taxon: Taxon | None = None) -> HomePatches:
    return home_patches(grid(codes), taxon or frog())


def test_two_ponds_by_hand():
    # 2 ha and 1 ha, 200 m of field between; at a median of 200 m p = 1/2, at 100 m 1/4
    found = homes([[1, 1, 2, 2, 1]])
    assert found.area_ha.tolist() == [2, 1]
    assert found.links.to_numpy().tolist() == [[1, 2, 200]]
    pc = found.graph.pc([decay_per_m(200), decay_per_m(100)])
    assert pc == pytest.approx([4 + 1 + 2 * 2 * 1 / 2, 4 + 1 + 2 * 2 * 1 / 4])
    # IIC: one step within 200 m, none within 199
    assert found.graph.iic(200) == pytest.approx(4 + 1 + 2 * 2 * 1 / 2)
    assert found.graph.iic(199) == pytest.approx(4 + 1)


def test_a_stepping_stone_by_hand():
    # three ponds of 1 ha with gaps of 100 m; the outer two are 300 m apart, 200 m by way of the middle one
    taxon = replace(frog(), median_dispersal_m=100)
    worth = homes([[1, 2, 1, 2, 1]], taxon).importance().loc[1]
    # p: 1/2, 1/2, 1/4; PC = 3 + 2 (1/2 + 1/2 + 1/4) = 5.5; without the middle 2 + 2 x 1/8 = 2.25
    assert worth["d_percent"] == pytest.approx(100 * (5.5 - 2.25) / 5.5)
    # intra 1, flux 2 (1/2 + 1/2) = 2, connector what is left: 2 (1/4 - 1/8)
    shares = worth[["intra_percent", "flux_percent", "connector_percent"]].to_numpy(float)
    assert shares == pytest.approx(100 * np.array([1, 2, 0.25]) / 5.5)


@settings(max_examples=30)
@given(codes=st.lists(st.lists(st.sampled_from([1, 2, 2]), min_size=7, max_size=7), min_size=7, max_size=7))
def test_patches_are_worth_what_their_loss_costs(codes):
    taxon = replace(frog(), median_dispersal_m=150)
    found = homes(codes, taxon)
    if not found.patches.count:
        return
    whole = found.numerators.loc[150, "pc"]
    for k, worth in enumerate(found.importance()["d_percent"]):
        rest = np.array(codes)
        rest[found.patches.labels == k + 1] = 2
        assert worth == pytest.approx(100 * (1 - homes(rest, taxon).numerators.loc[150, "pc"] / whole))


def test_small_patches_are_no_home():
    codes = [[1, 1, 2, 1]]
    raster = grid(codes)
    big = Taxon("b", 500, ("pond",), 2, frog().resistances)
    assert home_patches(raster, big).area_ha.tolist() == [2]
    any_size = replace(big, minimum_patch_ha=0.0)
    assert home_patches(raster, any_size).area_ha.tolist() == [2, 1]  # the field between them is no patch


def test_area_is_lost_exactly():
    # 16 m x 100 m of the middle cell of a pond of 3 ha; the bank parts it, the rest of the cell stays with a piece
    built = work("at_grade")
    raster = grid([[1, 1, 1]])
    after = home_patches(raster, frog(), works_cover(raster, [built], footprint(built)))
    assert after.patches.count == 2
    assert after.area_ha.sum() == pytest.approx(3 - 0.16)
    assert after.links["distance_m"].tolist() == [100]


def test_a_viaduct_takes_piers_and_parts_nothing():
    built = work("viaduct")
    raster = grid([[1, 1, 1]])
    after = home_patches(raster, frog(), works_cover(raster, [built], footprint(built)))
    piers = footprint(built).query("permanence == 'permanent'")["area_ha"].sum()
    assert after.patches.count == 1
    assert after.area_ha.sum() == pytest.approx(3 - piers)


def test_nothing_built_leaves_patches_as_they_are():
    table = assessed(STRIP, frog()).patches
    assert list(table["distance_m"]) == [500, 1000, 5000, 10000]
    assert list(table["own"]) == [True, False, False, False]
    assert (table.filter(like="change") == 0).all(axis=None)
    assert table["eca_ha_before"].iloc[0] == pytest.approx(np.sqrt(2 + 2 * 2 ** (-100 / 500)))
    assert assessed(STRIP, frog()).worthiest("frog").empty


def test_the_worthiest_patches_near_the_works():
    codes = [[1, 1, 2, 1, 2, 1] + [2] * 30 + [1]]
    built = work("at_grade", ((250, 0), (250, 100)))
    result = assessed(codes, frog(), [built])
    table = result.worthiest("frog", near_m=300)
    assert set(table["area_ha"]) == {2, 1} and len(table) == 3  # the far pond is not near
    assert table["dpc_percent"].is_monotonic_decreasing
    assert table["x_m"].iloc[0] == X + 100  # the middle of the first two cells
    assert result.worthiest("frog", near_m=300, most=1).equals(table.iloc[:1])


# --- the bundled land ---


@pytest.fixture(scope="module")
def real(study: Study) -> TaxaLand:
    """That of the study, which reviews of the same process use too."""
    assert study.nature.taxa
    return study.nature.taxa


def test_bundled_tables_name_their_sources():
    taxa = Catalog.bundled().table("taxa")
    assert {"eurasian-otter", "chinese-bullfrog"} <= set(taxa["taxon_id"])
    assert taxa["source"].notna().all() and taxa["dispersal_source"].notna().all()
    assert set(Catalog.bundled().table("taxon_resistance")["source"]) == {"assumption"}


def test_real_cores(real: TaxaLand):
    assert len(real.cores) == 9
    used = real.core_tables.query("state == 'used'").groupby("taxon_id").size()
    assert used["eurasian-otter"] == 9
    assert used.min() >= 8  # frogs have no habitat mapped at Futian
    area = real.core_tables.set_index(["taxon_id", "core_id"])["area_ha"]
    assert 300 < area["eurasian-otter", "mai-po"] < 450  # within the SSSI of 427 ha


@pytest.fixture(scope="module")
def page(study: Study, real: TaxaLand) -> dict:
    """The example of the docs, run; the land that it builds is that of the study, whose paths without works are known."""

    def known(grid: HabitatGrid, taxa: tuple[Taxon, ...], core_shapes: gpd.GeoDataFrame) -> TaxaLand:
        assert np.array_equal(grid.codes, real.grid.codes) and grid.transform == real.grid.transform
        assert list(taxa) == [land.taxon for land in real.each.values()] and core_shapes is real.cores
        return real

    names: dict = {}
    text = (ROOT / "docs" / "connectivity.md").read_text(encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StudyFiles, "bundled", classmethod(lambda cls, kept=None: study))
        patch.setattr("corridor.ecology.connectivity.taxa.TaxaLand", known)
        exec(text.split("```python")[1].split("```")[0], names)
    return names


def test_real_scenarios(study: Study, real: TaxaLand, page: dict):
    works = study.works("ecology-first")
    first = assess_taxa(real, works, pd.concat([footprint(w) for w in works]))
    both = {"central-2035": page["result"], "ecology-first": first}
    for found in both.values():
        assert (found.resistance["change_ohm"] > -1e-6).all()
        assert set(found.resistance["state"]) == {"connected"}
        assert (found.patches["eca_change_ha"] <= 1e-6).all()
        assert (found.patches["eca_ha_before"] <= found.patches["habitat_ha_before"]).all()
        assert len(found.headline()) == len(real.each)
    central, first = (
        f.resistance.query("case == 'central'").groupby("taxon_id")["change_percent"].max()
        for f in both.values()
    )
    assert 1 < central["eurasian-otter"] < 50  # the surface sites between Sam Po Shue and Hoo Hok Wai
    assert (first < 2).all()  # the same lines with their sites moved out of the ponds
    assert (first <= central + 0.5).all()
    change = [f.patches[f.patches["own"]].set_index("taxon_id")["eca_change_ha"] for f in both.values()]
    assert -2 < change[0]["eurasian-otter"] < 0 == change[1]["eurasian-otter"]
    near = both["ecology-first"].worthiest("eurasian-otter")
    assert near["dpc_percent"].iloc[0] > 30  # the ponds of Deep Bay
    parts = near[["intra_percent", "flux_percent", "connector_percent"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(near["dpc_percent"].to_numpy())


def test_the_example_of_the_docs_runs(page: dict):
    head = page["result"].headline()
    assert list(head["taxon_id"]) == [t.taxon_id for t in page["taxa"]]
    # the table of the page: what gets hardest on the central line, in per cent, central case
    ways = page["result"].resistance.query("case == 'central'").groupby("taxon_id")["change_percent"].max()
    assert ways["eurasian-otter"] == pytest.approx(3.3, abs=0.05)
    assert ways["chinese-bullfrog"] == pytest.approx(3.4, abs=0.06)
