"""Build layers/land/coastline.geojson and layers/land/districts.geojson.

Inputs (under --sources):
- derived/hk_land_2024_from_lum.gpkg: outline of the Hong Kong land utilisation grid, 10 m, end 2024;
- shenzhen_zones/SZ_districts.shp: 491 traffic zones of Shenzhen, clipped to the coast;
- derived/geomaps_coastline_1m_2017_clip.gpkg: OpenStreetMap coastline 2017, for islands and as a check;
- derived/deepbay_mudflat_mangrove_2011_2020.gpkg: flats of inner Deep Bay, cut from the zones;
- land_cover_lcz/lcz_2018_2019_study_area_epsg4326.tif: local climate zones, its water;
- districts/dc_land.json (18 Hong Kong districts, 2001), districts/shenzhen_10_districts.json (2023).

Method: land and districts meet on a 20 m grid in EPSG:4547. Hong Kong's outline rules where both cities claim
a cell. Shenzhen's zones reach into the water in places: their bare intertidal flats are taken off, and open
water that both land cover (class 17, patches of WATER_HA and more) and the OpenStreetMap coast show there.
Shenzhen keeps GAP_M from Hong Kong before simplification, so that the Shenzhen River, Deep Bay and (at
Chung Ying Street, where no water runs) the boundary itself separate the two: no walker on land crosses. Land
outside the old district outlines (airport island, reclamation) goes to the nearest district of its city. All
28 districts are simplified together (shapely.coverage_simplify), and the coastline is their union by city, so
that the two layers fit to the metre. Land under LEAST_HA (Shenzhen: 20 times that) is dropped.

Checks printed: areas against published land areas, distance to the OpenStreetMap coast, gap between the
cities, known points. Shenzhen's date of coast is that of its zones (unknown); reclamation since is missing.

Districts, their codes in the sources and published land areas (of the statistics departments, as remembered: a check, not
data), and known points, are records: records/{districts,known_points}.csv.

Licence: compilation CC BY 4.0; sources: Planning Department via DATA.GOV.HK (attribution), OpenStreetMap
(ODbL 1.0), which gives three islands of Shenzhen.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from land_shapes import (
    OSM_CLIP,
    close,
    hectares,
    mainland_and_islands,
    polygons,
    read_shapes,
    to_wgs84,
    write_geojson,
)
from rasterio.features import rasterize, shapes
from rasterio.transform import from_origin
from scipy.ndimage import distance_transform_edt
from tables import record_rows, records, sources_argument

from corridor.core.crs import WGS84, WORKING, project

CELL_M = 20.0
GAP_M = 40.0
LEAST_HA = 1.0
WATER_HA = 5.0
TOLERANCE_M = 35.0


def land_of_both(sources: Path) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Hong Kong and Shenzhen land in EPSG:4547, apart by GAP_M."""
    hk = polygons(
        shapely.union_all(read_shapes(sources / "derived/hk_land_2024_from_lum.gpkg", WGS84).geometry.values),
        LEAST_HA,
        2.0,
    )
    zones = read_shapes(sources / "shenzhen_zones/SZ_districts.shp")
    sz = polygons(close(shapely.union_all(zones.geometry.values), 30.0), LEAST_HA, 20.0)
    osm = project(np.array(mainland_and_islands(sources)))
    districts = shapely.union_all(
        read_shapes(sources / "districts/shenzhen_10_districts.json").geometry.values
    )
    islands = [
        p
        for p in osm
        if p.area < 1e7
        and not p.intersects(hk)
        and not p.intersects(sz)
        and p.intersection(districts).area > 0.9 * p.area
    ]
    sz = shapely.union_all([sz, *islands])
    print(
        f"claimed by both cities, kept Hong Kong: {hectares(hk.intersection(sz))} ha; "
        f"Shenzhen islands from OpenStreetMap: {len(islands)}, {sum(map(hectares, islands)):.0f} ha"
    )
    flats = read_shapes(sources / "derived/deepbay_mudflat_mangrove_2011_2020.gpkg", WGS84)
    bare = shapely.union_all(flats.geometry[(flats["class"] == "mudflat") & (flats["side"] == "SZ")].values)
    water = open_water(sources).intersection(project(shapely.box(*OSM_CLIP)))
    water = water.difference(shapely.union_all(shapely.make_valid(osm)))
    off = polygons(shapely.union_all([bare, polygons(water.intersection(sz), WATER_HA)]))
    print(
        f"taken off Shenzhen's zones: bare flats {hectares(sz.intersection(bare))} ha, "
        f"flats and open water {hectares(sz.intersection(off))} ha"
    )
    apart = sz.difference(shapely.union_all([hk.buffer(GAP_M), off]))
    return hk, polygons(apart, 20.0 * LEAST_HA)


def open_water(sources: Path) -> shapely.Geometry:
    """Water of the land cover in EPSG:4547, patches of 100 ha and more."""
    with rasterio.open(sources / "land_cover_lcz/lcz_2018_2019_study_area_epsg4326.tif") as data:
        band, transform = data.read(1), data.transform
    found = [
        project(shapely.geometry.shape(geometry))
        for geometry, _value in shapes(band, mask=band == 17, connectivity=4, transform=transform)
    ]
    return shapely.union_all(shapely.make_valid([g for g in found if g.area > 1e6]))


def districts_on_grid(sources: Path, land: dict[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    """The 28 districts, cut to land on the grid, then simplified together. EPSG:4547."""
    hk = read_shapes(sources / "districts/dc_land.json").set_index("DC_CODE").geometry
    sz = read_shapes(sources / "districts/shenzhen_10_districts.json").set_index("qh").geometry
    west, south, east, north = shapely.total_bounds(list(land.values()))
    width, height = int((east - west) // CELL_M) + 5, int((north - south) // CELL_M) + 5
    corner = (np.floor(west / CELL_M - 2) * CELL_M, np.ceil(north / CELL_M + 2) * CELL_M)
    transform = from_origin(*corner, CELL_M, CELL_M)
    shape = (height, width)
    labels = np.zeros(shape, dtype="uint8")
    known = sorted(records("districts").values(), key=lambda d: d["grid_code"])
    for region, outlines in (("hk", hk), ("sz", sz)):
        seeds = [(outlines[d["code_in_outlines"]], d["grid_code"]) for d in known if d["region"] == region]
        seeded = rasterize(seeds, shape, transform=transform, dtype="uint8")
        mask = rasterize([(land[region], 1)], shape, transform=transform, dtype="uint8").astype(bool)
        row, column = distance_transform_edt(seeded == 0, return_distances=False, return_indices=True)
        labels[mask] = seeded[row[mask], column[mask]]
        moved = int((mask & (seeded == 0)).sum()) * CELL_M**2 / 1e4
        print(f"{region}: land outside the old outlines, given to the nearest district: {moved:.0f} ha")
    found: dict[int, list[shapely.Geometry]] = {}
    for geometry, value in shapes(labels, mask=labels > 0, connectivity=4, transform=transform):
        found.setdefault(int(value), []).append(shapely.geometry.shape(geometry))
    # a vertex at every cell corner, so that neighbours share all of theirs
    cover = [shapely.segmentize(shapely.union_all(found[d["grid_code"]]), CELL_M * 1.01) for d in known]
    cover = [shapely.transform(geometry, np.round) for geometry in cover]
    if not shapely.coverage_is_valid(cover):
        raise SystemExit("districts do not form a coverage")
    simple = shapely.coverage_simplify(cover, TOLERANCE_M)
    cleaned = [polygons(geometry, 0.3) for geometry in simple]
    columns = ["district_id", "name_en", "name_zh_hant", "name_zh_hans", "region"]
    frame = gpd.GeoDataFrame(known, geometry=cleaned, crs=WORKING)[
        [*columns, "published_land_km2", "geometry"]
    ]
    return frame


def build(sources: Path) -> None:
    """Write both layers and print the checks."""
    hk, sz = land_of_both(sources)
    frame = districts_on_grid(sources, {"hk": hk, "sz": sz})
    sources_of = {
        "hk": "DATA.GOV.HK land utilisation 2024; district outlines 2001",
        "sz": "traffic zones of Shenzhen, coast-clipped; OpenStreetMap islands; district outlines 2023",
    }
    rows = []
    for item in frame.itertuples():
        area = hectares(item.geometry) / 100
        print(
            f"  {item.district_id}: {area:.1f} km2, published {item.published_land_km2} "
            f"({100 * (area / item.published_land_km2 - 1):+.0f} %)"
        )
        rows.append(
            (
                {
                    "district_id": item.district_id,
                    "name_en": item.name_en,
                    "name_zh_hant": item.name_zh_hant,
                    "name_zh_hans": item.name_zh_hans,
                    "region": item.region,
                    "area_km2": round(area, 2),
                    "accuracy_m": 50 if item.region == "hk" else 100,
                    "confidence": "C",
                    "source": sources_of[item.region],
                },
                to_wgs84(item.geometry),
            )
        )
    land = {
        r: polygons(shapely.union_all(frame.geometry[frame.region == r].values), LEAST_HA)
        for r in ("hk", "sz")
    }
    names = {"hk": ("Hong Kong", "香港", "香港"), "sz": ("Shenzhen", "深圳", "深圳")}
    coast = [
        (
            {
                "region": r,
                "name_en": names[r][0],
                "name_zh_hant": names[r][1],
                "name_zh_hans": names[r][2],
                "area_km2": round(hectares(land[r]) / 100, 1),
                "accuracy_m": 30 if r == "hk" else 80,
                "confidence": "C",
                "source": sources_of[r],
            },
            to_wgs84(land[r]),
        )
        for r in ("hk", "sz")
    ]
    write_geojson("coastline.geojson", coast)
    write_geojson("districts.geojson", rows)
    check(land, sources)


def check(land: dict[str, shapely.Geometry], sources: Path) -> None:
    """Print how the coast compares with a second source and where known points fall."""
    print(
        f"land: Hong Kong {hectares(land['hk']) / 100:.1f} km2 (published 1,114 to 1,118), "
        f"Shenzhen {hectares(land['sz']) / 100:.1f} km2 (published 1,997 with Shenshan's part apart)"
    )
    print(f"gap between the cities: {land['hk'].distance(land['sz']):.1f} m at the narrowest")
    lines = read_shapes(sources / "derived/geomaps_coastline_1m_2017_clip.gpkg", WGS84).geometry.values
    coast = shapely.union_all([g.boundary for g in land.values()])
    points = shapely.points(shapely.get_coordinates(shapely.segmentize(shapely.union_all(lines), 200.0)))
    near = points[shapely.dwithin(points, coast, 2000.0)]
    distance = shapely.distance(near, coast)
    print(
        f"OpenStreetMap coast within 2 km, {len(near)} points: median {np.median(distance):.0f} m, "
        f"90th percentile {np.percentile(distance, 90):.0f} m"
    )
    wrong = 0
    known = record_rows("known_points")
    for r in known:
        point = project(shapely.Point(r["lon"], r["lat"]))
        found = next((region for region, g in land.items() if g.contains(point)), None)
        if found != r["land"]:
            wrong += 1
            print(f"  WRONG {r['name']}: on {found}, expected {r['land']}")
    print(f"known points: {len(known) - wrong} of {len(known)} right")


def main() -> None:
    """Command line."""
    build(sources_argument(__doc__ or ""))


if __name__ == "__main__":
    main()
