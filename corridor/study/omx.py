"""Open Matrix files (OMX 0.2, matrices in HDF5) as they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corridor.core.errors import CorridorError, LayerError, Problems, first_line

if TYPE_CHECKING:
    import h5py

F64 = NDArray[np.float64]
MAGIC = b"\x89HDF"
ZONES = "zone_id"
"""The lookup with the zones of rows and columns."""
MOST_ZONES = 10_000


@dataclass(frozen=True)
class Omx:
    """What a file holds.

    Attributes
    ----------
    zones
        Names of the rows and columns; empty where the file does not say.
    size
        Rows, and columns.
    matrices
        (row, column) by name; 0 where the file marks a cell as missing.
    """

    name: str
    zones: list[str]
    size: int
    matrices: Mapping[str, F64]


def is_omx(path: Path) -> bool:
    """Whether a file begins as HDF5 does; one that cannot be read does not."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def needed() -> Any:
    """The package h5py.

    Raises
    ------
    CorridorError
        Where it is not installed: it is an extra.
    """
    try:
        import h5py
    except ImportError:
        what, remedy = "h5py is not installed", "run: pip install 'corridor[omx]'"
        raise CorridorError.at("OMX matrices", what, "the package h5py", remedy) from None
    return h5py


def read_omx(path: Path) -> Omx:
    """Read an Open Matrix file.

    Raises
    ------
    CorridorError
        Where h5py is not installed.
    LayerError
        Where the file is damaged or has no square matrices of one size, or a lookup of another length.
    """
    h5py = needed()
    try:
        with h5py.File(path, "r") as file:
            return _read(file, path.name, h5py)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as fault:
        what = f"cannot be read as Open Matrix ({first_line(fault)})"
        raise LayerError.at(path.name, what, "an OMX file (HDF5)", "export it again") from None


def _read(file: h5py.File, name: str, h5py: Any) -> Omx:
    data = dict(_datasets(file, "data", h5py))
    problems = Problems(LayerError)
    if not data:
        problems.add(name, "has no matrices", "matrices in the group 'data'", "export it again")
    shapes = {key: matrix.shape for key, matrix in data.items()}
    size = max((shape[0] for shape in shapes.values() if len(shape) == 2), default=0)
    for key, shape in shapes.items():
        if shape != (size, size):
            text = " x ".join(map(str, shape)) or "a single value"
            problems.add(f"{name} matrix {key}", f"is {text}", f"{size} x {size}", "export it again")
        elif data[key].dtype.kind not in "fiu":
            problems.add(f"{name} matrix {key}", f"holds {data[key].dtype}", "numbers", "export it again")
    if size > MOST_ZONES:
        problems.add(name, f"{size:,} zones", f"{MOST_ZONES:,} at most", "add zones up before")
    lookups = dict(_datasets(file, "lookup", h5py))
    zones = _zones(problems, name, lookups, size)
    problems.raise_all()
    return Omx(name, zones, size, {key: _cells(matrix) for key, matrix in data.items()})


def _datasets(file: h5py.File, group: str, h5py: Any) -> Iterator[tuple[str, h5py.Dataset]]:
    """Datasets of a group that are in the file itself: a link or a virtual one may read any other file."""
    found = file.get(group)
    for key in found if isinstance(found, h5py.Group) else ():
        if isinstance(found.get(key, getlink=True), h5py.HardLink):
            item = found[key]
            if isinstance(item, h5py.Dataset) and not item.is_virtual and not item.external:
                yield str(key), item


def _zones(problems: Problems, name: str, lookups: Mapping[str, Any], size: int) -> list[str]:
    """Names of rows and columns by the lookup :data:`ZONES`, or by the only one; empty without any."""
    if ZONES not in lookups and len(lookups) > 1:
        what = f"has the lookups {', '.join(lookups)}"
        problems.add(name, what, f"one of them named {ZONES}", "rename the one with the zones")
    lookup = lookups.get(ZONES, next(iter(lookups.values()), None))
    if lookup is None:
        return []
    if lookup.shape != (size,):
        what = f"the lookup of zones has {' x '.join(map(str, lookup.shape))} entries"
        problems.add(name, what, f"{size}, as many as rows and columns", "export it again")
        return []
    values = lookup[()]
    names = [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in values.tolist()]
    for twice in sorted({n for n in names if names.count(n) > 1})[:5] if len(set(names)) < len(names) else ():
        problems.add(name, f"zone {twice!r} occurs twice in the lookup", "each once", "add its trips up")
    return names


def _cells(matrix: h5py.Dataset) -> F64:
    found = np.asarray(matrix[()], dtype=np.float64)
    missing = matrix.attrs.get("NA")
    return found if missing is None else np.where(found == float(np.ravel(missing)[0]), 0.0, found)
