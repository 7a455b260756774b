"""Features from a file as it comes: GeoPackage, Shapefile, GeoJSON, FlatGeobuf, KML, GPX, DXF, CSV, GeoParquet.

Nothing is set right yet.
"""

from __future__ import annotations

import codecs
import io
import shutil
import tempfile
import warnings
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from corridor.core.containment import dxf_source, map_source
from corridor.core.crs import grid_zone
from corridor.core.csv_tables import check_header, parsed, separator
from corridor.core.errors import CrsError, GeometryError, LayerError, Problems, nearest
from corridor.core.typed_numbers import number_cure
from corridor.importers.entry import files
from corridor.importers.vectors.tracks import read_xml
from corridor.schema.table_checks import plain_cells

PACKED = (".shp", ".gpkg", ".geojson", ".fgb", ".kml", ".gpx", ".dxf")
"""Kinds of map that may be in an archive."""
SHAPEFILE_PARTS = (".shx", ".dbf", ".prj", ".cpg")
SUFFIXES = (
    ".gpkg", ".shp", ".zip", ".geojson", ".json", ".fgb", ".kml", ".kmz", ".gpx", ".dxf", ".csv", ".parquet", ".geoparquet",
)  # fmt: skip
DRAWN = (".kml", ".kmz", ".gpx", ".dxf")
"""Kinds in which points, lines and areas are drawn together."""
LON = ("lon", "lng", "long", "longitude", "经度", "經度")
LAT = ("lat", "latitude", "纬度", "緯度")
X = ("x", "x_m", "easting", "east", "e")
Y = ("y", "y_m", "northing", "north", "n")
WKT = ("wkt", "geometry", "geom", "the_geom", "shape")
SHOWN = 20
_CODEPAGES = {"936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "950": "big5hkscs"}


@dataclass(frozen=True)
class Found:
    """Features as read, and what the reader decided.

    Attributes
    ----------
    name
        The source, for messages.
    frame
        Features; CRS as the file states it, or None.
    notes
        What was decided or mended, a sentence each.
    """

    name: str
    frame: gpd.GeoDataFrame
    notes: tuple[str, ...] = ()
    rows: str = "feature"
    """What a row is called in messages, with `first` as the number of the first."""
    first: int = 1

    def now(self, frame: gpd.GeoDataFrame, *notes: str) -> Found:
        """The features after one more step, and what it did.

        Parameters
        ----------
        frame
            The features after the step.
        *notes
            What the step decided or mended; added to the earlier ones.
        """
        return replace(self, frame=frame, notes=(*self.notes, *notes))

    def where(self, row: int) -> str:
        """A feature in a message, by its number in the file.

        Parameters
        ----------
        row
            Counted from 0.
        """
        return f"{self.name} {self.rows} {row + self.first}"


def read_vector(path: Path, layer: str = "", encoding: str = "") -> Found:
    """Features of one file, as it states them.

    Parameters
    ----------
    path
        GeoPackage, Shapefile, GeoJSON, FlatGeobuf, KML, KMZ, GPX, DXF, CSV, GeoParquet, or a zip with a map.
    layer
        The layer of a file with several; the folder of a KML, the layer of a drawing, tracks (trk), routes (rte) or
        waypoints (wpt) of a GPX.
    encoding
        That of its texts, where it is not stated or wrong.

    Raises
    ------
    LayerError
        For what cannot be read or is too large.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        what = f"has the ending {suffix!r}" if suffix else "has no ending"
        expected = "one of " + ", ".join(SUFFIXES)
        raise LayerError.at(path.name, what, expected, "convert it, e.g. with QGIS or ogr2ogr, to GeoPackage")
    files.check_file(path)
    if not _known_encoding(encoding):
        expected = "utf-8, gb18030, big5hkscs or the like"
        raise LayerError.at("--encoding", repr(encoding), expected, "correct the name")
    if suffix == ".csv":
        return _read_csv(path, encoding)
    if suffix in (".parquet", ".geoparquet"):
        return _read_parquet(path)
    if suffix in (".geojson", ".json"):
        files.check_json_depth(path)
    if suffix in (".zip", ".kmz"):
        return _read_zip(path, layer, encoding)
    return _read_map(path.name, path, layer, encoding)


def _read_map(name: str, path: Path, layer: str, encoding: str) -> Found:
    """A map file by the reader of its own kind; `name` is that of the file it is from."""
    if (suffix := path.suffix.lower()) in (".kml", ".gpx"):
        frame, notes = read_xml(name, path.read_bytes(), suffix)
        return _on_layer(Found(name, frame, notes), "folder", layer)
    if suffix == ".dxf":
        found = _read_gdal(name, dxf_source(path, name), "", None)
        return _on_layer(replace(found, frame=found.frame.set_crs(None, allow_override=True)), "Layer", layer)
    source = map_source(path, name)
    if path.suffix.lower() == ".shp":
        chosen, note = _shapefile_encoding(path, encoding)
        return replace(_read_gdal(name, source, "", chosen), notes=(note,) if note else ())
    return _read_gdal(name, source, layer, None)


def _on_layer(found: Found, column: str, layer: str) -> Found:
    """The features drawn on one layer, or all where none is named."""
    frame = found.frame
    if not layer:
        return found
    _check_layer(found.name, sorted(set(frame[column].dropna().astype(str)) - {""}), layer)
    return found.now(frame[frame[column] == layer].reset_index(drop=True))


def _check_layer(name: str, layers: list[str], wanted: str) -> None:
    if wanted not in layers:
        hint = nearest(wanted, layers, "choose one of these")
        raise LayerError.at(name, f"has no layer {wanted!r}", "one of " + ", ".join(layers), hint)


def _known_encoding(encoding: str) -> bool:
    try:
        return "".encode(encoding or "utf-8") == b""
    except LookupError:
        return False


def _read_gdal(name: str, path: str, layer: str, encoding: str | None) -> Found:
    import pyogrio

    # pyogrio and GDAL fail in many ways on a broken file; what they find odd in a geometry is looked at afterwards
    with files.reading(name, "a whole file"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layers = [str(n) for n, kind in pyogrio.list_layers(path) if kind is not None]
        chosen, most = _choose_layer(name, layers, layer), files.LIMITS.features + 1
        frame = plain_cells(pyogrio.read_dataframe(path, layer=chosen, encoding=encoding, max_features=most))
    _check_count(name, len(frame))
    if not isinstance(frame, gpd.GeoDataFrame):
        raise GeometryError.at(name, "has no geometry", "a map layer", "export it with its geometry")
    return Found(name, frame)


def _check_count(name: str, count: int) -> None:
    if count > files.LIMITS.features:
        what, remedy = f"has more than {files.LIMITS.features:,} features", "cut it to the study's area first"
        raise LayerError.at(name, what, "fewer", f"{remedy}, e.g. with ogr2ogr -spat")


def _choose_layer(name: str, layers: list[str], wanted: str) -> str:
    if wanted:
        _check_layer(name, layers, wanted)
    if not layers:
        what = "has no layer with geometry"
        raise GeometryError.at(name, what, "a map layer", "export it with its geometry")
    if not wanted and len(layers) > 1:
        what = f"has {len(layers)} layers"
        raise LayerError.at(name, what, "one", f"say which with --layer: {', '.join(layers)}")
    return wanted or layers[0]


def _read_zip(path: Path, layer: str, encoding: str) -> Found:
    """The one map file in an archive; a Shapefile's parts are packed so as a rule."""
    names = files.check_zip(path)
    maps = [n for n in names if n.lower().endswith(PACKED)]
    main = [n for n in maps if path.suffix.lower() == ".kmz" and n.lower() == "doc.kml"]
    maps = main or maps
    if len(maps) != 1:
        what = f"holds {len(maps)} map files" + (f" ({', '.join(maps[:5])})" if maps else "")
        expected = "one .shp with its parts, .gpkg, .geojson, .fgb or .kml"
        raise LayerError.at(path.name, what, expected, "pack one")
    chosen = PurePosixPath(maps[0])
    parts = {chosen.suffix.lower(): maps[0]}
    if chosen.suffix.lower() == ".shp":
        for part in SHAPEFILE_PARTS:
            alike = [n for n in names if n.lower() == str(chosen.with_suffix(part)).lower()]
            parts |= {part: alike[0]} if alike else {}
    with tempfile.TemporaryDirectory(prefix="corridor-") as room, zipfile.ZipFile(path) as archive:
        for suffix, member in parts.items():
            own = Path(room) / f"map{suffix}"  # a name of our own, so that no member chooses where it goes
            where, what = f"{path.name}: {member}", "cannot be unpacked"
            with (
                files.reading(where, "a whole archive", "pack it again", files.BROKEN_ARCHIVE, what),
                archive.open(member) as packed,
                own.open("wb") as plain,
            ):
                shutil.copyfileobj(packed, plain)
        inner = Path(room) / f"map{chosen.suffix.lower()}"
        if inner.suffix == ".geojson":
            files.check_json_depth(inner)
        return _read_map(path.name, inner, layer, encoding)


def _shapefile_encoding(path: Path, encoding: str) -> tuple[str, str]:
    """The encoding of its texts: as asked for, stated (.cpg), or found; and a note where it is a guess."""
    cpg = path.with_suffix(".cpg")
    if not encoding and cpg.is_file():
        stated = cpg.read_text("ascii", "replace")[:40].strip()
        page = stated.lower().removeprefix("cp").removeprefix("ansi ").strip()
        encoding = _CODEPAGES.get(page, stated)
    if encoding and _known_encoding(encoding):
        return encoding, ""
    dbf = next((p for p in (path.with_suffix(".dbf"), path.with_suffix(".DBF")) if p.is_file()), None)
    if dbf is None:
        return _guess(b"")
    files.check_file(dbf)
    table = dbf.read_bytes()
    return _guess(table[int.from_bytes(table[8:10], "little") :] if len(table) > 10 else b"")


def _guess(text: bytes) -> tuple[str, str]:
    """The encoding of text that states none, and a note where it is a guess."""
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # "Unicode text" of a spreadsheet
        return "utf-16", ""
    try:
        text.decode("utf-8-sig")
        return "utf-8-sig", ""
    except UnicodeDecodeError:
        note = "names are read as GB18030 (GBK), since they are not UTF-8; give --encoding if they look wrong"
        # GB18030 holds GBK and GB 2312, what mainland offices export by default
        return "gb18030", note


def _read_csv(path: Path, encoding: str) -> Found:
    """A table with WKT, with longitude and latitude, or with x and y in metres; semicolons and decimal commas are understood."""
    raw = path.read_bytes()
    chosen, note = (encoding, "") if encoding else _guess(raw)
    faults = (ValueError, Warning, UnicodeError, OverflowError)
    with files.reading(path.name, "CSV with a header", "mend it", faults, "cannot be read as CSV"):
        check_header(raw)
        sign = separator(raw.replace(b"\0", b""))
        options: dict[str, Any] = {"nrows": files.LIMITS.features + 1}
        if sign != ",":
            options |= {"sep": sign, "decimal": ","}
            signs = "semicolons" if sign == ";" else "tabs"
            said = f"cells are separated by {signs}; decimal commas are read as points"
            note = "; ".join(filter(None, (note, said)))
        table = parsed(io.BytesIO(raw), encoding=chosen, **options)
    table = table.rename(columns=lambda c: str(c).strip()).dropna(how="all")
    _check_count(path.name, len(table))
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
    if degrees:  # up to 180, so that a comma can only be the decimal one
        table = table.assign(**{c: _points_for_commas(table[c]) for c in (x, y)})
    xs, ys = (pd.to_numeric(table[c], errors="coerce").to_numpy(float) for c in (x, y))
    for column, values in ((x, xs), (y, ys)):
        bad = ~np.isfinite(values) & table[column].notna().to_numpy()
        _tell_rows(name, table, bad, table[column], "a number")
    missing = np.isnan(xs) | np.isnan(ys)
    points = [None if gone else shapely.Point(a, b) for a, b, gone in zip(xs, ys, missing, strict=True)]
    note = f"columns {x!r} and {y!r} are read as WGS84 degrees" if degrees else ""
    kept = table.drop(columns=[x, y])
    return gpd.GeoDataFrame(kept, geometry=points, crs=4326 if degrees else None), note


def _points_for_commas(cells: pd.Series) -> pd.Series:
    """Degrees with decimal commas as with decimal points."""
    if pd.api.types.is_numeric_dtype(cells):
        return cells
    return cells.str.replace(r"^\s*([-+]?\d{1,3}),(\d+)\s*$", r"\1.\2", regex=True)


def _column(table: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    return next((c for n in names for c in table.columns if str(c).strip().lower() == n), None)


def _tell_rows(name: str, table: pd.DataFrame, bad: np.ndarray, cells: pd.Series, expected: str) -> None:
    rows = np.flatnonzero(bad)
    with Problems(GeometryError) as faults:
        for row in rows[:SHOWN]:
            what = f"{cells.name} is {str(cells.iloc[row])[:60]!r}"
            cure = number_cure(str(cells.iloc[row])) if expected == "a number" else ""
            faults.add(f"{name} row {table.index[row] + 2}", what, expected, cure or "correct it")
        if len(rows) > SHOWN:
            faults.add(name, f"{len(rows) - SHOWN:,} more rows like these", expected, "correct them")


def _read_parquet(path: Path) -> Found:
    import pyarrow.parquet as parquet

    with files.reading(path.name, "GeoParquet"):  # pyarrow and geopandas fail in many ways on a broken file
        # by its footer, before a row is read
        _check_count(path.name, int(parquet.ParquetFile(path).metadata.num_rows))
        return Found(path.name, gpd.read_parquet(path))


def crs_of(found: Found, stated: str) -> CRS:
    """The CRS that the user states, or else that of the file.

    Parameters
    ----------
    found
        Features as read.
    stated
        What the user states; goes before the file's own. Empty for nothing.

    Raises
    ------
    CrsError
        Where neither states one, or the user one that is unknown.
    """
    if stated:
        try:
            return CRS.from_user_input(stated)
        except CRSError:
            remedy = "for example EPSG:2326, EPSG:4547, EPSG:32650"
            raise CrsError.at("--crs", repr(stated), "a system PROJ knows", remedy) from None
    if found.frame.crs is not None:
        return CRS(found.frame.crs)
    what = "states no coordinate system"
    remedy = (
        "give it: --crs EPSG:2326 (Hong Kong 1980 Grid), EPSG:4490 or EPSG:4547 (CGCS2000), "
        "EPSG:32649 or EPSG:32650 (UTM), EPSG:4326 (WGS84 degrees)"
    )
    eastings = shapely.get_x(shapely.centroid(found.frame.geometry.to_numpy()))
    if zone := grid_zone(float(np.nanmedian(eastings))):
        what += f"; its eastings begin with the zone {zone.number} of China's grid"
        remedy = f"give it: --crs EPSG:{zone.with_number} (CGCS2000)"
    raise CrsError.at(found.name, what, "one", remedy)
