"""Build layers/land/wildlife_sites.geojson and green_corridors.geojson.

Inputs: those of designations.py, and what it cuts (reserves, ponds, parks).

Method: wildlife sites are approximate points and polygons: SSSI polygons, woodland and the works' boundary
where there are any, bus stops of the village, memory otherwise; `method` says which, `accuracy_m` how sure.
Green corridors have width and are polygons: wetland as mapped (width = area over the length of an axis), a
shore strip, or a strip about a drawn axis. Every drawn axis and width is an assumption. Parts do not overlap.
The San Tin corridor lies over the Sam Po Shue part of the Deep Bay wetlands: the two are never to be added.

Checks printed: hectares and width of each part. Licence: as designations.py.

Names, sources and methods stand in records/*.csv; here are the shapes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shapely
from land_cuts import EGRETRY_HA, SSSI, VILLAGE_HA, Inputs, Places, box, by_area, line, load, places
from land_shapes import Row, close, hectares, polygons, records, simplified, sources_argument, write_geojson

from corridor.core.crs import project

SAN_TIN_AXIS = ((114.0620, 22.5030), (114.0740, 22.5015), (114.0880, 22.5010))
MAI_PO_LUNG = (114.0655, 22.4950)
PLACES = {
    "egretry-mai-po-lung": MAI_PO_LUNG,
    "egretry-kam-po-road": (114.0712, 22.4190),
    "egretry-ho-sheung-heung": (114.1085, 22.5115),
    "egretry-san-sang-san-tsuen": (113.9885, 22.4430),
    "egretry-ngau-hom-shek": (113.9760, 22.4575),
    "roost-sha-po": (114.0509, 22.4526),
    "roost-ko-po-road": (114.0526, 22.4418),
    "roost-kam-po-road": (114.0708, 22.4194),
    "roost-mai-po-gei-wai": (114.0386, 22.4878),
}
"""Sites known as a point only: longitude, latitude."""
HILLS = {
    "wutong": ((114.2170, 22.5840), (114.2000, 22.5670), (114.1930, 22.5580)),
    "robins-nest": ((114.1930, 22.5580), (114.1970, 22.5450), (114.2000, 22.5340)),
    "wo-hang": ((114.2000, 22.5340), (114.1970, 22.5230), (114.2060, 22.5110)),
    "pat-sin-leng": ((114.2060, 22.5110), (114.2136, 22.4963), (114.2200, 22.4880)),
}
"""Axes of the parts of the corridor over the hills."""
WETLAND_AXES = {
    "futian": ((113.990, 22.523), (114.012, 22.518), (114.034, 22.507)),
    "sam-po-shue": ((114.047, 22.493), (114.060, 22.503), (114.074, 22.509)),
    "mai-po": ((114.000, 22.488), (114.030, 22.482), (114.055, 22.500)),
    "hoo-hok-wai": ((114.072, 22.514), (114.088, 22.526), (114.107, 22.532)),
}
"""Axes of the wetland parts; their width is area over the length of the axis."""
NG_TUNG_RIVER = ((114.1040, 22.5310), (114.1125, 22.5240), (114.1130, 22.5150), (114.1125, 22.5080))


def strip(points: tuple[tuple[float, float], ...], width_m: float) -> Any:
    """A strip of a width about an axis in degrees, EPSG:4547."""
    return line(*points).buffer(width_m / 2, cap_style="flat")


def site_shapes(x: Inputs) -> dict[str, Any]:
    """Shape of each wildlife site, by id, EPSG:4547."""
    around_works = box(114.0253, 22.4666, 114.0285, 22.4695)
    works = max((u for u in x.utilities if u.intersects(around_works)), key=lambda u: u.area)
    _, south, east, north = works.bounds
    return {
        **{key: project(shapely.Point(*at)) for key, at in PLACES.items()},
        "egretry-mai-po-village": by_area(x, SSSI, VILLAGE_HA).centroid,
        "egretry-tsim-bei-tsui": by_area(x, SSSI, *EGRETRY_HA).centroid,
        "roost-yuen-long-works-east": shapely.Point(east + 40, (south + north) / 2),
        "roost-yuen-long-works-north-east": shapely.Point(east + 32, north + 32),
        "flight-san-tin": strip(SAN_TIN_AXIS, 300.0),
        "flight-mai-po-lung": strip((MAI_PO_LUNG, (114.0600, 22.5005)), 70.0),
    }


def wildlife(x: Inputs) -> list[Row]:
    """Rows of wildlife_sites.geojson, geometry in EPSG:4547."""
    shapes = site_shapes(x)
    return [
        (record | {"width_m": record["width_m"] and float(record["width_m"])}, shapes[key])
        for key, record in records("wildlife_sites").items()
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
        "long-valley": shapely.union_all([p.long_valley, strip(NG_TUNG_RIVER, 300.0)]),
    }
    shore = {
        "tsim-bei-tsui": box(113.975, 22.4745, 114.006, 22.500),
        "lau-fau-shan": box(113.960, 22.4590, 113.996, 22.4745),
        "pak-nai": box(113.925, 22.4235, 113.985, 22.4590),
    }
    return {
        **{f"deep-bay-wetlands:{part}": shape for part, shape in wet.items()},
        **{f"western-coast:{part}": coast.intersection(around) for part, around in shore.items()},
        **{f"wutong-pat-sin-leng:{part}": strip(axis, 1000.0) for part, axis in HILLS.items()},
        "san-tin-bird-corridor:san-tin": strip(SAN_TIN_AXIS, 300.0),
    }


def corridors(x: Inputs, p: Places) -> list[Row]:
    """Rows of green_corridors.geojson, geometry in EPSG:4547. Parts of one corridor do not overlap."""
    shapes, names, notes = corridor_shapes(x, p), records("green_corridors"), records("species_notes")
    rows: list[Row] = []
    taken: list[Any] = []
    for part_id, record in records("green_corridor_parts").items():
        corridor_id, _, part = part_id.partition(":")
        shape = shapes[part_id]
        if corridor_id != "san-tin-bird-corridor":  # lies over Sam Po Shue, and is judged alone
            shape = polygons(shape.difference(shapely.union_all(taken)) if taken else shape, 1.0, 2.0)
            taken.append(shape)
        else:
            shape = polygons(shape, 1.0, 2.0)
        width_m = record["width_m"] or round(shape.area / line(*WETLAND_AXES[part]).length, -1)
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
