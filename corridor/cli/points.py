"""Lists of places for `corridor times`: CSV files with id, lon, lat."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from corridor.core.csv_tables import read_csv
from corridor.core.errors import LayerError, MissingColumnError, Problems

COLUMNS = ("id", "lon", "lat")


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
    columns = f"columns {', '.join(COLUMNS)}"
    try:
        frame = read_csv(path, {"id": str})
    except (OSError, ValueError, Warning) as error:
        what, wanted = f"cannot be read ({error})", f"a CSV with {columns}"
        raise LayerError.at(str(path), what, wanted, "mend the file") from None
    problems = Problems(MissingColumnError)
    for column in [c for c in COLUMNS if c not in frame]:
        there = f"there are: {', '.join(map(str, frame.columns))}"
        problems.add(f"{path.name}:1", f"column {column!r} is missing", columns, there)
    problems.raise_all()
    problems = Problems(LayerError)
    if frame.empty:
        problems.add(path.name, "has no rows", "at least one", "add places")
    frame.index = pd.Index([f"{path.name}:{i + 2}" for i in frame.index])
    for line in frame.index[frame["id"].isna()]:
        problems.add(line, "id is empty", "an id", "fill it")
    lon, lat = (pd.to_numeric(frame[c], errors="coerce") for c in ("lon", "lat"))
    for line in frame.index[~(lat.between(-90, 90) & lon.between(-180, 180))]:
        hint = "swap lon and lat" if abs(lat[line]) > 90 >= abs(lon[line]) else "correct them"
        what = f"lon {frame['lon'][line]}, lat {frame['lat'][line]}"
        problems.add(line, what, "WGS84 degrees", hint)
    problems.raise_all()
    return frame.assign(lon=lon, lat=lat)
