"""The ecological account of works: hectares and quality of every habitat on every side of a boundary, before and after."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from corridor.ecology.quality.quality import QualityReference, assess_quality

KEYS = ["side", "habitat_id"]
AREAS = ["area_ha", "taken_ha", "quality_before_ha", "quality_after_ha"]


def ecological_account(reference: QualityReference, prints: gpd.GeoDataFrame) -> pd.DataFrame:
    """Hectares and quality of every habitat on every side, before and after works.

    Parameters
    ----------
    reference
        The land without the works, whose cells whose habitat is known are counted.
    prints
        Footprints (EPSG:4547): line_id, permanence, operation. Ground that two lines take counts once.

    Returns
    -------
    pandas.DataFrame
        side, habitat_id, area_ha, taken_ha (permanently), quality_before_ha and quality_after_ha (hectares times quality). What is
        taken where no habitat is known is in no row.
    """
    change = assess_quality(reference, prints).totals
    taken = shapely.union_all(prints.geometry[prints["permanence"] == "permanent"].to_numpy())
    ground = reference.hectares(reference.grid.covered(taken)).rename(columns={"ha": "taken_ha"})
    account = change[[*KEYS, "area_ha", "before_ha", "after_ha"]].merge(ground, on=KEYS, how="left")
    account = account.rename(columns={"before_ha": "quality_before_ha", "after_ha": "quality_after_ha"})
    return account.assign(taken_ha=account["taken_ha"].fillna(0.0))[[*KEYS, *AREAS]]
