"""Files of others stay where they are: none leads out of its folder, and each is opened by the reader of its own kind alone.

GDAL knows kinds of files whose content names other files, addresses or commands (OGR VRT, GDALG, WFS, virtual tables of
SpatiaLite), and recognises them by their first bytes, whatever a file's name. Such a file is
never handed to GDAL. Beside a map or raster it would read further files (overviews, masks, world files); those of a
raster are not looked at, those of a map must lie in the study.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from corridor.core.errors import CorridorError, LayerError, first_line

if TYPE_CHECKING:
    import rasterio

NAME_LETTERS = 200
"""Of a path in a catalogue; file systems take 255 bytes in a name."""
FGB_HEAD_BYTES = 1 << 24
MAP_STARTS = {
    ".geojson": b"{",
    ".json": b"{",
    ".gpkg": b"SQLite format 3\x00",
    ".fgb": b"fgb\x03",
    ".shp": b"\x00\x00\x27\x0a",
}
"""How each kind of map begins, by the ending of its name."""
CRS_BYTES = 4_096
DXF_HEAD_BYTES = 8_192
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_CRS = re.compile(rb'"((?:crs)|[^"\\]*\\[^"]*)"\s*:\s*\{', re.IGNORECASE)
"""A member that is called crs, or may be when its escapes are read, and holds an object."""
_GAP = r"(?:\s|/\*.*?\*/|--[^\n]*\n)"
_VIRTUAL = re.compile(rf"{_GAP}*create{_GAP}+virtual\b", re.IGNORECASE | re.DOTALL)
_INDEX = re.compile(
    r'create virtual table (?:"[^"]*"|\w+) using (?:rtree|rtree_i32|fts[345])\b', re.IGNORECASE
)
BOM = b"\xef\xbb\xbf"
_PARTED = set("!;?")
"""Signs at which pyogrio divides a path into an archive and a member, or cuts it."""


def leads_out(folder: Path, name: str) -> str:
    """Why `name` is no plain path inside `folder`, links followed; empty where it is one.

    Addresses, drives, shares and GDAL names are recognised by their letters, before any disk or host is touched.

    Parameters
    ----------
    folder
        A study's folder.
    name
        A path as a catalogue or scenario file states it.

    Examples
    --------
    >>> leads_out(Path("study"), "../secret.csv")
    'leaves the folder'
    >>> leads_out(Path("study"), "layers/mine.csv")
    ''
    """
    if not name or not name.isprintable() or len(name) > NAME_LETTERS:
        return "is no name of a file"
    if "\\" in name or ":" in name or "<" in name:
        return "is no path with '/' between its parts"
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        return "leaves the folder"
    try:
        away = not (folder / path).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # links in a circle
        return "cannot be followed"
    return "leaves the folder by a link" if away else ""


def inside(folder: Path, name: str) -> Path:
    """The path of `name` in a study's folder; refuses what leaves it by '..', an absolute path or a link.

    Parameters
    ----------
    folder
        A study's folder.
    name
        A path as a catalogue or scenario file states it.

    Returns
    -------
    pathlib.Path
        The path in the folder; the file need not exist.

    Raises
    ------
    CorridorError
        Where :func:`leads_out` says why not.
    """
    if why := leads_out(folder, name):
        what, remedy = (
            f"{name[:NAME_LETTERS]!r} {why}",
            "move the file there, and remove the link or the '..'",
        )
        raise CorridorError.at(str(folder), what, "a path inside this folder", remedy)
    return folder / name


def check_beside(folder: Path, path: Path) -> None:
    """Refuse a file whose companions lead out of its folder.

    GDAL and SQLite open files of the same stem without asking (the parts of a Shapefile, a database's log).

    Parameters
    ----------
    folder
        A study's folder.
    path
        The file in it.

    Raises
    ------
    CorridorError
        Where a companion is a link out of `folder`.
    """
    with contextlib.suppress(OSError):
        for beside in sorted(path.parent.iterdir()):
            if beside.name.startswith(path.stem) and beside.is_symlink():
                inside(folder, beside.relative_to(folder).as_posix())


def raster_at(path: Path) -> rasterio.DatasetReader:
    """A GeoTIFF opened as such, whatever its name, and nothing beside it.

    A raster without a place has an identity transform, and no warning.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    rasterio.DatasetReader
        Open; close it, or use it in a ``with``.

    Raises
    ------
    rasterio.errors.RasterioIOError
        For what is no GeoTIFF.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    with warnings.catch_warnings(), rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"):
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return rasterio.open(path.resolve(), driver="GTiff")


def map_source(path: Path, where: str) -> str:
    """What GDAL is given for a map file, so that the driver of its own kind opens it and no other.

    Parameters
    ----------
    path
        The file: GeoJSON, GeoPackage, FlatGeobuf or Shapefile.
    where
        Its name in messages.

    Returns
    -------
    str
        A path, or ``GeoJSON:path``.

    Raises
    ------
    LayerError
        For what does not begin as its name says, and for what could make GDAL open anything else.
    """
    full, suffix = path.resolve(), path.suffix.lower()
    try:
        with full.open("rb") as stream:
            head = stream.read(64)
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise LayerError.at(where, what, "a vector file", "restore it") from None
    start = MAP_STARTS.get(suffix)
    if start is None or not head.removeprefix(BOM).lstrip().startswith(start):
        what = f"cannot be read (it begins as no {suffix or 'map'} file does)"
        expected = "GeoJSON (.geojson), GeoPackage (.gpkg), FlatGeobuf (.fgb) or Shapefile (.shp)"
        raise LayerError.at(where, what, expected, "export it again")
    if start == b"{":
        _check_crs(full.read_bytes(), where)
        return f"GeoJSON:{full}"
    if _PARTED & set(str(full)) or not str(full).isprintable():
        raise LayerError.at(where, "has '!', ';' or '?' in its path", "a path without", "rename it")
    if suffix == ".fgb" and int.from_bytes(head[8:12], "little") >= FGB_HEAD_BYTES:
        raise LayerError.at(where, "has a head of over 16 MB", "FlatGeobuf", "export it again")
    if suffix == ".gpkg":
        _check_tables(full, where)
    return str(full)


def dxf_source(path: Path, where: str) -> str:
    """What GDAL is given for a drawing in DXF, checked as :func:`map_source` does: one that begins as text, without a sign of XML.

    Parameters
    ----------
    path
        The drawing.
    where
        Its name in messages.

    Raises
    ------
    LayerError
        For what is no DXF as text.
    """
    full = path.resolve()
    with full.open("rb") as stream:
        head = stream.read(DXF_HEAD_BYTES)
    expected = "a drawing as text (DXF, ASCII)"
    if head.startswith(b"AutoCAD Binary DXF"):
        raise LayerError.at(where, "is a binary DXF", expected, "save it as ASCII DXF")
    # other kinds that GDAL knows by words in their head are all XML
    if not re.match(rb"\s*(?:0\s+SECTION|999\s)", head.removeprefix(BOM)) or b"<" in head:
        raise LayerError.at(
            where, "does not begin as a DXF file does", expected, "save it again as ASCII DXF"
        )
    if _PARTED & set(str(full)) or not str(full).isprintable():
        raise LayerError.at(where, "is in a path with '!', ';' or '?'", "a name without", "rename it")
    return str(full)


def _check_tables(path: Path, where: str) -> None:
    """Refuse a database with virtual tables that are no index of its own: those of SpatiaLite read other files."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as base:
            base.execute("PRAGMA writable_schema = ON")  # read the list of tables, whatever is wrong in it
            made = base.execute("SELECT name, sql FROM sqlite_master WHERE sql LIKE '%virtual%'").fetchall()
    except sqlite3.Error as error:
        what = f"cannot be read ({first_line(error)})"
        raise LayerError.at(where, what, "a whole GeoPackage", "export it again") from None
    for name, text in made:
        if _VIRTUAL.match(str(text)) and not _INDEX.match(str(text)):
            what = f"holds the virtual table {str(name)[:60]!r}, which may read other files"
            remedy = "export the layer alone to a new GeoPackage"
            raise LayerError.at(where, what, "plain tables and their index", remedy)


def _check_crs(data: bytes, where: str) -> None:
    """Refuse GeoJSON whose coordinate system is a link: GDAL would ask that address for it."""
    if b"//" not in data and b"\\" not in data:
        return
    if re.search(rb"['/]", _STRING.sub(b"", data)):  # GDAL reads those too, and members hidden by them
        what = "holds a quote or comment that JSON does not have"
        raise LayerError.at(where, what, "GeoJSON", "export it again")
    for found in _CRS.finditer(data):
        try:
            name = json.loads(b'"' + found[1] + b'"')
            if name.lower() != "crs":
                continue
            text = data[found.end() - 1 : found.end() + CRS_BYTES].decode("utf-8", "replace")
            kind = json.JSONDecoder(object_pairs_hook=_lower).raw_decode(text)[0].get("type")
        except (ValueError, RecursionError):
            kind = "of no known form"
        if str(kind).lower() not in ("name", "epsg", "none"):
            what = f"states its coordinate system by a crs of type {str(kind)[:40]!r}"
            expected = "one of type 'name', such as urn:ogc:def:crs:EPSG::4326"
            raise LayerError.at(where, what, expected, "export it again; links are not followed")


def _lower(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return {key.lower(): value for key, value in pairs}
