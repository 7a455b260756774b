"""The land and nature layers as bundled: where known points fall, areas against published ones, validity."""

import csv
import json

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.windows import from_bounds

from corridor.core.crs import project, project_xy
from tests.paths import ROOT

LAND = ROOT / "layers" / "land"
SCRIPTS = ("name_en", "name_zh_hant", "name_zh_hans")
CONFIDENCE = set("ABCMS")

#: Name, lon, lat, the land it stands on (None: water). Positions are public and good to about 100 m.
POINTS = [
    ("Shenzhen Bay Port", 113.9445, 22.5035, "sz"),
    ("Luohu station", 114.1150, 22.5325, "sz"),
    ("Futian Checkpoint metro", 114.0627, 22.5179, "sz"),
    ("Qianhai", 113.8970, 22.5380, "sz"),
    ("Shenzhen airport terminal 3", 113.8110, 22.6250, "sz"),
    ("Neilingding island", 113.8040, 22.4130, "sz"),
    ("Lok Ma Chau Spur Line station", 114.0657, 22.5147, "hk"),
    ("Lo Wu station", 114.1133, 22.5283, "hk"),
    ("The Loop", 114.0815, 22.5150, "hk"),
    ("Hong Kong International Airport", 113.9365, 22.3158, "hk"),
    ("Third runway", 113.9100, 22.3280, "hk"),
    ("Lau Fau Shan", 113.9840, 22.4650, "hk"),
    ("Deep Bay on the western line", 113.9630, 22.4880, None),
    ("Victoria Harbour", 114.1700, 22.2900, None),
    ("Mirs Bay", 114.4000, 22.5700, None),
    ("Pearl River estuary", 113.8000, 22.3000, None),
]

DISTRICTS = [
    ("Central", 114.1582, 22.2819, "hk-central-and-western"),
    ("airport", 113.9365, 22.3158, "hk-islands"),
    ("Tuen Mun", 113.9731, 22.3950, "hk-tuen-mun"),
    ("Tin Shui Wai", 114.0048, 22.4480, "hk-yuen-long"),
    ("Sheung Shui", 114.1281, 22.5012, "hk-north"),
    ("West Kowloon", 114.1655, 22.3040, "hk-yau-tsim-mong"),
    ("Futian CBD", 114.0540, 22.5330, "sz-futian"),
    ("Shenzhen Bay Port", 113.9445, 22.5035, "sz-nanshan"),
    ("Qianhai", 113.8970, 22.5380, "sz-nanshan"),
    ("Shenzhen North", 114.0243, 22.6093, "sz-longhua"),
    ("Luohu", 114.1150, 22.5325, "sz-luohu"),
    ("Shenzhen airport", 113.8110, 22.6250, "sz-baoan"),
]

#: Designation, published hectares, tolerance: what is drawn or derived is allowed more.
PUBLISHED = [
    ("ramsar-mai-po-inner-deep-bay", 1540, 0.03),
    ("ramsar-futian", 367.64, 0.02),
    ("reserve-futian", 367.64, 0.02),
    ("reserve-mai-po", 380, 0.10),
    ("wcp-sam-po-shue", 338, 0.10),
    ("wcp-hoo-hok-wai", 277, 0.10),
    ("wcp-nam-sang-wai", 397, 0.10),
    ("hk-wetland-park", 61, 0.20),
    ("wcp-hk-wetland-park-extension", 224, 0.15),
    ("long-valley-nature-park", 37, 0.05),
    ("wca-deep-bay", 1400, 0.20),
    ("sssi-inner-deep-bay", 1036, 0.15),
    ("sssi-tsim-bei-tsui", 2.1, 0.10),
    ("sssi-tsim-bei-tsui-egretry", 4.8, 0.10),
    ("country-park-robins-nest", 530, 0.02),
    ("marine-park-north-lantau", 2400, 0.15),
    ("marine-park-sha-chau-lung-kwu-chau", 1200, 0.10),
    ("marine-park-brothers", 970, 0.10),
    ("oct-wetland-park", 68.5, 0.05),
]
ALSO = ["wba-deep-bay", "sssi-mai-po-marshes", "sssi-mai-po-village", "sssi-pak-nai", "sssi-other",
        "country-park-tai-lam", "country-park-lam-tsuen", "conservation-areas", "mudflat-deep-bay-hk",
        "mudflat-deep-bay-sz"]  # fmt: skip
KINDS = {"ramsar", "nature_reserve", "wetland_park", "wetland_conservation_area", "wetland_buffer_area", "sssi",
         "country_park", "marine_park", "conservation_area", "mudflat"}  # fmt: skip

#: Habitat class, hectares on Hong Kong's side by the 10 m grid or a published sum, tolerance of 30 m cells.
HABITAT_HK = [
    (5, 1602, 0.05),
    (6, 619, 0.06),
    (1, 33335, 0.06),
    (2, 18382, 0.12),
    (3, 20611, 0.05),
    (4, 4723, 0.05),
]


def read(name):
    return gpd.read_file(LAND / f"{name}.geojson")


def raster(name="habitat"):
    with rasterio.open(LAND / f"{name}.tif") as data:
        return data.read(1), data.transform, data


def value_at(lon, lat, name="habitat"):
    with rasterio.open(LAND / f"{name}.tif") as data:
        return int(next(data.sample([(lon, lat)]))[0])


def classes():
    with (LAND / "habitat_classes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hectares(band, transform, codes, source=None, sources=None):
    """Hectares of codes, each row by its own cell size in EPSG:4547."""
    lat = transform.f + transform.e * (np.arange(band.shape[0]) + 0.5)
    middle = np.full_like(lat, 114.195)
    x0, _ = project_xy(middle, lat)
    x1, _ = project_xy(middle + transform.a, lat)
    _, y0 = project_xy(middle, lat)
    _, y1 = project_xy(middle, lat + transform.e)
    cell = np.abs((x1 - x0) * (y1 - y0)) / 1e4
    mask = np.isin(band, codes)
    if source is not None:
        mask &= sources == source
    return float((mask.sum(axis=1) * cell).sum())


@pytest.fixture(scope="module")
def coast():
    return read("coastline").set_index("region").geometry


@pytest.fixture(scope="module")
def designations():
    return read("designations").set_index("designation_id")


@pytest.mark.parametrize(("name", "lon", "lat", "expected"), POINTS, ids=[p[0] for p in POINTS])
def test_known_points_fall_on_their_land(coast, name, lon, lat, expected):
    point = shapely.Point(lon, lat)
    assert [region for region, land in coast.items() if land.contains(point)] == (
        [expected] if expected else []
    )


def test_the_two_lands_never_touch(coast):
    hk, sz = project(coast["hk"]), project(coast["sz"])
    assert hk.intersection(sz).is_empty
    assert hk.distance(sz) > 10  # metres: a walker on land never crosses
    crossing = shapely.LineString([(113.98, 22.47), (113.945, 22.505)])
    assert project(crossing.difference(coast["hk"].union(coast["sz"]))).length > 4000


def test_land_areas_are_the_published_ones(coast):
    assert project(coast["hk"]).area / 1e6 == pytest.approx(1115, rel=0.01)
    assert project(coast["sz"]).area / 1e6 == pytest.approx(1997, rel=0.04)  # the zones end short of new land


def test_districts_cover_the_coastline():
    districts = read("districts")
    assert len(districts) == 28
    assert districts.district_id.is_unique
    assert districts.region.value_counts().to_dict() == {"hk": 18, "sz": 10}
    assert districts[list(SCRIPTS)].notna().all().all()
    assert districts.is_valid.all()
    coast = read("coastline")
    for region in ("hk", "sz"):
        land = project(coast.geometry[coast.region == region].iloc[0])
        parts = [project(g) for g in districts.geometry[districts.region == region]]
        assert shapely.union_all(parts).symmetric_difference(land).area < 0.001 * land.area
        assert sum(p.area for p in parts) == pytest.approx(shapely.union_all(parts).area, rel=1e-4)


@pytest.mark.parametrize(("name", "lon", "lat", "expected"), DISTRICTS, ids=[d[0] for d in DISTRICTS])
def test_known_points_fall_in_their_district(name, lon, lat, expected):
    districts = read("districts")
    assert districts.district_id[districts.contains(shapely.Point(lon, lat))].tolist() == [expected]


def test_names_of_districts_are_right_in_both_scripts():
    names = read("districts").set_index("district_id")
    assert names.loc["hk-yuen-long", list(SCRIPTS)].tolist() == ["Yuen Long", "元朗區", "元朗区"]
    assert names.loc["sz-nanshan", list(SCRIPTS)].tolist() == ["Nanshan", "南山區", "南山区"]


def test_habitat_codes_are_those_of_the_table():
    band, transform, data = raster()
    rows = classes()
    assert [int(r["code"]) for r in rows] == list(range(1, 14))
    assert set(np.unique(band)) <= set(range(14))
    assert (data.nodata, data.crs.to_epsg()) == (0, 4326)
    assert 0.00026 < transform.a < 0.00031
    for row in rows:
        assert all(row[c] for c in SCRIPTS)
        assert 1 <= int(row["ecological_value"]) <= 5
        assert "assumption" in row["value_source"]
        assert row["group"] in {"wetland", "marine", "woodland", "open", "farmland", "built", "freshwater"}
    assert len({row["colour"] for row in rows}) == 13


@pytest.mark.parametrize(
    ("lon", "lat", "codes"),
    [
        (114.0386, 22.4900, {5, 6}),  # Mai Po gei wai
        (114.0290, 22.4950, {6}),  # Mai Po mangrove
        (114.0200, 22.4950, {7}),  # flat before it
        (114.0230, 22.5200, {6, 7}),  # Futian mangrove
        (114.0400, 22.4600, {5}),  # Nam Sang Wai ponds
        (113.9630, 22.4880, {8}),  # Deep Bay
        (113.7600, 22.3000, {8}),  # estuary
        (114.5000, 22.2000, {8}),  # open sea
        (114.2550, 22.4800, {9}),  # Plover Cove Reservoir
        (113.8900, 22.6200, {9, 1}),  # Tiegang Reservoir and its woods
        (114.2170, 22.5840, {1}),  # Wutong Mountain
        (114.1582, 22.2819, {13, 12}),  # Central
        (114.0540, 22.5330, {13, 12, 3}),  # Futian CBD
        (113.9445, 22.5035, {13, 3, 11, 12}),  # Shenzhen Bay Port
    ],
)
def test_habitat_at_known_places(lon, lat, codes):
    assert value_at(lon, lat) in codes


def test_no_gap_under_the_deep_bay_crossing():
    line = shapely.LineString([(113.98, 22.47), (113.945, 22.505)])
    points = [line.interpolate(t, normalized=True) for t in np.linspace(0, 1, 400)]
    found = [value_at(p.x, p.y) for p in points]
    assert 0 not in found
    assert found.count(8) > 200


def test_every_sea_cell_is_assessed(coast):
    # the bay and the waters between the two cities: no cell without a class within 25 km of the crossing
    with rasterio.open(LAND / "habitat.tif") as data:
        window = data.read(1, window=from_bounds(113.80, 22.20, 114.25, 22.60, data.transform))
    assert (window == 0).sum() == 0


def test_habitat_areas_against_published_ones():
    band, transform, _ = raster()
    sources, _, _ = raster("habitat_source")
    for code, published, tolerance in HABITAT_HK:
        assert hectares(band, transform, [code], 1, sources) == pytest.approx(published, rel=tolerance), code
    # inner Deep Bay by the mudflat study: 645 + 293 ha bare; 107.7 ha of vegetation on the Shenzhen side
    assert hectares(band, transform, [7], 2, sources) == pytest.approx(938, rel=0.03)
    shenzhen = [project(g) for g in read("designations").query("designation_id == 'reserve-futian'").geometry]
    assert shenzhen[0].area / 1e4 > 107.7


def test_every_habitat_cell_has_a_source():
    band, _, _ = raster()
    sources, _, _ = raster("habitat_source")
    assert band.shape == sources.shape
    assert np.array_equal(band == 0, sources == 0)
    assert set(np.unique(sources)) <= set(range(6))


def test_land_use_is_hong_kong_only(coast):
    band, transform, data = raster("land_use")
    assert data.crs.to_epsg() == 4326
    with (LAND / "land_use_classes.csv").open(encoding="utf-8", newline="") as file:
        codes = {int(r["code"]): int(r["habitat_code"]) for r in csv.DictReader(file)}
    assert len(codes) == 27
    assert set(np.unique(band)) - {0} <= set(codes)
    assert set(codes.values()) <= set(range(1, 14))
    assert hectares(band, transform, list(codes)) == pytest.approx(111_690, rel=0.01)


def test_every_designation_is_there(designations):
    assert designations.index.is_unique
    assert {d for d, *_ in PUBLISHED} | set(ALSO) <= set(designations.index)
    assert set(designations.designation) == KINDS
    assert designations.is_valid.all()
    for column in (*SCRIPTS, "method", "confidence", "source", "accuracy_m"):
        assert designations[column].notna().all(), column
    assert set(designations.confidence) <= CONFIDENCE
    assert set(designations.region) == {"hk", "sz"}


@pytest.mark.parametrize(("key", "published", "tolerance"), PUBLISHED, ids=[p[0] for p in PUBLISHED])
def test_designated_areas_against_published_ones(designations, key, published, tolerance):
    row = designations.loc[key]
    measured = project(row.geometry).area / 1e4
    assert row.published_area_ha == published
    assert measured == pytest.approx(published, rel=tolerance)
    assert measured == pytest.approx(row.area_ha, rel=0.03, abs=0.3)


def test_what_is_drawn_says_so(designations):
    for key in ("marine-park-north-lantau", "sssi-pak-nai", "wba-deep-bay", "reserve-futian"):
        row = designations.loc[key]
        assert row.confidence in {"C", "M"}
        assert row.accuracy_m >= 250
        assert "assumption" in row.method
    assert "1,500" in designations.loc["ramsar-mai-po-inner-deep-bay", "note"]
    assert "520" in designations.loc["wcp-sam-po-shue", "note"]


def test_known_places_are_designated(designations):
    for lon, lat, key in (
        (114.0386, 22.4878, "ramsar-mai-po-inner-deep-bay"),
        (114.0386, 22.4878, "reserve-mai-po"),
        (114.0200, 22.5200, "ramsar-futian"),
        (114.0400, 22.4600, "wcp-nam-sang-wai"),
        (114.0081, 22.4690, "hk-wetland-park"),
        (114.0480, 22.3950, "country-park-tai-lam"),
        (114.0656, 22.5100, "wca-deep-bay"),
    ):
        assert designations.geometry[key].contains(shapely.Point(lon, lat)), key


def test_wildlife_sites():
    sites = read("wildlife_sites").set_index("site_id")
    assert sites.index.is_unique
    names = " ".join(sites.name_en)
    for place in ("Mai Po Village", "Mai Po Lung", "Kam Po Road", "Ho Sheung Heung", "San Sang San Tsuen",
                  "Ngau Hom Shek", "Tsim Bei Tsui"):  # fmt: skip
        assert place in names
    kinds = sites.kind.value_counts()
    assert kinds["egretry"] == 7
    assert kinds["night_roost"] == 5
    assert kinds["flight_corridor"] == 2
    assert sites.is_valid.all()
    assert (sites.accuracy_m >= 100).all()
    assert set(sites.confidence) <= CONFIDENCE
    assert sites[list(SCRIPTS)].notna().all().all()
    # Mai Po Village egretry: the SSSI polygon of the same name is 60 m from the bus stop of the village
    stop = project(shapely.Point(114.06148, 22.49325))
    assert project(sites.geometry["egretry-mai-po-village"]).distance(stop) < 150


def test_green_corridors_have_width_and_do_not_overlap():
    parts = read("green_corridors")
    assert parts.part_id.is_unique
    assert set(parts.corridor_id) == {
        "deep-bay-wetlands", "western-coast", "wutong-pat-sin-leng", "san-tin-bird-corridor"
    }  # fmt: skip
    assert parts.is_valid.all()
    assert (parts.width_m > 0).all()
    for column in (*SCRIPTS, "species_note_en", "species_note_zh_hant", "species_note_zh_hans", "source"):
        assert parts[column].notna().all(), column
    assert set(parts.part[parts.corridor_id == "deep-bay-wetlands"]) >= {
        "futian", "mai-po", "sam-po-shue", "hoo-hok-wai", "long-valley"
    }  # fmt: skip
    for _key, rows in parts.groupby("corridor_id"):
        shapes = [project(g) for g in rows.geometry]
        assert sum(s.area for s in shapes) == pytest.approx(shapely.union_all(shapes).area, rel=0.005)
    # E11: 300 m; the drawn strip keeps it
    san_tin = project(parts.geometry[parts.corridor_id == "san-tin-bird-corridor"].iloc[0])
    assert 2 * san_tin.area / san_tin.length == pytest.approx(270, rel=0.05)  # 300 m by 2.7 km


def test_the_western_line_crosses_the_western_coast():
    parts = read("green_corridors")
    line = shapely.LineString([(113.984, 22.4676), (113.945, 22.505)])
    assert "western-coast" in set(parts.corridor_id[parts.intersects(line)])


def test_files_are_small_and_coordinates_rounded():
    sizes = {p.name: p.stat().st_size for p in LAND.iterdir() if p.suffix in {".tif", ".geojson", ".csv"}}
    assert all(size < 2e6 for size in sizes.values())
    assert sizes["coastline.geojson"] < 1e6
    assert sizes["districts.geojson"] < 6e5
    assert sum(sizes.values()) < 4e6
    first = json.loads((LAND / "coastline.geojson").read_text(encoding="utf-8"))["features"][0]
    ring = np.array(first["geometry"]["coordinates"][0][0])
    assert np.allclose(ring, np.round(ring, 5), atol=1e-12)
