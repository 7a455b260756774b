"""Build layers/land/wildlife_sites.geojson and green_corridors.geojson.

Inputs: those of designations.py, and what it cuts (reserves, ponds, parks).

Method: wildlife sites are approximate points and polygons: SSSI polygons, woodland and the works' boundary
where there are any, bus stops of the village, memory otherwise; `method` says which, `accuracy_m` how sure.
Green corridors have width and are polygons: wetland as mapped (width = area over the length of an axis), a
shore strip, or a strip about a drawn axis. Every drawn axis and width is an assumption. Parts do not overlap.
The San Tin corridor overlaps the Sam Po Shue part of the Deep Bay wetlands: never add the two.

Checks printed: hectares and width of each part. Licence: as designations.py.

Names, positions, axes, sources and methods are records (records/{wildlife_sites,green_corridors,green_corridor_parts,
species_notes,outlines}.csv); here are the shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely
from land_cuts import EGRETRY_HA, SSSI, VILLAGE_HA, Inputs, Places, box, by_area, line, load, places
from land_shapes import Feature, close, hectares, polygons, simplified, write_geojson
from tables import outline, records, sources_argument

from corridor.core.crs import project

MAI_PO_LUNG, MAI_PO_LUNG_POND = "egretry-mai-po-lung", (114.0600, 22.5005)
"""Ends of the flight path from the egretry to its ponds."""
HILLS = ("wutong", "robins-nest", "wo-hang", "pat-sin-leng")
"""Parts of the corridor over the hills; their axes are in records/outlines.csv, as those of wetland parts."""


def strip(points: Sequence[tuple[float, float]], width_m: float) -> Any:
    """A strip of a width about an axis in degrees, EPSG:4547."""
    return line(*points).buffer(width_m / 2, cap_style="flat")


def site_shapes(x: Inputs) -> dict[str, Any]:
    """Shape of each wildlife site, by id, EPSG:4547."""
    around_works = box(114.0253, 22.4666, 114.0285, 22.4695)
    works = max((u for u in x.utilities if u.intersects(around_works)), key=lambda u: u.area)
    _, south, east, north = works.bounds
    sites = records("wildlife_sites")
    places_known = {key: (r["lon"], r["lat"]) for key, r in sites.items() if r["lon"] is not None}
    return {
        **{key: project(shapely.Point(*at)) for key, at in places_known.items()},
        "egretry-mai-po-village": by_area(x, SSSI, VILLAGE_HA).centroid,
        "egretry-tsim-bei-tsui": by_area(x, SSSI, *EGRETRY_HA).centroid,
        "roost-yuen-long-works-east": shapely.Point(east + 40, (south + north) / 2),
        "roost-yuen-long-works-north-east": shapely.Point(east + 32, north + 32),
        "flight-san-tin": strip(outline("san-tin-axis"), 300.0),
        "flight-mai-po-lung": strip((places_known[MAI_PO_LUNG], MAI_PO_LUNG_POND), 70.0),
    }


def wildlife(x: Inputs) -> list[Feature]:
    """Rows of wildlife_sites.geojson, geometry in EPSG:4547."""
    shapes = site_shapes(x)
    return [
        (
            {c: r[c] for c in r if c not in {"lon", "lat"}}
            | {"width_m": r["width_m"] and float(r["width_m"])},
            shapes[key],
        )
        for key, r in records("wildlife_sites").items()
    ]


def corridor_shapes(x: Inputs, p: Places) -> dict[str, Any]:
    """Shape of each part of a green corridor, by corridor_id:part, EPSG:4547; parts may still overlap."""
    green, bare = "intertidal_vegetation", "mudflat"
    bay = box(113.999, 22.47, 114.04, 22.53)
    coast = shapely.union_all(
        [x.hk.buffer(500.0).difference(x.hk), x.hk.difference(x.hk.buffer(-100.0)), x.mangrove]
    )
    mai_po = [
        p.ramsar,
        p.wca.intersection(box(113.99, 22.44, 114.058, 22.51)),
        x.flats["HK", bare].intersection(bay),
        x.flats["HK", green].intersection(bay),
    ]
    sam_po_shue = shapely.union_all(
        [p.sam_po_shue, p.wca.intersection(box(114.047, 22.484, 114.0765, 22.518))]
    )
    wet = {
        "futian": close(shapely.union_all([p.futian, x.flats["SZ", bare], x.flats["SZ", green]]), 60.0),
        "sam-po-shue": sam_po_shue.difference(p.hoo_hok_wai),
        "mai-po": close(shapely.union_all(mai_po), 100.0),
        "hoo-hok-wai": shapely.union_all(
            [p.hoo_hok_wai, p.wca.intersection(box(114.070, 22.505, 114.112, 22.54))]
        ),
        "long-valley": shapely.union_all([p.long_valley, strip(outline("ng-tung-river"), 300.0)]),
    }
    shore = {
        "tsim-bei-tsui": box(113.975, 22.4745, 114.006, 22.500),
        "lau-fau-shan": box(113.960, 22.4590, 113.996, 22.4745),
        "pak-nai": box(113.925, 22.4235, 113.985, 22.4590),
    }
    return {
        **{f"deep-bay-wetlands:{part}": shape for part, shape in wet.items()},
        **{f"western-coast:{part}": coast.intersection(around) for part, around in shore.items()},
        **{f"wutong-pat-sin-leng:{part}": strip(outline(f"hills-{part}"), 1000.0) for part in HILLS},
        "san-tin-bird-corridor:san-tin": strip(outline("san-tin-axis"), 300.0),
    }


def corridors(x: Inputs, p: Places) -> list[Feature]:
    """Rows of green_corridors.geojson, geometry in EPSG:4547. Parts of one corridor do not overlap."""
    shapes, names, notes = corridor_shapes(x, p), records("green_corridors"), records("species_notes")
    rows: list[Feature] = []
    taken: list[Any] = []
    for part_id, record in records("green_corridor_parts").items():
        corridor_id, _, part = part_id.partition(":")
        shape = shapes[part_id]
        if corridor_id != "san-tin-bird-corridor":  # overlaps Sam Po Shue, and is assessed alone
            shape = polygons(shape.difference(shapely.union_all(taken)) if taken else shape, 1.0, 2.0)
            taken.append(shape)
        else:
            shape = polygons(shape, 1.0, 2.0)
        width_m = record["width_m"] or round(shape.area / line(*outline(f"wetland-{part}")).length, -1)
        species = notes[record["species"]]
        properties = {
            "part_id": part_id,
            "corridor_id": corridor_id,
            "part": part,
            **{c: names[corridor_id][c] for c in ("name_en", "name_zh_hant", "name_zh_hans")},
            **{c: record[c] for c in ("part_en", "part_zh_hant", "part_zh_hans", "region")},
            "width_m": width_m,
            "area_ha": hectares(shape),
            **{c: text for c, text in species.items() if c != "species"},
            **{c: record[c] for c in ("accuracy_m", "method", "confidence", "source")},
        }
        rows.append((properties, shape))
    return rows


def build(sources: Path) -> None:
    """Write both layers and print hectares."""
    x = load(sources)
    write_geojson("wildlife_sites.geojson", simplified(wildlife(x), 1.0))
    green = corridors(x, places(x))
    for properties, _shape in green:
        print(
            f"  {properties['part_id']:40s} {properties['area_ha']:9.1f} ha, "
            f"width {properties['width_m']:.0f} m"
        )
    write_geojson("green_corridors.geojson", simplified(green, 12.0))


def main() -> None:
    """Command line."""
    build(sources_argument(__doc__ or ""))


if __name__ == "__main__":
    main()
