"""The area from which each hub is reached within each cut-off, for maps."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import MultiPolygon

from corridor.access.measures.isochrone import isochrones
from corridor.access.search.cells import Cells
from corridor.core.crs import WGS84, frame_in_wgs84


def hub_areas(
    cells: Cells,
    minutes: Mapping[str, NDArray[np.float32]],
    cutoffs_min: Sequence[int],
    known: MutableMapping[bytes, MultiPolygon],
) -> gpd.GeoDataFrame:
    """Isochrones of the hubs of one scenario; it depends on the cells and the minutes alone.

    Parameters
    ----------
    cells
        The cells of the study.
    minutes
        (cells,) minutes to each hub, by place_id; NaN where not reached.
    cutoffs_min
        Cut-offs in minutes.
    known
        Areas that other scenarios share, EPSG:4547 (:func:`corridor.access.measures.isochrone.isochrones`); filled here.

    Returns
    -------
    geopandas.GeoDataFrame
        place_id, cutoff_min, area_ha (hectares) and geometry in EPSG:4326; no row where no cell is reached.
    """
    frames = [
        isochrones(cells.x_m, cells.y_m, of_hub, cutoffs_min, known=known).assign(place_id=place_id)
        for place_id, of_hub in minutes.items()
    ]
    columns = ["place_id", "cutoff_min", "area_ha", "geometry"]
    if not frames:
        return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=WGS84)
    whole = pd.concat(frames, ignore_index=True)
    reached = whole.loc[whole["cells"] > 0, columns].astype({"cutoff_min": int})
    return frame_in_wgs84(reached.reset_index(drop=True))
