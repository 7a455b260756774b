"""Files that users give: what is too large or no such file is refused, what breaks a reader is said, tables are read.

A file is somebody's input. It is opened only by a reader of its stated kind, after its first bytes say that it is of
that kind, so that no file can send a reader to other files, to the network or to code.
"""

from __future__ import annotations

import contextlib
import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from corridor.core import csv_tables
from corridor.core.containment import BOM, MAP_STARTS
from corridor.core.errors import CorridorError, LayerError, Problems, first_line
from corridor.core.progress import tell

MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """How much one file may bring.

    A file may be damaged, or made to exhaust memory or disk; each limit is well above what map data of the study need.
    """

    file_bytes: int = 2_000 * MB
    """Any file."""
    text_bytes: int = 300 * MB
    """GeoJSON and CSV, which are parsed at a time."""
    features: int = 1_000_000
    vertices: int = 20_000_000
    cells: int = 250_000_000
    """Raster cells over the study, read in strips."""
    cell_bytes: int = 1
    """Memory that a raster cell takes beside its own."""
    block_bytes: int = 128 * MB
    """One tile or strip of a raster as GDAL holds it."""
    unzipped_bytes: int = 1_000 * MB
    unzip_ratio: int = 200
    """Times that an archive may grow; deflate of real map data stays under 50."""
    zip_members: int = 1_000
    json_depth: int = 64
    told_bytes: int = 10 * MB
    """Above this the size is reported before the work."""


LIMITS = Limits()
MEMORY_PER_BYTE = {".geojson": 12, ".json": 12, ".csv": 6, ".kml": 12, ".gpx": 12}
"""Bytes of memory for one of a text file; measured on polygons (GeoJSON) and points (CSV), rounded up."""
OTHER_MEMORY = 5

_TIFF, _PARQUET = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"), (b"PAR1",)
_STARTS: dict[str, tuple[bytes, ...]] = {
    **{suffix: (start,) for suffix, start in MAP_STARTS.items()},
    ".kml": (b"<",), ".gpx": (b"<",), ".kmz": (b"PK\x03\x04",), ".zip": (b"PK\x03\x04",), ".tif": _TIFF, ".tiff": _TIFF, ".parquet": _PARQUET, ".geoparquet": _PARQUET,
}  # fmt: skip
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')


def check_file(path: Path) -> None:
    """Refuse what is no plain file, is too large, or does not begin as its name says; say the size of what is large.

    Parameters
    ----------
    path
        A file of the user.

    Raises
    ------
    LayerError
        For what is no plain file, is empty, too large, or does not begin as its ending says.
    """
    where = path.name
    if not path.is_file():
        raise LayerError.at(str(path), "is no file", "a file of this computer", "check the path")
    size, suffix = path.stat().st_size, path.suffix.lower()
    if size == 0:
        raise LayerError.at(where, "is empty", "a file with data", "export it again")
    most = LIMITS.text_bytes if suffix in MEMORY_PER_BYTE else LIMITS.file_bytes
    if size > most:
        remedy = "cut it to the study's area first, e.g. with ogr2ogr -spat or gdal_translate -projwin"
        raise LayerError.at(where, f"is {size / MB:,.0f} MB", f"at most {most / MB:,.0f} MB", remedy)
    _check_start(path, suffix)
    tell_size(path, MEMORY_PER_BYTE.get(suffix, OTHER_MEMORY))


def tell_size(path: Path, memory_per_byte: float) -> None:
    """Say how much memory a large file will take before it is read; nothing for one of up to 10 MB.

    Parameters
    ----------
    path
        The file.
    memory_per_byte
        Bytes of memory for each byte of the file.
    """
    size = path.stat().st_size
    if size > LIMITS.told_bytes:
        memory_gb = size * memory_per_byte / 1e9
        tell(f"reading {path.name} ({size / MB:,.0f} MB), about {memory_gb:,.1f} GB of memory")


def _check_start(path: Path, suffix: str) -> None:
    with path.open("rb") as stream:
        head = stream.read(64)
    if starts := _STARTS.get(suffix):
        text = suffix in (".geojson", ".json", ".kml", ".gpx")
        if not (head.removeprefix(BOM).lstrip() if text else head).startswith(starts):
            what = f"does not begin as a {suffix} file does"
            raise LayerError.at(path.name, what, f"a {suffix} file", "export it again")


def check_json_depth(path: Path) -> None:
    """Refuse JSON nested deeper than any GeoJSON is: a stack would overflow before a parser complains.

    Parameters
    ----------
    path
        A JSON file, already checked for its size; it is held in memory.

    Raises
    ------
    LayerError
        Where brackets are nested more than 64 deep. Brackets inside strings do not count.
    """
    bare = np.frombuffer(_STRING.sub(b"", path.read_bytes()), dtype=np.uint8)
    step = np.zeros(len(bare), dtype=np.int8)
    step[(bare == ord("[")) | (bare == ord("{"))] = 1
    step[(bare == ord("]")) | (bare == ord("}"))] = -1
    depth = int(np.cumsum(step, dtype=np.int64).max(initial=0))
    if depth > LIMITS.json_depth:
        what = f"is nested {depth:,} levels deep"
        expected = f"at most {LIMITS.json_depth}"
        raise LayerError.at(path.name, what, expected, "export it again: GeoJSON needs nine")


def check_zip(path: Path) -> list[str]:
    """The names in an archive, where it is safe to unpack: sizes as stated, no way out of it, no links.

    Parameters
    ----------
    path
        An archive.

    Returns
    -------
    list of str
        Names of its files.

    Raises
    ------
    LayerError
        With everything that is unsafe in it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        what = f"cannot be opened ({error})"
        raise LayerError.at(path.name, what, "a zip archive", "pack it again") from None
    # sizes as the archive states them: zipfile reads no more of a member than that
    size, packed = sum(m.file_size for m in members), max(path.stat().st_size, 1)
    with Problems() as faults:
        remedy = "pack the map files alone"
        if len(members) > LIMITS.zip_members:
            faults.add(path.name, f"holds {len(members):,} files", f"at most {LIMITS.zip_members:,}", remedy)
        if size > LIMITS.unzipped_bytes:
            expected = f"at most {LIMITS.unzipped_bytes / MB:,.0f} MB"
            faults.add(path.name, f"unpacks to {size / MB:,.0f} MB", expected, remedy)
        if (times := size / packed) > LIMITS.unzip_ratio:
            what, expected = f"grows {times:,.0f} times when unpacked", f"at most {LIMITS.unzip_ratio}"
            faults.add(path.name, what, expected, remedy)
        # a link, a drive or '..' would write or read outside the folder that the archive is unpacked in
        for member in members:
            parts = Path(member.filename.replace("\\", "/")).parts
            if ".." in parts or member.filename.startswith(("/", "\\")) or ":" in member.filename:
                faults.add(path.name, f"holds {member.filename!r}", "names inside the archive", remedy)
            elif stat.S_ISLNK(member.external_attr >> 16):
                faults.add(path.name, f"holds a link {member.filename!r}", "plain files", remedy)
    return [m.filename for m in members if not m.is_dir()]


BROKEN_ARCHIVE = (
    OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip
"""What unpacking a damaged archive raises; RuntimeError for one with a password or an unknown way of packing."""


@contextlib.contextmanager
def reading(
    where: str,
    expected: str,
    remedy: str = "export it again",
    faults: tuple[type[Exception], ...] = (Exception,),
    what: str = "cannot be read",
) -> Iterator[None]:
    """Turn what a library raises on a damaged file into a :class:`LayerError`; our own errors pass as they are.

    Parameters
    ----------
    where
        The file, for messages.
    expected
        What it should be.
    remedy
        What to do.
    faults
        What the library raises; by default anything.
    what
        How the message begins.
    """
    caught: tuple[type[Exception], ...] = (MemoryError, *faults)
    try:
        yield
    except CorridorError:
        raise
    except caught as error:
        raise LayerError.at(where, f"{what} ({first_line(error)})", expected, remedy) from None


SHIPPED = Path(__file__).resolve().parents[1] / "tables"


def shipped_rows(name: str) -> list[dict[str, str]]:
    """Rows of a shipped table, cells by column.

    Parameters
    ----------
    name
        File name in ``corridor/importers/tables``, with its ending.
    """
    return csv_tables.table_rows(SHIPPED / name)


def read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """A user's table as texts without spaces around them; its index is the line less 2.

    Parameters
    ----------
    path
        A CSV.
    columns
        Columns that must be there.

    Raises
    ------
    LayerError
        For what is no CSV.
    MissingColumnError
        For columns that it lacks.
    """
    if path.suffix.lower() != ".csv":
        expected = f"a CSV file with columns {', '.join(columns)}"
        raise LayerError.at(path.name, "is not a CSV file", expected, "export it as CSV")
    check_file(path)
    table = csv_tables.read_table(path, columns).fillna("")
    return table.apply(lambda column: column.str.strip())
