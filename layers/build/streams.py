"""Build layers/land/streams.geojson: streams and nullahs of Hong Kong as polygons.

Input: polygons of land-use class 92 (stream and nullah, 0.1 ha and more, traced from the 10 m grid of the Planning
Department, end of 2024, by way of DATA.GOV.HK; attribution). Method: simplified to 8 m, below the size of a cell.
Streams narrower than about 10 m, in culverts or under trees are missing. Shenzhen: no such layer, not assessed.

    python layers/build/streams.py --sources DIR
"""

from __future__ import annotations

from typing import Any

import shapely
from land_shapes import hectares, read_shapes, to_wgs84, write_geojson
from tables import sources_argument

CODE = 92
TOLERANCE_M = 8.0


def main() -> None:
    """Build the layer, from north to south and west to east."""
    found = read_shapes(sources_argument(__doc__ or "") / "derived" / "hk_lum2024_wetland_polys.gpkg")
    shapes = [shapely.make_valid(g) for g in found.geometry[found["code"] == CODE].simplify(TOLERANCE_M)]
    shapes.sort(key=lambda g: (-round(g.bounds[3]), round(g.bounds[0])))
    rows: list[tuple[dict[str, Any], Any]] = [
        (
            {
                "stream_id": f"hk-{number}", "region": "hk", "area_ha": hectares(shape), "confidence": "A",
                "source": "Planning Department, land utilisation 2024, class 92",
            },
            to_wgs84(shape),
        )
        for number, shape in enumerate(shapes, 1)
    ]  # fmt: skip
    write_geojson("streams.geojson", rows)
    print(f"{sum(r['area_ha'] for r, _ in rows):.0f} ha")


if __name__ == "__main__":
    main()
