"""Lists of places for `corridor times`: CSV files with id, lon, lat."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from corridor.core.csv_tables import read_table
from corridor.core.errors import LayerError, Problems


def read_points(files: Iterable[Path]) -> dict[Path, pd.DataFrame]:
    """Read lists of places: id, lon and lat in degrees (WGS84), with the file and line of each place as index.

    Raises
    ------
    LayerError
        With every problem of every file.
    """
    frames, problems = {}, Problems(LayerError)
    for path in dict.fromkeys(files):
        try:
            frames[path] = _read(path)
        except LayerError as error:
            problems.extend(error)
    problems.raise_all()
    return frames


def _read(path: Path) -> pd.DataFrame:
    frame = read_table(path, ("id", "lon", "lat"), text=("id",), name=str(path))
    frame.index = pd.Index([f"{path.name}:{i + 2}" for i in frame.index])
    lon, lat = (pd.to_numeric(frame[c], errors="coerce") for c in ("lon", "lat"))
    with Problems(LayerError) as problems:
        if frame.empty:
            problems.add(path.name, "has no rows", "at least one", "add places")
        for line in frame.index[frame["id"].isna()]:
            problems.add(line, "id is empty", "an id", "fill it")
        for line in frame.index[~(lat.between(-90, 90) & lon.between(-180, 180))]:
            hint = "swap lon and lat" if abs(lat[line]) > 90 >= abs(lon[line]) else "correct them"
            what = f"lon {frame['lon'][line]}, lat {frame['lat'][line]}"
            problems.add(line, what, "WGS84 degrees", hint)
    return frame.assign(lon=lon, lat=lat)
