"""Build layers/precedent/: the land and the line of the Lok Ma Chau Spur Line back-test (P01 to P04).

    python layers/build/precedent.py --sources DIR

Inputs (under --sources):
- hk_habitat/HabitatMapHK_8class_1993-1997.tif: habitat of Hong Kong, 8 classes, 30 m (Kwong et al. 2026). Its
  CRS has no code: it is Hong Kong 1980 Grid (EPSG:2326) and goes by way of WGS84;
- hk_rail_ferry_waypoints/mtr/eal.json: the railway as built (the horizontal alignment did not change, P02);
- and, built before: layers/land (coastline, designations, wildlife sites), layers/ecology, stations_hk.csv.

Method:
1. habitat.tif: a window about the line, cells of 0.00028 degrees, nearest cell of the map of 1993-1997, in the
   classes of this program (CLASSES). The map has no farmland and no ponds: water within the ponds of its day
   is fish pond, other water is freshwater, its wetland class is marsh. Open cells within Long Valley become
   wet farmland, a class of this folder alone: the map draws them as grassland (P13). Shenzhen is 0, not assessed.
2. Long Valley is drawn by hand (LONG_VALLEY) between the rivers Beas (Sheung Yue) and Sutlej (Shek Sheung) and
   the villages Yin Kong and Tsung Pak Long, as it was described in 2000 (P13); river courses of 2024.
3. The Wetland Conservation Area of its day: contiguous water of 1993-1997 of 20 ha and more, gaps under
   80 m closed. Same method as the present-day layer, on the ponds of that time; its plan is not bundled.
4. Other designations are those of the bundle that were in force by 2000, cut to the window.
5. The line: the main line from Sheung Shui to the junction, then the spur to Lok Ma Chau, laid out every 25 m.

Checks printed: length against 7.4 km (P01) and 7.3 km (P05), hectares by class, Long Valley against the park of
2024 (E10), whether the station is within the area (P03).

Licence: compilation CC BY 4.0; the habitat map states no licence (facts only, its file is not bundled); railway
from CSDI via DATA.GOV.HK (attribution).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from land_shapes import close, hectares, polygons, read_layer, to_wgs84, write_geojson
from rasterio.features import rasterize, shapes
from rasterio.transform import Affine, from_origin
from shapely.geometry import LineString, Point, shape
from shapely.ops import substring
from tables import LAYERS, outline, read, record_rows, records, sources_argument, write

from corridor.core.crs import HK80, WGS84, WORKING, project, project_xy

OUT = LAYERS / "precedent"
WINDOW = (114.050, 22.486, 114.140, 22.534)
STEP = 0.00028
LAID_OUT_M = 25.0

FISHPOND, MARSH, FRESHWATER, WET_FARMLAND = 5, 6, 9, 14
#: Code of the map of 1993-1997: code of this program. Water (6) is divided below.
CLASSES = {1: 1, 2: 2, 3: 3, 4: 11, 5: 13, 6: FRESHWATER, 7: MARSH, 8: 1}
WATER = 6
#: Codes that become wet farmland within Long Valley; woodland and built-up ground stay.
OPEN = (2, 3, 11, FISHPOND, MARSH, FRESHWATER)
#: Tables with rows by habitat: wet farmland takes the rows of farmland in each, which is meant for both.
BY_HABITAT = ("compensation.csv", "resistance.csv", "sensitivity.csv")

#: The Lok Ma Chau road crossing parts the ponds: Sam Po Shue west of it, Hoo Hok Wai and the Loop east.
PONDS_PART = 114.0715

EGRETRIES = ("egretry-mai-po-village", "egretry-mai-po-lung", "egretry-ho-sheung-heung")


def grid() -> tuple[Affine, tuple[int, int]]:
    """The transform and the shape of the window."""
    west, south, east, north = WINDOW
    return from_origin(west, north, STEP, STEP), (
        round((north - south) / STEP),
        round((east - west) / STEP),
    )


def map_of_the_day(sources: Path) -> np.ndarray:
    """Codes of the map of 1993-1997 on the grid of the window; 255 where it has none."""
    transform, (rows, columns) = grid()
    lon = transform.c + (np.arange(columns) + 0.5) * STEP
    lat = transform.f - (np.arange(rows) + 0.5) * STEP
    x, y = project_xy(*(a.ravel() for a in np.meshgrid(lon, lat)), WGS84, HK80)
    with rasterio.open(sources / "hk_habitat/HabitatMapHK_8class_1993-1997.tif") as raster:
        codes, t = raster.read(1), raster.transform
    column, row = np.floor((x - t.c) / t.a).astype(int), np.floor((y - t.f) / t.e).astype(int)
    return codes[row, column].reshape(rows, columns)


def vectorised(mask: np.ndarray) -> Any:
    """The cells of a mask as one geometry in EPSG:4547."""
    transform, _ = grid()
    found = [shape(s) for s, value in shapes(mask.astype(np.uint8), transform=transform) if value]
    return shapely.union_all([project(p) for p in found])


def conservation_area(codes: np.ndarray) -> Any:
    """The Wetland Conservation Area as it can be derived from the ponds of the day, EPSG:4547."""
    return polygons(close(vectorised(codes == WATER), 40.0), 20.0, 5.0)


def classes(codes: np.ndarray, ponds: Any, valley: Any) -> np.ndarray:
    """Codes of this program from those of the map, with ponds and wet farmland separated."""
    out = np.zeros_like(codes)
    for theirs, ours in CLASSES.items():
        out[codes == theirs] = ours
    out[(codes == WATER) & burnt(ponds)] = FISHPOND
    out[np.isin(out, OPEN) & burnt(valley)] = WET_FARMLAND
    return out


def burnt(geometry: Any) -> np.ndarray:
    """The cells whose middle is in a geometry of EPSG:4547."""
    transform, size = grid()
    shape_ = project(geometry, WORKING, WGS84)
    return rasterize([(shape_, 1)], out_shape=size, transform=transform, dtype="uint8").astype(bool)


def the_line(sources: Path) -> LineString:
    """The railway from the middle of Sheung Shui to the middle of Lok Ma Chau, EPSG:4547."""
    table = {r["station_id"]: r for r in read(LAYERS / "network/stations_hk.csv")}
    text = (sources / "hk_rail_ferry_waypoints/mtr/eal.json").read_text(encoding="utf-8")
    pieces = [
        project(p) for f in json.loads(text)["features"] for p in shapely.get_parts(shape(f["geometry"]))
    ]
    start, end = (
        project(Point(float(table[s]["lon"]), float(table[s]["lat"]))) for s in ("sheung-shui", "lok-ma-chau")
    )
    main = min(pieces, key=start.distance)
    spur = min(pieces, key=end.distance)
    if spur.project(end) < spur.length / 2:
        spur = spur.reverse()
    head = substring(main, main.project(start), main.project(Point(spur.coords[0])))
    tail = substring(spur, 0, spur.project(end))
    whole = LineString([*head.coords, *list(tail.coords)[1:]])
    steps = np.linspace(0.0, whole.length, round(whole.length / LAID_OUT_M) + 1)
    return LineString(shapely.line_interpolate_point(whole, steps))


def write_rows(name: str, table: list[dict[str, str]]) -> None:
    """A table of this folder."""
    write(OUT / name, ",".join(table[0]), table)


def as_wet_farmland(table: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows of farmland, once more for wet farmland."""
    column = "ground" if "ground" in table[0] else "habitat_id"
    return [row | {column: "wet_farmland"} for row in table if row[column] == "farmland"]


def write_habitat(codes: np.ndarray) -> None:
    """The habitat raster."""
    transform, (height, width) = grid()
    profile = {
        "driver": "GTiff", "width": width, "height": height, "count": 1, "dtype": "uint8", "nodata": 0,
        "crs": "EPSG:4326", "transform": transform, "compress": "deflate", "predictor": 2,
    }  # fmt: skip
    with rasterio.open(OUT / "habitat.tif", "w", **profile) as raster:
        raster.write(codes, 1)


def designations(wca: Any) -> list[tuple[dict[str, Any], Any]]:
    """Designations of the day: those of the bundle in force by 2000, and the derived area with its buffer."""
    window = project(shapely.box(*WINDOW))
    bundled = read_layer("designations.geojson").set_index("designation_id")
    found = []
    for name, since in records("precedent_designations").items():
        row = bundled.loc[name]
        cut = polygons(row.geometry.intersection(window))
        if cut.is_empty:
            continue
        kept = ("name_en", "name_zh_hant", "name_zh_hans", "designation", "region")
        properties = {"designation_id": name} | {k: row[k] for k in kept}
        properties["accuracy_m"] = int(row["accuracy_m"])
        properties |= {
            "confidence": row["confidence"],
            "source": row["source"],
            "note": f"In force: {since['in_force']}.",
        }
        found.append((properties, cut))
    land = read_layer("coastline.geojson")
    hong_kong = shapely.union_all(land[land["region"] == "hk"].geometry.to_numpy())
    buffer = polygons(wca.buffer(500.0).intersection(hong_kong).intersection(window).difference(wca), 0.5)
    shapes = {"wca-of-the-day": wca, "wba-of-the-day": buffer}
    found += [(dict(r), polygons(shapes[i])) for i, r in records("precedent_areas").items()]
    return found


def wetlands(valley: Any, wca: Any) -> list[tuple[dict[str, Any], Any]]:
    """The wetlands about the line, as parts of the corridor that the bundle names; the ponds fall into two."""
    west, south, east, north = WINDOW
    sam_po_shue, hoo_hok_wai = (
        polygons(wca.intersection(project(shapely.box(*box))), 1.0)
        for box in ((west, south, PONDS_PART, north), (PONDS_PART, south, east, north))
    )
    shapes = {"long-valley": valley, "sam-po-shue": sam_po_shue, "hoo-hok-wai": hoo_hok_wai}
    return [(r, to_wgs84(shapes[r["part"]])) for r in record_rows("precedent_wetlands")]


def with_wet_farmland(taxa: list[dict[str, str]]) -> list[dict[str, str]]:
    """Named animals, with wet farmland a home wherever farmland is one."""
    return [
        row | {"core_habitats": row["core_habitats"].replace("farmland", "farmland wet_farmland")}
        for row in taxa
    ]


def main() -> None:
    """Build every file of the folder and print the checks."""
    sources = sources_argument(__doc__ or "")
    OUT.mkdir(exist_ok=True)
    codes = map_of_the_day(sources)
    wca = conservation_area(codes)
    valley = project(shapely.Polygon(outline("long-valley-2000")))
    habitat = classes(codes, wca, valley)
    write_habitat(habitat)
    classes_columns = (
        "code,habitat_id,name_en,name_zh_hant,name_zh_hans,group,colour,ecological_value,value_source"
    )
    write(OUT / "habitat_classes.csv", classes_columns, record_rows("precedent_habitat"))
    for name in BY_HABITAT:
        write_rows(name, as_wet_farmland(read(LAYERS / "ecology" / name)))
    write_rows("taxa.csv", with_wet_farmland(read(LAYERS / "ecology/taxa.csv")))

    out = "../precedent/"
    write_geojson(out + "designations.geojson", [(p, to_wgs84(g)) for p, g in designations(wca)])
    write_geojson(out + "green_corridors.geojson", wetlands(valley, wca))
    wildlife = read_layer("wildlife_sites.geojson").set_index("site_id", drop=False)
    kept = ["site_id", "name_en", "name_zh_hant", "name_zh_hans", "kind", "region", "confidence", "source"]
    write_geojson(
        out + "wildlife_sites.geojson",
        [
            (
                {k: wildlife.loc[s, k] for k in kept}
                | {
                    "accuracy_m": int(wildlife.loc[s, "accuracy_m"]),
                    "note": "Position of today, taken for 2000.",
                },
                to_wgs84(wildlife.loc[s].geometry),
            )
            for s in EGRETRIES
        ],
    )

    line = the_line(sources)
    properties = {
        "line_id": "lok-ma-chau-spur", "accuracy_m": 30, "confidence": "B", "source": "P02",
        "method": "railway as built (CSDI via DATA.GOV.HK 2024-04), station middle to station middle",
    }  # fmt: skip
    write_geojson(out + "alignments.geojson", [(properties, project(line, WORKING, WGS84))], 6)
    report(line, habitat, valley, wca)


def report(line: LineString, habitat: np.ndarray, valley: Any, wca: Any) -> None:
    """Print the checks."""
    end = Point(line.coords[-1])
    park = read_layer("designations.geojson").set_index("designation_id").loc["long-valley-nature-park"]
    cell_ha = STEP**2 * 111_320**2 * np.cos(np.radians(22.51)) / 1e4
    print(f"line {line.length:.0f} m: {line.length / 7400:.3f} of 7.4 km, {line.length / 7300:.3f} of 7.3 km")
    inside = line.intersection(valley)
    print(f"Long Valley {hectares(valley)} ha (park of 2024 {hectares(park.geometry)} ha, of it inside "
          f"{hectares(park.geometry.intersection(valley))}), crossed over {inside.length:.0f} m")  # fmt: skip
    at = [
        line.project(Point(c))
        for part in shapely.get_parts(inside)
        for c in (part.coords[0], part.coords[-1])
    ]
    print(f"  from {min(at):.0f} to {max(at):.0f} m along the line")
    print(f"area of the day {hectares(wca)} ha in the window; station within: {wca.contains(end)}")
    wet = line.intersection(wca)
    print(f"  line within it {wet.length:.0f} m")
    for code in np.unique(habitat):
        print(f"  class {code}: {(habitat == code).sum() * cell_ha:.0f} ha")


if __name__ == "__main__":
    main()
