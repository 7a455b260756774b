"""Features from a file as it comes: GeoPackage, Shapefile, GeoJSON, FlatGeobuf, CSV, GeoParquet. Nothing is set right yet."""

from __future__ import annotations

import io
import lzma
import shutil
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from corridor.core.containment import map_source
from corridor.core.errors import (
    CorridorError,
    CrsError,
    GeometryError,
    LayerError,
    Problems,
    first_line,
    nearest,
)
from corridor.importers.entry.limits import LIMITS, Limits, check_file, check_json_depth, check_zip
from corridor.schema.table_checks import check_header, plain_cells

SHAPEFILE_PARTS = (".shx", ".dbf", ".prj", ".cpg")
SUFFIXES = (".gpkg", ".shp", ".zip", ".geojson", ".json", ".fgb", ".csv", ".parquet", ".geoparquet")
LON = ("lon", "lng", "long", "longitude", "经度", "經度")
LAT = ("lat", "latitude", "纬度", "緯度")
X = ("x", "x_m", "easting", "east", "e")
Y = ("y", "y_m", "northing", "north", "n")
WKT = ("wkt", "geometry", "geom", "the_geom", "shape")
SHOWN = 20
BROKEN = (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)
"""What unpacking a damaged archive raises; RuntimeError is one with a password, or packed in a way nobody knows here."""
_CODEPAGES = {"936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "950": "big5hkscs"}


@dataclass(frozen=True)
class Found:
    """Features as read: the frame (its CRS as the file states it, or None), and what the reader decided."""

    name: str
    frame: gpd.GeoDataFrame
    notes: tuple[str, ...] = ()
    rows: str = "feature"
    """What a row is called in messages, with `first` as the number of the first."""
    first: int = 1

    def where(self, row: int) -> str:
        """A feature in a message."""
        return f"{self.name} {self.rows} {row + self.first}"


def read_vector(
    path: Path,
    layer: str = "",
    encoding: str = "",
    tell: Callable[[str], None] = lambda _: None,
    limits: Limits = LIMITS,
) -> Found:
    """Features of one file. Raises :class:`LayerError` for what cannot be read or is too large."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        what = f"has the ending {suffix!r}" if suffix else "has no ending"
        expected = "one of " + ", ".join(SUFFIXES)
        raise LayerError.at(path.name, what, expected, "convert it, e.g. with QGIS or ogr2ogr, to GeoPackage")
    check_file(path, tell, limits)
    _check_encoding(encoding)
    if suffix == ".csv":
        return _read_csv(path, encoding, limits)
    if suffix in (".parquet", ".geoparquet"):
        return _read_parquet(path, limits)
    if suffix in (".geojson", ".json"):
        check_json_depth(path, limits)
    if suffix == ".zip":
        return _read_zip(path, layer, encoding, limits)
    return _read_map(path.name, path, layer, encoding, limits)


def _read_map(name: str, path: Path, layer: str, encoding: str, limits: Limits) -> Found:
    """A map file by the driver of its own kind; `name` is that of the file it is from."""
    source = map_source(path, name)
    if path.suffix.lower() == ".shp":
        return _read_shapefile(
            name, source, _dbf_of(path), _text_of(path.with_suffix(".cpg")), encoding, limits
        )
    return _read_gdal(name, source, layer, None, limits)


def _check_encoding(encoding: str) -> None:
    try:
        "".encode(encoding or "utf-8")
    except LookupError:
        expected = "utf-8, gb18030, big5hkscs or the like"
        raise LayerError.at("--encoding", repr(encoding), expected, "correct the name") from None


def _read_gdal(name: str, path: str, layer: str, encoding: str | None, limits: Limits) -> Found:
    import pyogrio

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what GDAL finds odd in a geometry is looked at afterwards
            layers = [str(n) for n, kind in pyogrio.list_layers(path) if kind is not None]
            chosen = _choose_layer(name, layers, layer)
            frame = plain_cells(
                pyogrio.read_dataframe(
                    path, layer=chosen, encoding=encoding, max_features=limits.features + 1
                )
            )
    except CorridorError:
        raise
    except Exception as error:  # pyogrio and GDAL fail in many ways on a broken file
        what = f"cannot be read ({first_line(error)})"
        raise LayerError.at(name, what, "a whole file", "export it again") from None
    if len(frame) > limits.features:
        what = f"has more than {limits.features:,} features"
        raise LayerError.at(name, what, "fewer", "cut it to the study's area first, e.g. with ogr2ogr -spat")
    if not isinstance(frame, gpd.GeoDataFrame):
        raise GeometryError.at(name, "has no geometry", "a map layer", "export it with its geometry")
    return Found(name, frame)


def _choose_layer(name: str, layers: list[str], wanted: str) -> str:
    if wanted and wanted not in layers:
        hint = nearest(wanted, layers, "choose one of these")
        raise LayerError.at(name, f"has no layer {wanted!r}", "one of " + ", ".join(layers), hint)
    if not layers:
        what = "has no layer with geometry"
        raise GeometryError.at(name, what, "a map layer", "export it with its geometry")
    if not wanted and len(layers) > 1:
        what = f"has {len(layers)} layers"
        raise LayerError.at(name, what, "one", f"say which with --layer: {', '.join(layers)}")
    return wanted or layers[0]


def _read_zip(path: Path, layer: str, encoding: str, limits: Limits) -> Found:
    """The one map file in an archive; a Shapefile's parts are packed so as a rule."""
    names = check_zip(path, limits)
    maps = [n for n in names if n.lower().endswith((".shp", ".gpkg", ".geojson", ".fgb"))]
    if len(maps) != 1:
        what = f"holds {len(maps)} map files" + (f" ({', '.join(maps[:5])})" if maps else "")
        raise LayerError.at(path.name, what, "one .shp with its parts, .gpkg, .geojson or .fgb", "pack one")
    chosen = PurePosixPath(maps[0])
    parts = {chosen.suffix.lower(): maps[0]}
    if chosen.suffix.lower() == ".shp":
        for part in SHAPEFILE_PARTS:
            alike = [n for n in names if n.lower() == str(chosen.with_suffix(part)).lower()]
            parts |= {part: alike[0]} if alike else {}
    with tempfile.TemporaryDirectory(prefix="corridor-") as room, zipfile.ZipFile(path) as archive:
        for (
            suffix,
            member,
        ) in parts.items():  # under names of our own, so that no member chooses where it goes
            try:
                with archive.open(member) as packed, (Path(room) / f"map{suffix}").open("wb") as plain:
                    shutil.copyfileobj(packed, plain)
            except BROKEN as error:
                what = f"cannot be unpacked ({first_line(error)})"
                expected = "a whole archive"
                raise LayerError.at(f"{path.name}: {member}", what, expected, "pack it again") from None
        inner = Path(room) / f"map{chosen.suffix.lower()}"
        if inner.suffix == ".geojson":
            check_json_depth(inner, limits)
        return _read_map(path.name, inner, layer, encoding, limits)


def _dbf_of(path: Path) -> bytes:
    dbf = next((p for p in (path.with_suffix(".dbf"), path.with_suffix(".DBF")) if p.is_file()), None)
    if dbf is None:
        return b""
    check_file(dbf)
    return dbf.read_bytes()


def _text_of(path: Path) -> str:
    return path.read_text("ascii", "replace")[:40].strip() if path.is_file() else ""


def _read_shapefile(name: str, path: str, dbf: bytes, stated: str, encoding: str, limits: Limits) -> Found:
    """A Shapefile; texts in the encoding asked for, stated (.cpg), or found: UTF-8 where they are, else GB18030."""
    note = ""
    if not encoding and stated:
        encoding = _CODEPAGES.get(stated.lower().removeprefix("cp").removeprefix("ansi ").strip(), stated)
        try:
            "".encode(encoding)
        except LookupError:
            encoding = ""
    if not encoding:
        body = dbf[int.from_bytes(dbf[8:10], "little") :] if len(dbf) > 10 else b""
        encoding, note = _guess(body)
    found = _read_gdal(name, path, "", encoding, limits)
    return Found(name, found.frame, (note,) if note else ())


def _guess(text: bytes) -> tuple[str, str]:
    """The encoding of text that states none, and a note where it is a guess."""
    try:
        text.decode("utf-8-sig")
        return "utf-8-sig", ""
    except UnicodeDecodeError:
        return (
            "gb18030",
            "names are read as GB18030 (GBK), since they are not UTF-8; give --encoding if they look wrong",
        )


def _read_csv(path: Path, encoding: str, limits: Limits) -> Found:
    """A table with WKT, with longitude and latitude, or with x and y in metres."""
    raw = path.read_bytes()
    chosen, note = (encoding, "") if encoding else _guess(raw)
    try:
        check_header(raw)
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                io.BytesIO(raw),
                dtype=str,
                keep_default_na=False,
                na_values=[""],
                encoding=chosen,
                skip_blank_lines=False,
                index_col=False,
                nrows=limits.features + 1,
            )
    except (ValueError, Warning, UnicodeError, OverflowError, MemoryError) as error:
        what = f"cannot be read as CSV ({first_line(error)})"
        raise LayerError.at(path.name, what, "CSV with a header", "mend it") from None
    table = table.rename(columns=lambda c: str(c).strip()).dropna(how="all")
    if len(table) > limits.features:
        what = f"has more than {limits.features:,} rows"
        raise LayerError.at(path.name, what, "fewer", "cut it to the study's area")
    twice = sorted(set(table.columns[table.columns.duplicated()]))
    if twice:
        what = f"has the column {twice[0]!r} twice"
        raise LayerError.at(path.name, what, "each column once", "rename one of them")
    if table.empty:
        raise GeometryError.at(path.name, "has no rows", "at least one", "export it again")
    frame, more = _csv_geometry(path.name, table)
    return Found(path.name, frame, tuple(n for n in (note, more) if n), "row", 2)


def _csv_geometry(name: str, table: pd.DataFrame) -> tuple[gpd.GeoDataFrame, str]:
    wkt, lon, lat = (_column(table, names) for names in (WKT, LON, LAT))
    if wkt is not None:
        texts = table[wkt].fillna("").astype(str).to_numpy(dtype=object)
        shapes = shapely.from_wkt(np.where(texts == "", None, texts), on_invalid="ignore")
        bad = (texts != "") & np.array([s is None for s in shapes])
        _tell_rows(name, table, bad, table[wkt], "WKT, e.g. POINT (114.1 22.5)")
        return gpd.GeoDataFrame(table.drop(columns=wkt), geometry=list(shapes)), ""
    degrees = lon is not None and lat is not None
    x, y = (lon, lat) if degrees else (_column(table, X), _column(table, Y))
    if x is None or y is None:
        what = f"has no position (columns {', '.join(map(str, table.columns[:12]))})"
        remedy = "name them so, or with --map theirs=lon --map theirs=lat"
        raise GeometryError.at(name, what, "columns lon and lat, x and y, or wkt", remedy)
    xs, ys = (pd.to_numeric(table[c], errors="coerce").to_numpy(float) for c in (x, y))
    for column, values in ((x, xs), (y, ys)):
        _tell_rows(
            name, table, (~np.isfinite(values)) & table[column].notna().to_numpy(), table[column], "a number"
        )
    missing = np.isnan(xs) | np.isnan(ys)
    points = [None if gone else shapely.Point(a, b) for a, b, gone in zip(xs, ys, missing, strict=True)]
    note = f"columns {x!r} and {y!r} are read as WGS84 degrees" if degrees else ""
    kept = table.drop(columns=[x, y])
    return gpd.GeoDataFrame(kept, geometry=points, crs=4326 if degrees else None), note


def _column(table: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    return next((c for n in names for c in table.columns if str(c).strip().lower() == n), None)


def _tell_rows(name: str, table: pd.DataFrame, bad: np.ndarray, cells: pd.Series, expected: str) -> None:
    rows = np.flatnonzero(bad)
    faults = Problems()
    for row in rows[:SHOWN]:
        shown = str(cells.iloc[row])[:60]
        what = f"{cells.name} is {shown!r}"
        faults.add(f"{name} row {table.index[row] + 2}", what, expected, "correct it", GeometryError)
    if len(rows) > SHOWN:
        what = f"{len(rows) - SHOWN:,} more rows like these"
        faults.add(name, what, expected, "correct them", GeometryError)
    faults.raise_all()


def _read_parquet(path: Path, limits: Limits) -> Found:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        what = "GeoParquet needs the package pyarrow"
        remedy = "pip install 'corridor[parquet]', or convert the file to GeoPackage"
        raise CorridorError.at(path.name, what, "it to be installed", remedy) from None
    try:
        rows = int(parquet.ParquetFile(path).metadata.num_rows)
        if rows > limits.features:
            what = f"has {rows:,} features"
            raise LayerError.at(path.name, what, f"at most {limits.features:,}", "cut it to the study's area")
        return Found(path.name, gpd.read_parquet(path))
    except CorridorError:
        raise
    except Exception as error:  # pyarrow and geopandas fail in many ways on a broken file
        what = f"cannot be read ({first_line(error)})"
        raise LayerError.at(path.name, what, "GeoParquet", "export it again") from None


def stated_crs(found: Found, crs: str) -> str | None:
    """The CRS to read coordinates in: the one given, else the file's. Raises :class:`CrsError` where there is none."""
    if crs:
        return crs
    if found.frame.crs is None:
        raise CrsError.at(
            found.name,
            "states no coordinate system",
            "one",
            "give it: --crs EPSG:2326 (Hong Kong 1980 Grid), EPSG:4490 or EPSG:4547 (CGCS2000), "
            "EPSG:32649 or EPSG:32650 (UTM), EPSG:4326 (WGS84 degrees)",
        )
    return None
