"""Commercial land by 250 m cell, which draws leisure and shopping. Called by demand.py.

Hong Kong: class 11 (commercial) of the land use of 2024 on 25 squares a cell. Shopping inside housing estates and
stations is in other classes and is not counted.

Shenzhen has no map of commercial land. A proxy (assumption): modelled jobs in compact and open high-rise (local
climate zones 1 and 4) over the jobs that a hectare of commercial land has in Hong Kong by the same measure. Offices
count as much as shops, and malls in other zones are missed. How far the proxy follows the map in Hong Kong is printed;
it is no independent test, since jobs there are modelled on land use as well.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from people_grid import FCOLS, PER, sample

COMMERCIAL = 11
HIGH_RISE = (1, 4)
HA_A_SQUARE = 0.25  # 50 m squares
LEAST_HA = 0.05


def squares(cell_ids: pd.Series) -> NDArray[np.int64]:
    """Indices of the 25 fine squares of each cell, shape (cells, 25)."""
    at = cell_ids.str.extract(r"c(\d+)r(\d+)").astype(np.int64).to_numpy()
    within = np.arange(PER)
    column = PER * at[:, :1] + np.tile(within, PER)
    row = PER * at[:, 1:] + np.repeat(within, PER)
    return np.asarray(row * FCOLS + column)


def share_in(path: Path, index: NDArray[np.int64], classes: tuple[int, ...]) -> NDArray[np.float64]:
    """Share of each cell that a raster has in these classes."""
    return np.asarray(np.isin(sample(path, index.ravel()), classes).reshape(index.shape).mean(axis=1))


def commercial(sources: Path, land_use: Path, cells: pd.DataFrame) -> pd.DataFrame:
    """Hectares of commercial land by cell; cells with less than 0.05 ha are left out."""
    index = squares(cells["cell_id"])
    lcz = sources / "land_cover_lcz" / "lcz_2018_2019_study_area_epsg4326.tif"
    jobs = cells["jobs_modelled"].to_numpy() * share_in(lcz, index, HIGH_RISE)
    south = (cells["region"] == "hk").to_numpy()
    mapped = share_in(land_use, index, (COMMERCIAL,)) * index.shape[1] * HA_A_SQUARE
    jobs_a_ha = jobs[south].sum() / mapped[south].sum()
    likeness = np.corrcoef(jobs[south], mapped[south])[0, 1]
    area = np.where(south, mapped, jobs / jobs_a_ha)
    print(
        f"commercial land: {mapped[south].sum():,.0f} ha mapped, {jobs_a_ha:,.0f} jobs in high-rise a hectare"
    )
    print(
        f"  proxy {area[~south].sum():,.0f} ha; correlation with mapped land where both are known {likeness:.2f}"
    )
    table = pd.DataFrame(
        {"cell_id": cells["cell_id"], "commercial_ha": area.round(2), "assumed": (~south).astype(int)}
    )
    return table[table["commercial_ha"] >= LEAST_HA]
