"""The layer catalogue: entries of catalog.yaml turned into checked tables, frames and rasters.

Loading a layer checks its hash, columns, ids, coordinates and geometry, and reports all problems at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
import rasterio
from pydantic import ValidationError
from rasterio.errors import RasterioError

from corridor import paths
from corridor.errors import (
    CatalogError,
    CorridorError,
    CrsError,
    DuplicateIdError,
    GeometryError,
    LayerError,
    MissingColumnError,
    Problem,
)
from corridor.schema.catalog import CatalogEntry, Role
from corridor.schema.yaml_source import read_yaml

# The roles that must be there for a comparison to run, and the columns each must have.
REQUIRED_COLUMNS: dict[str, tuple[str, ...]] = {
    "stations": ("station_id", "name_en", "lon", "lat", "region", "system", "status", "street_access"),
    "lines": ("line_id", "name_en", "mode", "status"),
    "patterns": ("pattern_id", "line_id", "direction"),
    "pattern_stops": ("pattern_id", "seq", "station_id", "run_s", "dwell_s"),
    "headways": ("pattern_id", "period", "headway_s", "assumed"),
    "hours": ("pattern_id", "direction", "first", "last", "assumed"),
    "interchanges": ("from_station", "to_station", "walk_s"),
    "checkpoints": (
        "checkpoint_id",
        "name_en",
        "kind",
        "hk_lon",
        "hk_lat",
        "sz_lon",
        "sz_lat",
        "regime",
        "open",
        "close",
        "status",
        "clearance_mean_min",
        "clearance_low_min",
        "clearance_high_min",
    ),
    "places": ("place_id", "name_en", "lon", "lat", "region"),
    "cells": (
        "cell_id",
        "x_m",
        "y_m",
        "lon",
        "lat",
        "region",
        "district_id",
        "residents_census",
        "jobs_modelled",
        "residents_buildout_2035",
        "jobs_buildout_2035",
    ),
    "coastline": ("region",),
    "districts": ("district_id", "name_en", "region"),
    "designations": ("designation_id", "name_en", "designation", "region"),
    "wildlife_sites": ("site_id", "name_en", "kind"),
    "green_corridors": ("corridor_id", "name_en"),
    "habitat_classes": ("code", "habitat_id", "name_en", "group"),
    "alignments": ("line_id",),
}
ID_COLUMN: dict[str, str] = {
    "stations": "station_id",
    "lines": "line_id",
    "patterns": "pattern_id",
    "checkpoints": "checkpoint_id",
    "places": "place_id",
    "cells": "cell_id",
    "designations": "designation_id",
    "districts": "district_id",
    "habitat_classes": "code",
    "wildlife_sites": "site_id",
}
EXTENT_DEG = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True)
class Catalog:
    """A folder of layers and the entries that describe it."""

    folder: Path
    entries: tuple[CatalogEntry, ...]

    @classmethod
    def bundled(cls) -> Catalog:
        """The layers that travel with the program."""
        return cls.open(paths.layers_dir() / "catalog.yaml")

    @classmethod
    def open(cls, path: Path) -> Catalog:
        """Read a catalogue file; a :class:`CatalogError` lists every wrong entry with its line."""
        source = read_yaml(path, CatalogError)
        if not isinstance(source.data, list):
            raise CatalogError(
                Problem(path.name, "is not a list", "a list of layer entries", "start each with '- id:'")
            )
        entries: list[CatalogEntry] = []
        problems: list[Problem] = []
        for i, raw in enumerate(source.data):
            try:
                entry = CatalogEntry.model_validate(raw)
            except ValidationError as error:
                for item in error.errors():
                    where = source.where((i, *item["loc"]))
                    problems.append(
                        Problem(where, ".".join(map(str, item["loc"])), item["msg"], "correct this value")
                    )
                continue
            if entry.id in {e.id for e in entries}:
                problems.append(
                    Problem(source.where((i, "id")), f"id {entry.id!r} a second time", "unique ids", "rename")
                )
            full = (path.parent / entry.path).resolve()
            if not full.is_relative_to(path.parent.resolve()):
                problems.append(
                    Problem(
                        source.where((i, "path")),
                        f"path {entry.path!r} leaves the folder",
                        "a path inside the catalogue's folder",
                        "move the file there",
                    )
                )
            entries.append(entry)
        if problems:
            raise CatalogError(problems)
        return cls(path.parent, tuple(entries))

    def having(self, role: Role) -> tuple[CatalogEntry, ...]:
        """The entries of one role, in order."""
        return tuple(e for e in self.entries if e.role == role)

    def one(self, role: Role) -> CatalogEntry:
        """The single entry of a role."""
        found = self.having(role)
        if len(found) != 1:
            raise CatalogError(
                Problem(
                    "catalog.yaml",
                    f"{len(found)} layers with role {role!r}",
                    "exactly one",
                    "add or remove an entry",
                )
            )
        return found[0]

    def path(self, entry: CatalogEntry) -> Path:
        """Where an entry's file is; checks that it is there and unchanged."""
        path = self.folder / entry.path
        if not path.is_file():
            raise LayerError(
                Problem(entry.id, f"{entry.path} is missing", "a file", "restore it or remove the entry")
            )
        if entry.sha256 and sha256(path) != entry.sha256:
            raise LayerError(
                Problem(
                    entry.id,
                    f"{entry.path} has another hash than its catalogue entry",
                    entry.sha256[:12] + "...",
                    "restore the file, or run 'corridor layers check --seal'",
                )
            )
        return path

    def table(self, role: Role) -> pd.DataFrame:
        """All tables of one role, joined; strings stay strings, empty cells are missing."""
        frames, problems = [], list[Problem]()
        for entry in self.having(role):
            path = self.path(entry)
            try:
                frame = pd.read_csv(
                    path,
                    dtype=_text_columns(role),
                    keep_default_na=False,
                    na_values=[""],
                    encoding="utf-8-sig",
                )
            except (ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
                problems.append(
                    Problem(
                        entry.path, f"cannot be read as CSV ({error})", "UTF-8 CSV with a header", "mend it"
                    )
                )
                continue
            problems += check_columns(entry, frame.columns)
            if not problems:
                problems += _check_lonlat(entry, frame)
            frames.append(frame)
        if not frames and not problems:
            raise CatalogError(
                Problem("catalog.yaml", f"no layer with role {role!r}", "at least one", "add an entry")
            )
        _raise_first_kind(problems)
        joined = pd.concat(frames, ignore_index=True)
        _raise_first_kind(_check_ids(role, joined))
        return joined

    def vector(self, role: Role) -> gpd.GeoDataFrame:
        """The vector layer of one role, in WGS84, with checked geometries."""
        entry = self.one(role)
        path = self.path(entry)
        try:
            frame = gpd.read_file(path)
        except Exception as error:  # pyogrio raises several kinds for a broken file
            raise LayerError(
                Problem(entry.path, f"cannot be read ({str(error)[:120]})", "a vector file", "mend it")
            ) from None
        _raise_first_kind([*check_columns(entry, frame.columns), *check_geometry(entry, frame)])
        _raise_first_kind(_check_ids(role, frame))
        return frame.to_crs(4326)

    def raster_path(self, role: Role) -> Path:
        """The raster of one role, opened once to see that it can be read and says its CRS and nodata."""
        entry = self.one(role)
        path = self.path(entry)
        try:
            with rasterio.open(path) as raster:
                if raster.crs is None:
                    raise CrsError(
                        Problem(entry.path, "has no CRS", entry.crs, "set it, e.g. with gdal_edit -a_srs")
                    )
                if raster.nodata is None:
                    raise LayerError(
                        Problem(entry.path, "has no nodata value", "one", "set it with gdal_edit -a_nodata")
                    )
        except RasterioError as error:
            raise LayerError(
                Problem(entry.path, f"cannot be read ({error})", "a GeoTIFF", "mend it")
            ) from None
        return path

    def attributions(self, roles: Iterable[Role]) -> tuple[str, ...]:
        """What a map of these layers must print, each holder once."""
        wanted = set(roles)
        lines = dict.fromkeys(
            part.strip()
            for e in self.entries
            if e.role in wanted
            for part in e.attribution.split(";")
            if part.strip()
        )
        return tuple(lines)

    @cached_property
    def digest(self) -> str:
        """One hash over all files, for provenance and cache keys."""
        joined = hashlib.sha256()
        for entry in sorted(self.entries, key=lambda e: e.id):
            joined.update(f"{entry.id}:{sha256(self.folder / entry.path)}".encode())
        return joined.hexdigest()

    def check(self) -> list[Problem]:
        """Every problem of every layer."""
        problems: list[Problem] = []
        for role in dict.fromkeys(e.role for e in self.entries):
            for load in self._loaders(role):
                try:
                    load()
                except CorridorError as error:
                    problems += error.problems
        return problems

    def _loaders(self, role: Role) -> list[Callable[[], object]]:
        kinds = {e.kind for e in self.having(role)}
        if kinds == {"table"}:
            return [lambda: self.table(role)]
        if kinds == {"vector"}:
            return [lambda: self.vector(role)]
        if kinds == {"raster"}:
            return [lambda: self.raster_path(role)]
        return [partial(self.path, e) for e in self.having(role)]


def seal(path: Path) -> int:
    """Write the hash of every layer's file into a catalogue file; returns how many changed."""
    catalog = Catalog.open(path)
    text = path.read_text(encoding="utf-8")
    changed = 0
    for entry in catalog.entries:
        digest = sha256(catalog.folder / entry.path)
        before = f"sha256: {entry.sha256}" if entry.sha256 else ""
        changed += digest != entry.sha256
        if before:
            text = text.replace(before, f"sha256: {digest}")
        else:
            text = text.replace(f"  path: {entry.path}\n", f"  path: {entry.path}\n  sha256: {digest}\n")
    path.write_text(text, encoding="utf-8")
    return changed


def sha256(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _text_columns(role: str) -> dict[str, type[str]]:
    names = (
        "station_id",
        "line_id",
        "pattern_id",
        "checkpoint_id",
        "place_id",
        "cell_id",
        "district_id",
        "from_station",
        "to_station",
        "opened",
        "first",
        "last",
        "open",
        "close",
        "status",
        "clearance",
        "assumption_id",
        "source",
    )
    return dict.fromkeys(names, str)


def check_columns(entry: CatalogEntry, columns: Iterable[str]) -> list[Problem]:
    """The columns an entry's role needs and its file lacks."""
    have = set(columns)
    return [
        Problem(
            entry.path,
            f"column {name!r} is missing",
            f"columns {', '.join(REQUIRED_COLUMNS[entry.role])}",
            f"add it (there are: {', '.join(sorted(map(str, have))[:12])})",
        )
        for name in REQUIRED_COLUMNS.get(entry.role, ())
        if name not in have
    ]


def _check_lonlat(entry: CatalogEntry, frame: pd.DataFrame) -> list[Problem]:
    if not {"lon", "lat"} <= set(frame.columns):
        return []
    problems = []
    if frame.empty:
        return [Problem(entry.path, "has no rows", "at least one", "fill it or remove the entry")]
    for row in frame[~(frame["lat"].between(-90, 90) & frame["lon"].between(-180, 180))].itertuples():
        swapped = (
            "lon and lat look swapped" if abs(row.lat) > 90 >= abs(row.lon) else "coordinates are not degrees"
        )
        problems.append(
            Problem(
                f"{entry.path} line {row.Index + 2}",
                f"lon {row.lon}, lat {row.lat}: {swapped}",
                "WGS84 degrees",
                "swap or convert them",
            )
        )
    return problems


def _check_ids(role: str, frame: pd.DataFrame) -> list[Problem]:
    column = ID_COLUMN.get(role)
    if column is None or column not in frame:
        return []
    twice = frame[column][frame[column].duplicated()].astype(str)
    problems = [
        Problem(role, f"{column} {value!r} stands twice", "unique ids", "rename or remove one")
        for value in twice
    ]
    for index in frame.index[frame[column].isna()]:
        problems.append(Problem(f"{role} row {index + 1}", f"{column} is empty", "an id", "fill it"))
    return problems


def check_geometry(entry: CatalogEntry, frame: gpd.GeoDataFrame) -> list[Problem]:
    """Problems of a vector layer: no CRS, no features, empty, invalid or far-off geometries."""
    if frame.empty:
        return [Problem(entry.path, "has no features", "at least one", "fill it or remove the entry")]
    if frame.crs is None:
        return [Problem(entry.path, "has no CRS", entry.crs, "state it in the file")]
    stated = entry.crs.upper().replace("EPSG:", "")
    if stated.isdigit() and frame.crs.to_epsg() not in (int(stated), None):
        return [
            Problem(
                entry.path, f"is in EPSG:{frame.crs.to_epsg()}", entry.crs, "convert it or correct the entry"
            )
        ]
    problems = []
    for i, geometry in enumerate(frame.geometry, start=1):
        if geometry is None or geometry.is_empty:
            problems.append(
                Problem(f"{entry.path} feature {i}", "has no geometry", "a geometry", "draw or remove it")
            )
        elif not geometry.is_valid:
            problems.append(
                Problem(
                    f"{entry.path} feature {i}",
                    "is invalid",
                    "a valid geometry",
                    "mend it (shapely.make_valid)",
                )
            )
        elif frame.crs.is_geographic and not _inside_degrees(geometry.bounds):
            problems.append(
                Problem(
                    f"{entry.path} feature {i}",
                    f"lies at {geometry.bounds}",
                    "degrees (lon, lat)",
                    "swap lon and lat, or state the right CRS",
                )
            )
    return problems


def _inside_degrees(bounds: tuple[float, float, float, float]) -> bool:
    return (
        bounds[0] >= EXTENT_DEG[0]
        and bounds[1] >= EXTENT_DEG[1]
        and bounds[2] <= EXTENT_DEG[2]
        and bounds[3] <= EXTENT_DEG[3]
    )


def _raise_first_kind(problems: list[Problem]) -> None:
    """Raise all problems together, as the most specific class that fits."""
    if not problems:
        return
    texts = " ".join(p.what for p in problems)
    kinds: list[tuple[str, type[LayerError]]] = [
        ("is missing", MissingColumnError),
        ("stands twice", DuplicateIdError),
        ("CRS", CrsError),
        ("EPSG", CrsError),
        ("swapped", CrsError),
        ("degrees", CrsError),
        ("geometry", GeometryError),
        ("invalid", GeometryError),
        ("no features", GeometryError),
    ]
    raise next((kind for word, kind in kinds if word in texts), LayerError)(problems)
