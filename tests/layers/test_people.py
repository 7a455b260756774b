"""The bundled people layers: totals, the grid, land and water, anchors, build-out, income, facilities."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Polygon, STRtree, contains_xy, points

from corridor.core.crs import project, project_xy
from tests.paths import ROOT

LAYERS = ROOT / "layers"
X0, Y0, CELL = 460_000, 2_430_000, 250

# 2021 census (sums to the 211 groups' 7,411,945) and 2020 census (ten districts).
CENSUS = {
    "hk-central-and-western": 235_953, "hk-wan-chai": 166_695, "hk-eastern": 529_603, "hk-southern": 263_278,
    "hk-yau-tsim-mong": 310_647, "hk-sham-shui-po": 431_090, "hk-kowloon-city": 410_634,
    "hk-wong-tai-sin": 406_802, "hk-kwun-tong": 673_166, "hk-kwai-tsing": 495_798, "hk-tsuen-wan": 320_094,
    "hk-tuen-mun": 506_879, "hk-yuen-long": 668_080, "hk-north": 309_631, "hk-tai-po": 316_470,
    "hk-sha-tin": 692_806, "hk-sai-kung": 489_037, "hk-islands": 185_282,
    "sz-futian": 1_553_225, "sz-luohu": 1_143_801, "sz-yantian": 214_225, "sz-nanshan": 1_795_826,
    "sz-baoan": 4_476_554, "sz-longgang": 3_979_037, "sz-longhua": 2_528_872, "sz-pingshan": 551_333,
    "sz-guangming": 1_095_289, "sz-dapeng": 156_236,
}  # fmt: skip
# Workers by place of work, 2016 by-census: the nine urban districts, and all with a fixed place.
WORK = {
    "hk-central-and-western": 346_459, "hk-wan-chai": 254_869, "hk-eastern": 203_870, "hk-southern": 74_478,
    "hk-yau-tsim-mong": 358_450, "hk-sham-shui-po": 163_234, "hk-kowloon-city": 142_996,
    "hk-wong-tai-sin": 68_169, "hk-kwun-tong": 290_983,
}  # fmt: skip
WITH_A_PLACE = 3_755_956 - 897_904


@pytest.fixture(scope="module")
def cells() -> pd.DataFrame:
    return pd.read_csv(LAYERS / "people" / "cells.csv")


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    frame = gpd.read_file(LAYERS / "people" / "development_areas.geojson")
    return frame.set_geometry(gpd.GeoSeries(project(frame.geometry.to_numpy()), crs=4547))


@pytest.fixture(scope="module")
def facilities() -> pd.DataFrame:
    return pd.read_csv(LAYERS / "people" / "facilities.csv")


@pytest.fixture(scope="module")
def income() -> pd.DataFrame:
    return pd.read_csv(LAYERS / "people" / "household_income.csv", dtype={"group_id": str})


def test_columns_and_size(cells: pd.DataFrame) -> None:
    assert list(cells) == [
        "cell_id", "x_m", "y_m", "lon", "lat", "region", "district_id", "residents_census", "residents_even",
        "jobs_modelled", "residents_buildout_2035", "jobs_buildout_2035",
    ]  # fmt: skip
    counts = cells.iloc[:, 7:]
    assert all(np.issubdtype(t, np.integer) for t in counts.dtypes)
    assert (counts >= 0).all(axis=None)
    assert (counts > 0).any(axis=1).all()
    assert 15_000 < len(cells) < 26_000
    assert all(f.stat().st_size < 2_000_000 for f in (LAYERS / "people").iterdir())


def test_cells_stand_on_the_grid(cells: pd.DataFrame) -> None:
    part = cells.cell_id.str.extract(r"^c(\d+)r(\d+)$").astype(int)
    assert cells.cell_id.is_unique
    assert (cells.x_m == X0 + CELL * part[0] + CELL // 2).all()
    assert (cells.y_m == Y0 + CELL * part[1] + CELL // 2).all()
    x, y = project_xy(cells.lon, cells.lat)
    assert np.hypot(x - cells.x_m, y - cells.y_m).max() < 1.0  # five decimals


def test_residents_of_regions_and_districts(cells: pd.DataFrame) -> None:
    region = cells.groupby("region").residents_census.sum()
    assert region.to_dict() == {"hk": 7_411_945, "sz": 17_494_398}
    for column in ("residents_census", "residents_even"):
        assert cells.groupby("district_id")[column].sum().to_dict() == CENSUS
    assert cells.district_id.str.startswith(("hk-", "sz-")).all()
    assert (cells.district_id.str[:2] == cells.region).all()


def test_even_spread_is_a_sensitivity_of_shenzhen_alone(cells: pd.DataFrame) -> None:
    hk, sz = cells[cells.region == "hk"], cells[cells.region == "sz"]
    assert (hk.residents_even == hk.residents_census).all()
    assert (sz.residents_even != sz.residents_census).mean() > 0.5
    assert sz.residents_even.max() < sz.residents_census.max()


def test_jobs_keep_the_table_of_places_of_work(cells: pd.DataFrame) -> None:
    jobs = cells.groupby("district_id").jobs_modelled.sum()
    assert cells[cells.region == "hk"].jobs_modelled.sum() == WITH_A_PLACE
    for district, workers in WORK.items():
        assert abs(jobs[district] - workers) <= 1, district
    # Shenzhen: 0.7 jobs per resident (assumption); the centre has the surplus, as the worker counts say.
    assert cells[cells.region == "sz"].jobs_modelled.sum() == round(0.7 * 17_494_398)
    ratio = jobs / pd.Series(CENSUS)
    assert ratio["sz-futian"] > ratio["sz-nanshan"] > ratio["sz-luohu"] > ratio["sz-baoan"]
    # N01 gives 134,000 for Yuen Long and North; the census table alone gives the two new towns 123,903.
    assert 123_903 < jobs["hk-yuen-long"] + jobs["hk-north"] < 1.4 * 134_000


def test_nobody_lives_on_the_airport_island(cells: pd.DataFrame) -> None:
    island = cells[cells.lon.between(113.88, 113.942) & cells.lat.between(22.298, 22.335)]
    assert island.residents_census.sum() == 0
    assert 30_000 < island.jobs_modelled.sum() < 65_000


def test_no_cell_in_deep_bay(cells: pd.DataFrame) -> None:
    bay = Polygon(
        [
            (113.905, 22.450), (113.942, 22.475), (113.962, 22.498), (113.962, 22.512), (113.985, 22.520),
            (114.010, 22.513), (114.022, 22.500), (114.010, 22.494), (113.990, 22.495), (113.975, 22.470),
            (113.955, 22.457), (113.925, 22.440),
        ]
    )  # fmt: skip
    assert not contains_xy(bay, cells.lon, cells.lat).any()


def test_cells_stand_on_the_land_of_their_region(cells: pd.DataFrame) -> None:
    path = LAYERS / "land" / "coastline.geojson"
    if not path.exists():
        pytest.skip("the coastline layer is not here")
    land = gpd.read_file(path)
    shape = {r: project(part.geometry.union_all()) for r, part in land.groupby("region")}
    trees = {r: STRtree(list(getattr(g, "geoms", [g]))) for r, g in shape.items()}
    for region, part in cells.groupby("region"):
        at = points(part.x_m, part.y_m)
        distance = {
            r: t.query_nearest(at, return_distance=True, all_matches=False)[1] for r, t in trees.items()
        }
        other = "sz" if region == "hk" else "hk"
        assert (distance[region] <= 250).all()  # accuracy of the simplified coast and the 50 m squares
        assert (distance[region] <= 100).mean() > 0.998
        # No cell on the wrong side of the Shenzhen River: strict for Hong Kong; three cells of Shenzhen on
        # its bank are nearer to the other side of the simplified coast, by less than 100 m.
        slack = 0 if region == "hk" else 100
        assert (distance[region] < distance[other] + slack).all()
        assert (distance[region] < distance[other]).sum() >= len(part) - 5


def test_build_out_adds_the_planned_people_and_nothing_else(
    cells: pd.DataFrame, areas: gpd.GeoDataFrame
) -> None:
    more = cells.residents_buildout_2035 - cells.residents_census
    work = cells.jobs_buildout_2035 - cells.jobs_modelled
    inside = areas[areas.in_buildout == 1]
    assert more.sum() == inside.planned_residents.sum() == 966_800
    assert work.sum() == inside.planned_jobs.sum() == 506_700
    assert (more >= 0).all()
    assert (work >= 0).all()
    grown = cells[(more > 0) | (work > 0)]
    assert (grown.region == "hk").all()
    near = inside.geometry.buffer(2 * CELL).union_all()
    assert contains_xy(near, grown.x_m, grown.y_m).all()
    both = areas[areas.source == "N03"]
    assert (both.planned_residents.sum(), both.planned_jobs.sum()) == (226_700, 53_100)
    assert areas[areas.source == "N10"].planned_residents.sum() == 144_400
    assert set(areas[areas.in_buildout == 0].source) == {"N11", "N12"}


def test_development_areas(areas: gpd.GeoDataFrame) -> None:
    assert areas.geometry.is_valid.all()
    assert areas.area_id.is_unique
    for name in ("name_en", "name_zh_hant", "name_zh_hans", "source", "confidence", "method", "note"):
        assert areas[name].notna().all()
    assert (areas.geometry.area / 1e4 - areas.area_ha).abs().max() < 0.5
    known = areas[areas.published_area_ha.notna()]
    assert len(known) >= 5
    assert ((known.area_ha / known.published_area_ha - 1).abs() < 0.06).all()
    assert set(areas.confidence) <= set("ABCMS")
    for i, a in enumerate(areas.geometry):
        assert all(a.intersection(b).area < 1_000 for b in areas.geometry.iloc[i + 1 :])


def test_hospitals(facilities: pd.DataFrame) -> None:
    assert facilities.facility_id.is_unique
    kinds = facilities.kind.value_counts()
    assert kinds["hospital"] == 43
    assert (kinds["primary_school"], kinds["secondary_school"], kinds["park"], kinds["library"]) == (
        599,
        512,
        113,
        70,
    )
    assert kinds["blood_service"] == 1  # is in the list of hospitals, takes no patients
    assert (facilities.region == "hk").all()  # Shenzhen: not assessed
    x, y = project_xy(facilities.lon, facilities.lat)
    queen_mary = facilities.facility_id.eq("hospital-queen-mary-hospital").to_numpy()
    assert queen_mary.sum() == 1
    # Position in the Hong Kong grid, from the same public list: 831557 E, 814618 N.
    hx, hy = project_xy(831_557.0, 814_618.0, 2326, 4547)
    assert np.hypot(x[queen_mary] - hx, y[queen_mary] - hy) < 3
    for name in ("name_en", "name_zh_hant", "name_zh_hans"):
        assert facilities[name].str.len().min() > 2
    assert facilities.set_index("facility_id").loc["hospital-tuen-mun-hospital", "name_zh_hans"] == "屯门医院"
    assert not facilities.name_en.str.contains("Mobile").any()
    # degrees 3 km from the grid coordinates of the same row: the grid is right, by the address
    school = facilities[facilities.name_en == "S.K.H. St. John's Tsang Shiu Tim Primary School"].iloc[0]
    assert (school.lon, school.lat) == (114.23687, 22.31991)
    assert not facilities.name_zh_hans.str.contains("[醫診門東區龍廣]").any()


def test_income_stands_for_every_cell_of_hong_kong_where_people_live(
    cells: pd.DataFrame, income: pd.DataFrame
) -> None:
    assert list(income) == ["cell_id", "group_id", "median_household_income_hkd_month"]
    lived_in = cells[(cells.region == "hk") & (cells.residents_census > 0)]
    assert income.cell_id.tolist() == lived_in.cell_id.tolist()  # and none of Shenzhen: not assessed


def test_income_is_that_of_the_census_group(cells: pd.DataFrame, income: pd.DataFrame) -> None:
    by_group = income.groupby("group_id").median_household_income_hkd_month
    median = by_group.first()
    assert len(median) == 211
    assert (by_group.min() == by_group.max()).all()
    # Census table by small area group: its first group, the lowest and the highest of all.
    assert median["111"] == 40_480
    assert (median.min(), median.idxmin()) == (11_240, "548S")
    assert (median.max(), median.idxmax()) == (163_770, "181S")
    people = cells.set_index("cell_id").residents_census.loc[income.cell_id].to_numpy()
    counted = pd.Series(people).groupby(income.group_id.to_numpy()).sum()
    assert abs(counted["111"] / 60_366 - 1) < 0.15  # residents of the census
    ordered = income.assign(people=people).sort_values("median_household_income_hkd_month")
    middle = ordered[ordered.people.cumsum() >= people.sum() / 2].iloc[0]
    # The median of all households is 27,640; half of the people live in groups with a median below or near it.
    assert abs(middle.median_household_income_hkd_month / 27_640 - 1) < 0.05


def test_files_are_plain_utf8() -> None:
    for file in (LAYERS / "people").iterdir():
        data = file.read_bytes()
        assert b"\r" not in data
        assert not data.startswith(b"\xef\xbb\xbf")
        data.decode("utf-8")
    body = json.loads((LAYERS / "people" / "development_areas.geojson").read_text(encoding="utf-8"))
    assert all(abs(x) < 180 for x, _ in body["features"][0]["geometry"]["coordinates"][0])
