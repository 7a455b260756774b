"""Build layers/land/designations.geojson.

Inputs (under --sources):
- hk_habitat/CountryParksProtectedAreas_shp.zip: Ramsar, SSSI, country parks and special areas, conservation
  areas of Hong Kong, without names (only those still in force are taken);
- derived/hk_lum2024_wetland_polys.gpkg: fish ponds (62) and mangrove or swamp (74) of the land-use grid 2024;
- hk_land_use_2024/landuse_2024_10m_epsg2326.tif: farmland (Long Valley), utilities (for the roosts);
- derived/deepbay_mudflat_mangrove_2011_2020.gpkg: flats and vegetation of inner Deep Bay, both sides;
- land_cover_lcz/lcz_2018_2019_study_area_epsg4326.tif: the water of the OCT wetland;
- and layers/land/coastline.geojson, built before.

Method: what the protected-areas file holds is taken from it and named by place and area. What it lacks is cut
from pond, mangrove, farmland and mudflat polygons, or drawn; `method` says which, `accuracy_m` how sure the
edge is, and `area_ha` is beside `published_area_ha`. Designations overlap: never add hectares of
different designations.

Checks printed: area against published area of each designation.
Licence: compilation CC BY 4.0; Planning Department via DATA.GOV.HK (attribution); Kwong et al. 2026 and the
Deep Bay study (facts).

Names, published areas, sources, methods and notes are records (records/designations.csv); here are the shapes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from land_cuts import (
    EGRETRY_HA,
    INNER_LAND_HA,
    MARSHES_HA,
    PARK,
    SSSI,
    TSIM_BEI_TSUI_HA,
    VILLAGE_HA,
    WETLAND_PARK_HA,
    Inputs,
    Places,
    box,
    by_area,
    drawn,
    load,
    pick,
    places,
    scaled,
)
from land_shapes import Feature, close, hectares, polygons, simplified, write_geojson
from tables import outline, records, sources_argument


def parks_ha() -> dict[str, tuple[float, ...]]:
    """Country parks: hectares of their polygons, by which the protected-areas file tells them apart."""
    rows = records("designations")
    return {i: tuple(map(float, str(r["polygons_ha"]).split())) for i, r in rows.items() if r["polygons_ha"]}


COLUMNS = (
    "designation_id", "name_en", "name_zh_hant", "name_zh_hans", "designation", "region", "published_area_ha",
    "published_area_source", "area_ha", "accuracy_m", "method", "confidence", "source", "note",
)  # fmt: skip


def rest(x: Inputs, kind: str, *named_ha: float) -> gpd.GeoSeries:
    """The polygons of a type in the protected-areas file that no area names."""
    rows = x.protected[x.protected["Type"] == kind]
    return rows.drop(index=pick(x, kind, *named_ha)).geometry


def other_sssis(x: Inputs) -> gpd.GeoSeries:
    """Sites of special scientific interest without a record of their own."""
    return rest(x, SSSI, MARSHES_HA, VILLAGE_HA, *INNER_LAND_HA, *EGRETRY_HA, TSIM_BEI_TSUI_HA)


def other_parks(x: Inputs) -> gpd.GeoSeries:
    """Country parks and special areas without a record of their own."""
    return rest(x, PARK, WETLAND_PARK_HA, *(ha for each in parks_ha().values() for ha in each))


def conservation_areas(x: Inputs) -> gpd.GeoSeries:
    """Conservation areas on outline zoning plans."""
    return x.protected.geometry[x.protected["Type"] == "Conservation Area"]


def wetlands(x: Inputs, p: Places) -> dict[str, Any]:
    """Ramsar sites, reserves, wetland parks and the two planning areas of Deep Bay."""
    buffer = p.wca.buffer(500.0).intersection(x.hk)
    buffer = buffer.difference(shapely.union_all([p.wca, p.ramsar, x.mangrove]))
    return {
        "ramsar-mai-po-inner-deep-bay": p.ramsar,
        "ramsar-futian": p.futian,
        "reserve-futian": p.futian,
        "reserve-mai-po": p.marshes.intersection(box(113.9, 22.40, 114.2, 22.4995)),
        "wcp-sam-po-shue": p.sam_po_shue,
        "wcp-hoo-hok-wai": p.hoo_hok_wai,
        "wcp-nam-sang-wai": p.nam_sang_wai,
        "hk-wetland-park": p.wetland_park,
        "wcp-hk-wetland-park-extension": p.park_extension,
        "long-valley-nature-park": p.long_valley,
        "oct-wetland-park": scaled(x.oct_water.buffer(50.0), 68.5, shapely.Polygon()),
        "wca-deep-bay": p.wca,
        "wba-deep-bay": polygons(buffer.intersection(box(113.99, 22.44, 114.125, 22.55)), 1.0, 1.0),
    }


def inner_deep_bay(x: Inputs, p: Places) -> Any:
    """The Inner Deep Bay SSSI: water and flats of the Ramsar site, gaps closed, and two pieces of land."""
    ponds = x.ponds.buffer(20.0)
    green = x.flats["HK", "intertidal_vegetation"]
    around = box(113.990, 22.47, 114.04, 22.53)
    bay = shapely.union_all(
        [
            p.ramsar.difference(p.marshes).difference(ponds).difference(box(114.03, 22.46, 114.08, 22.486)),
            x.flats["HK", "mudflat"].intersection(around),
            green.intersection(around).difference(p.marshes),
        ]
    )
    others = shapely.union_all([x.sz, p.futian, p.marshes, ponds, x.flats["SZ", "mudflat"]])
    bay = close(bay, 250.0).difference(others)
    dry = x.hk.difference(shapely.union_all([x.mangrove, green]).buffer(30.0))
    bay = shapely.union_all([bay.difference(dry), by_area(x, SSSI, *INNER_LAND_HA)])
    return polygons(bay, 2.0, 20.0)


def sssis(x: Inputs, p: Places) -> dict[str, Any]:
    """Sites of special scientific interest."""
    tip = by_area(x, SSSI, TSIM_BEI_TSUI_HA)
    shore = x.hk.buffer(150.0).difference(x.hk.buffer(-5.0))
    nai = shapely.union_all([shore, x.mangrove.buffer(10.0)])
    return {
        "sssi-mai-po-marshes": p.marshes,
        "sssi-mai-po-village": by_area(x, SSSI, VILLAGE_HA),
        "sssi-inner-deep-bay": inner_deep_bay(x, p),
        "sssi-tsim-bei-tsui": scaled(tip.buffer(20.0), 2.1, shapely.Polygon()),
        "sssi-tsim-bei-tsui-egretry": by_area(x, SSSI, *EGRETRY_HA),
        "sssi-pak-nai": polygons(nai.intersection(box(113.9525, 22.4425, 113.9720, 22.4565)), 0.5, 5.0),
        "sssi-other": shapely.union_all(other_sssis(x).values),
    }


def parks(x: Inputs) -> dict[str, Any]:
    """Country parks, special areas and conservation areas."""
    named = {park: by_area(x, PARK, *each) for park, each in parks_ha().items()}
    return named | {
        "country-park-other": polygons(shapely.union_all(other_parks(x).values), 0.05),
        "conservation-areas": shapely.union_all(conservation_areas(x).values),
    }


def sea(x: Inputs) -> dict[str, Any]:
    """Marine parks, drawn, and mudflats."""
    land = shapely.union_all([x.hk, x.sz])
    sha_chau, brothers, north = (
        drawn(*outline(f"marine-park-{name}"))
        for name in ("sha-chau-lung-kwu-chau", "brothers", "north-lantau")
    )
    sha_chau = scaled(sha_chau, 1200, land).intersection(box(113.8691, 22.30, 113.95, 22.42))
    brothers = scaled(brothers, 970, land.buffer(50.0))
    north = north.difference(shapely.union_all([land.buffer(100.0), sha_chau, brothers]))
    return {
        "marine-park-north-lantau": polygons(north, 5.0),
        "marine-park-sha-chau-lung-kwu-chau": sha_chau,
        "marine-park-brothers": brothers,
        "mudflat-deep-bay-hk": polygons(x.flats["HK", "mudflat"], 0.5, 0.5),
        "mudflat-deep-bay-sz": polygons(x.flats["SZ", "mudflat"], 0.5, 0.5),
    }


def designations(x: Inputs, p: Places) -> list[Feature]:
    """Rows of designations.geojson, geometry in EPSG:4547: each record with its shape, and the area of that."""
    counts = {
        "sssi-other": len(other_sssis(x)),
        "country-park-other": len(other_parks(x)),
        "conservation-areas": len(conservation_areas(x)),
    }
    shapes = wetlands(x, p) | sssis(x, p) | parks(x) | sea(x)
    rows: list[Feature] = []
    for key, record in records("designations").items():
        shape = polygons(shapes[key])
        row = record | {
            "published_area_source": record["published_area_source"] or "",
            "area_ha": hectares(shape),
            "method": record["method"].format(futian_m=f"{p.futian_m:.0f}", count=counts.get(key)),
            "note": record["note"] or "",
        }
        rows.append(({column: row[column] for column in COLUMNS}, shape))
    return rows


def build(sources: Path) -> None:
    """Write the layer and print areas against published ones."""
    x = load(sources)
    p = places(x)
    rows = designations(x, p)
    for properties, _shape in rows:
        published = properties["published_area_ha"]
        against = (
            f"published {published} ({100 * (properties['area_ha'] / published - 1):+.0f} %)"
            if published
            else ""
        )
        print(f"  {properties['designation_id']:40s} {properties['area_ha']:9.1f} ha {against}")
    write_geojson("designations.geojson", simplified(rows, 12.0))


def main() -> None:
    """Command line."""
    build(sources_argument(__doc__ or ""))


if __name__ == "__main__":
    main()
