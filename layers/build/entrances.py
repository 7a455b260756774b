"""Build layers/land/entrances.csv: where people enter green corridors, country parks and wetland parks.

No source maps the entrances of green corridors. Each row is a proxy, said to be one: visitor centres of country
parks (geodata.gov.hk, by way of DATA.GOV.HK; attribution), wetland parks, a village and stations beside a corridor.
Positions are those of the list, of the record (records/entrances.csv), of the station or the middle of the
designation that the record names. Entry to Mai Po is by permit, so it has none; the San Tin corridor is not built.

    python layers/build/entrances.py --sources DIR
"""

from __future__ import annotations

import re

import geopandas as gpd
from positions import LonLat
from tables import LAYERS, NETWORK, Row, read, record_rows, sources_argument, write

COLUMNS = "entrance_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,kind,opens,confidence,source,note"
CENTRES = "Visitor_Centres_of_Country_Parks.geojson"


def position(record: Row, centres: dict[str, LonLat], parks: dict[str, LonLat]) -> LonLat:
    """Longitude and latitude of an entrance."""
    if record["lon"] is not None:
        return record["lon"], record["lat"]
    if record["name_en"] in centres:
        return centres[record["name_en"]]
    if station := re.search(r"position of station (\S+)", record["source"]):
        found = next(r for r in read(NETWORK / "stations_sz.csv") if r["station_id"] == station[1])
        return float(found["lon"]), float(found["lat"])
    return parks[record["opens"]]


def main() -> None:
    """Build the table."""
    data = gpd.read_file(sources_argument(__doc__ or "") / "hk_facilities_2022" / CENTRES)
    centres = {r["Facility Name"]: (r.geometry.x, r.geometry.y) for _, r in data.iterrows()}
    areas = gpd.read_file(LAYERS / "land" / "designations.geojson").set_index("designation_id")
    parks = {i: (p.x, p.y) for i, p in areas.geometry.representative_point().items()}
    rows = []
    for record in record_rows("entrances"):
        lon, lat = position(record, centres, parks)
        rows.append(record | {"lon": f"{lon:.5f}", "lat": f"{lat:.5f}"})
    missing = set(centres) - {r["name_en"] for r in rows}
    if missing:
        raise SystemExit(f"visitor centres without a record: {sorted(missing)}")
    write(LAYERS / "land" / "entrances.csv", COLUMNS, rows)
    print(f"{len(rows)} entrances, {len(centres)} of them visitor centres")


if __name__ == "__main__":
    main()
