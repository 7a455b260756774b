"""Build every land and nature layer.

Runs, in order, coastline.py (coastline, districts), habitat.py (habitat, its sources, land use),
designations.py (designations) and wildlife.py (wildlife sites, green corridors):

    python layers/build/land.py --sources DIR

DIR holds the reference data named in each builder. All lengths and areas are measured in EPSG:4547; files are
WGS84 longitude and latitude. Same inputs, same bytes.

Checks: each builder prints counts, areas against published figures, and distances to a second source.
Licence: the compilation is CC BY 4.0; the catalogue entry of the layer has the terms of each source.
"""

from __future__ import annotations

import coastline
import designations
import habitat
import wildlife
from tables import sources_argument


def main() -> None:
    """Run the builders."""
    sources = sources_argument(__doc__ or "")

    coastline.build(sources)
    habitat.build(sources)
    designations.build(sources)
    wildlife.build(sources)


if __name__ == "__main__":
    main()
