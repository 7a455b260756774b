"""The layer catalogue: entries of catalog.yaml turned into checked tables, frames and rasters.

Loading a layer checks its hash, columns, cells, ids, references, coordinates and geometry, and reports all problems
at once. What each column must hold is declared in :mod:`corridor.schema.tables`.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from pydantic import ValidationError
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.warp import transform_bounds

from corridor.core import paths
from corridor.core.containment import NAME_LETTERS, check_beside, inside, leads_out, map_source, raster_at
from corridor.core.errors import (
    CatalogError,
    CorridorError,
    CrsError,
    GeometryError,
    LayerError,
    MissingColumnError,
    Problem,
    Problems,
)
from corridor.core.output import write_whole
from corridor.schema.catalog_entry import CatalogEntry, Role
from corridor.schema.fare_checks import check_cost_parameters, check_fare_steps, check_matrix, check_tariffs
from corridor.schema.region import Extent, Region, read_region, shipped_region
from corridor.schema.table_checks import (
    HEADER_BYTES,
    Where,
    check_cells,
    check_clearance,
    check_header,
    check_in_all,
    check_key,
    check_references,
    check_run_times,
    halls,
    plain_cells,
    text_columns,
)
from corridor.schema.tables import HALLS, TABLES, UNDECLARED, Table
from corridor.schema.text import Text
from corridor.schema.yaml_source import NO_LETTER, YamlSource, read_yaml, validation_problems

RASTER_BYTES = 500_000_000
"""Of a study's raster when it is unpacked: it is read whole."""


@dataclass(frozen=True)
class Catalog:
    """A folder of layers and the entries that describe it."""

    folder: Path
    entries: tuple[CatalogEntry, ...]
    homes: dict[str, Path] = field(default_factory=dict)
    """Where entries that are taken over from another catalogue have their files: its folder by entry id."""
    _known: dict[tuple[str, str], frozenset[str] | None] = field(
        default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def bundled(cls) -> Catalog:
        """The layers that travel with the program."""
        return cls.open(paths.layers_dir() / "catalog.yaml")

    @classmethod
    def open(cls, path: Path) -> Catalog:
        """Read a catalogue file: a list of entries, or ``extends: shipped`` and a list of ``layers``.

        What extends the shipped catalogue holds all of its layers; an entry of the same id takes one's place.
        A :class:`CatalogError` lists every wrong entry with its line.
        """
        source = read_yaml(path, CatalogError)
        base, rows, at = _head(source)
        entries: list[CatalogEntry] = []
        problems: list[Problem] = []
        for i, raw in enumerate(rows):
            try:
                entry = CatalogEntry.model_validate(raw)
            except ValidationError as error:
                problems += validation_problems(source, error, "layer catalogue", (*at, i))
                continue
            if entry.id in {e.id for e in entries}:
                where = source.where((*at, i, "id"))
                problems.append(Problem(where, f"id {entry.id!r} a second time", "unique ids", "rename"))
            if why := leads_out(path.parent, entry.path):
                problems.append(
                    Problem(
                        source.where((*at, i, "path")),
                        f"path {entry.path[:NAME_LETTERS]!r} {why}",
                        "a path inside the catalogue's folder, with '/' between its parts",
                        "move the file there",
                    )
                )
            entries.append(entry)
        if problems:
            raise CatalogError(problems)
        own = {e.id: e for e in entries}
        taken = [e for e in base if e.id not in own]
        homes = {e.id: paths.layers_dir() for e in taken}
        return cls(path.parent, (*taken, *entries), homes)

    @cached_property
    def region(self) -> Region:
        """The region of the layer of role `region`; the shipped one where there is none."""
        if not self.having("region"):
            return shipped_region()
        return read_region(self.path(self.one("region")))

    def declared(self, role: Role) -> Table:
        """What the columns of a role hold in this region."""
        return TABLES.get(role, UNDECLARED).on(self.region)

    def file_of(self, entry: CatalogEntry) -> Path:
        """Where an entry's file should be."""
        return self.homes.get(entry.id, self.folder) / entry.path

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
        home = self.homes.get(entry.id, self.folder)
        path = inside(home, entry.path)
        check_beside(home, path)
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
        """All tables of one role, joined and checked; ids and texts stay strings, empty cells are missing."""
        if role == "fare_matrix":
            return pd.concat([self.matrix(e) for e in self.having(role)])
        declared = self.declared(role)
        frames, faults = dict[str, pd.DataFrame](), Problems()
        for entry in self.having(role):
            frame = self._read_table(entry, declared, faults)
            if frame is not None:
                frames[entry.path], wrong = check_cells(declared, frame, _line_of(entry.path, frame))
                faults.extend(wrong)
        if not frames and not faults:
            raise CatalogError(
                Problem("catalog.yaml", f"no layer with role {role!r}", "at least one", "add an entry")
            )
        if len(frames) == len(self.having(role)):
            faults.extend(self._check_together(role, declared, pd.concat(frames)))
        faults.raise_all()
        return pd.concat(frames, ignore_index=True)

    def matrix(self, entry: CatalogEntry) -> pd.DataFrame:
        """A square table, checked: fares from row to column, NaN where none is sold; beside them column `assumed`."""
        declared, faults = self.declared(entry.role), Problems()
        frame = self._read_table(entry, declared, faults)
        if frame is not None:
            where = _line_of(entry.path, frame)
            frame, wrong = check_cells(declared, frame, where)
            faults.extend(wrong)
            faults.extend(check_key(declared, frame, where))
            faults.extend(check_references(declared, frame, where, self._ids))
            frame, wrong = check_matrix(frame, where, entry.path)
            faults.extend(wrong)
        faults.raise_all()
        assert frame is not None
        return frame

    def _read_table(self, entry: CatalogEntry, declared: Table, faults: Problems) -> pd.DataFrame | None:
        """One CSV, its index the line less 2; None where it cannot be read, lacks a column or has no rows."""
        try:
            frame = read_csv(self.path(entry), text_columns(declared))
        except LayerError as error:
            faults.extend(error)
            return None
        except (OSError, ValueError, Warning) as error:
            faults.add(entry.path, f"cannot be read as CSV ({error})", "UTF-8 CSV with a header", "mend it")
            return None
        missing = check_columns(entry, declared, frame.columns)
        if not missing and frame.empty:
            faults.add(entry.path, "has no rows", "at least one", "fill it or remove the entry")
        faults.extend(missing)
        return None if missing or frame.empty else frame

    def _check_together(self, role: Role, declared: Table, joined: pd.DataFrame) -> Problems:
        """Double ids over all files of one role, and ids that no other layer holds; indexed by file and line."""

        def where(row: int) -> str:
            path, line = joined.index[row]
            return f"{path} line {line + 2}"

        faults = check_key(declared, joined, where)
        faults.extend(check_references(declared, joined, where, self._ids))
        faults.extend(check_in_all(declared, joined, where, self._named))
        if role == "patterns":
            faults.extend(check_clearance(joined, where, self._ids))
        if role == "pattern_stops":
            faults.extend(check_run_times(joined, where))
        if role == "bus_patterns":
            faults.extend(check_fare_steps(joined, where))
        if role == "cost_parameters":
            faults.extend(check_cost_parameters(joined, where))
        if role == "tariffs":
            matrices = frozenset(e.id for e in self.having("fare_matrix"))
            faults.extend(check_tariffs(joined, where, matrices, self._ids("stations"), self.region.sides))
        return faults

    def _ids(self, role: str) -> frozenset[str] | None:
        """The ids of a role, or of the halls; None where there is no such layer or it cannot be read."""
        if role == HALLS:
            points = self._ids("checkpoints")
            return None if points is None else halls(points, self.region.sides)
        return self._named(role, TABLES[role].id_column)

    def _named(self, role: str, column: str) -> frozenset[str] | None:
        if (role, column) not in self._known:
            self._known[role, column] = self._read_named(role, column)
        return self._known[role, column]

    def _read_named(self, role: str, column: str) -> frozenset[str] | None:
        entries = [e for e in self.entries if e.role == role]
        found = set[str]()
        for entry in entries:
            path = self.file_of(entry)
            try:
                if entry.kind == "vector":
                    values = gpd.read_file(
                        map_source(path, entry.path), columns=[column], ignore_geometry=True
                    )[column]
                else:
                    values = pd.read_csv(
                        path, usecols=[column], dtype=str, encoding="utf-8-sig", compression=None
                    )[column]
            except Exception:  # what is wrong with that layer is told when it is loaded
                return None
            found |= set(values.dropna().astype(str))
        return frozenset(found) if entries else None

    def vector(self, role: Role) -> gpd.GeoDataFrame:
        """The vector layer of one role, in WGS84, with checked geometries and properties."""
        entry = self.one(role)
        path = self.path(entry)
        source = map_source(path, entry.path)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what GDAL finds odd in a geometry is looked at below
                frame = plain_cells(gpd.read_file(source))
        except Exception as error:  # pyogrio raises several kinds for a broken file
            raise LayerError(
                Problem(entry.path, f"cannot be read ({str(error)[:120]})", "a vector file", "mend it")
            ) from None
        declared = self.declared(role)
        faults = check_geometry(entry, frame, self.region.extent_deg)
        missing = check_columns(entry, declared, frame.columns)
        faults.extend(missing)
        if not missing and len(frame):
            where = _feature_of(entry.path)
            frame, wrong = check_cells(declared, frame, where)
            faults.extend(wrong)
            faults.extend(check_key(declared, frame, where))
            faults.extend(check_references(declared, frame, where, self._ids))
        faults.raise_all()
        return frame.to_crs(4326)

    def table_if_any(self, role: Role) -> pd.DataFrame:
        """As :meth:`table`; without rows where there is no layer of the role."""
        return self.table(role) if self.having(role) else pd.DataFrame(columns=self._columns(role))

    def vector_if_any(self, role: Role) -> gpd.GeoDataFrame:
        """As :meth:`vector`; without features where there is no layer of the role."""
        if self.having(role):
            return self.vector(role)
        return gpd.GeoDataFrame(
            columns=[*self._columns(role), "geometry"], geometry="geometry", crs=4326, dtype=object
        )

    def _columns(self, role: Role) -> list[str]:
        return [column.name for column in self.declared(role).columns]

    def raster_path(self, role: Role) -> Path:
        """The raster of one role, read once to see that it is whole, says its CRS and nodata, and lies here."""
        entry = self.one(role)
        path = self.path(entry)
        try:
            with raster_at(path) as raster:
                check_raster(entry, raster, self.region.extent_deg).raise_all()
                raster.read()
        except RasterioError as error:
            raise LayerError(
                Problem(entry.path, f"cannot be read ({error})", "a whole GeoTIFF", "restore or rebuild it")
            ) from None
        return path

    def attributions(self, roles: Iterable[Role]) -> tuple[Text, ...]:
        """What a map of these layers must print, each holder once, in the scripts that the region knows it in."""
        wanted = set(roles)
        known = {text.en: text for text in self.region.credits}
        lines = dict.fromkeys(
            part.strip()
            for e in self.entries
            if e.role in wanted
            for part in e.attribution.split(";")
            if part.strip()
        )
        return tuple(known.get(line, Text(en=line)) for line in lines)

    def check(self) -> list[Problem]:
        """Every problem of every layer."""
        problems: list[Problem] = []
        for role in dict.fromkeys(e.role for e in self.entries):
            for load in self._loaders(role):
                try:
                    load()
                except CorridorError as error:
                    problems += error.problems
        return list(dict.fromkeys(problems))  # a region that is wrong is wrong for every layer

    def _loaders(self, role: Role) -> list[Callable[[], object]]:
        kinds = {e.kind for e in self.having(role)}
        if kinds == {"table"}:
            return [lambda: self.table(role)]
        if kinds == {"vector"}:
            return [lambda: self.vector(role)]
        if kinds == {"raster"}:
            return [lambda: self.raster_path(role)]
        return [partial(self.path, e) for e in self.having(role)]


def _head(source: YamlSource) -> tuple[tuple[CatalogEntry, ...], list[Any], tuple[str, ...]]:
    """The entries taken over, the raw entries of the file itself, and where in the file they stand."""
    data = source.data
    if isinstance(data, list):
        return (), data, ()
    if isinstance(data, dict) and isinstance(data.get("layers") or [], list):
        strange = [k for k in data if k not in {"extends", "layers"}]
        if data.get("extends") == "shipped" and not strange:
            return Catalog.bundled().entries, data.get("layers") or [], ("layers",)
        if strange:
            wrong = (source.where((strange[0],)), f"has {strange[0]!r}")
        else:
            wrong = (source.where(), f"extends {data.get('extends')!r}")
        raise CatalogError(Problem(*wrong, "'extends: shipped' and 'layers:'", "correct the key"))
    raise CatalogError(
        Problem(
            source.path.name,
            "is not a list",
            "a list of layer entries, or 'extends: shipped' with 'layers:'",
            "start each with '- id:'",
        )
    )


def seal(path: Path) -> int:
    """Write the hash of every layer's file into a catalogue file; returns how many changed."""
    catalog = Catalog.open(path)
    text = path.read_text(encoding="utf-8")
    changed = 0
    for entry in catalog.entries:
        if entry.id in catalog.homes:
            continue
        digest = sha256(catalog.path(entry.model_copy(update={"sha256": ""})))
        before = f"sha256: {entry.sha256}" if entry.sha256 else ""
        changed += digest != entry.sha256
        if before:
            text = text.replace(before, f"sha256: {digest}")
        else:
            text = text.replace(f"  path: {entry.path}\n", f"  path: {entry.path}\n  sha256: {digest}\n")
    if changed:
        write_whole(path, text.encode())
    return changed


def sha256(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_csv(path: Path, text: dict[str, type[str]]) -> pd.DataFrame:
    """A CSV whose index is the line less 2; the columns named in `text` stay text, empty cells are missing.

    Raises OSError, ValueError or a warning of pandas for what is no CSV.
    """
    with path.open("rb") as stream:
        check_header(stream.read(HEADER_BYTES))
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # rows longer than the header
        frame = pd.read_csv(
            path,
            dtype=text,
            keep_default_na=False,
            na_values=[""],
            encoding="utf-8-sig",
            compression=None,  # whatever its name says: what is packed is no CSV
            skip_blank_lines=False,
            index_col=False,
            low_memory=False,
        )
    return frame.dropna(how="all")


def _line_of(path: str, frame: pd.DataFrame) -> Where:
    return lambda row: f"{path} line {frame.index[row] + 2}"


def _feature_of(path: str) -> Where:
    return lambda row: f"{path} feature {row + 1}"


def check_columns(entry: CatalogEntry, declared: Table, columns: Iterable[str]) -> Problems:
    """The columns an entry's role needs and its file lacks, and headings that are no text."""
    have, faults = set(map(str, columns)), Problems()
    for name in sorted(filter(NO_LETTER.search, have)):
        faults.add(
            entry.path, f"the heading {name!r} holds a sign", "letters that can be printed", "rename it"
        )
    for name in declared.required:
        if name not in have:
            faults.add(
                entry.path,
                f"column {name!r} is missing",
                f"columns {', '.join(declared.required)}",
                f"add it (there are: {', '.join(sorted(have)[:12])})",
                MissingColumnError,
            )
    return faults


def check_geometry(entry: CatalogEntry, frame: gpd.GeoDataFrame, extent: Extent) -> Problems:
    """Problems of a vector layer: no CRS, no features, empty, invalid or geometries outside of an extent."""
    faults = Problems()
    if frame.empty:
        faults.add(
            entry.path, "has no features", "at least one", "fill it or remove the entry", GeometryError
        )
    elif not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        faults.add(entry.path, "has no geometry or no CRS", entry.crs, "state it in the file", CrsError)
    elif not _is(entry.crs, CRS(frame.crs)):
        faults.add(
            entry.path, f"is in {_name(frame.crs)}", entry.crs, "convert it or correct the entry", CrsError
        )
    else:
        _check_shapes(entry, frame, extent, faults)
    return faults


def _check_shapes(entry: CatalogEntry, frame: gpd.GeoDataFrame, extent: Extent, faults: Problems) -> None:
    where, shapes = _feature_of(entry.path), frame.geometry
    nothing = (shapes.isna() | shapes.is_empty).to_numpy()
    for row in np.flatnonzero(nothing):
        faults.add(where(int(row)), "has no geometry", "a geometry", "draw or remove it", GeometryError)
    for row in np.flatnonzero(~shapes.is_valid.to_numpy() & ~nothing):
        faults.add(
            where(int(row)), "is invalid", "a valid geometry", "mend it (shapely.make_valid)", GeometryError
        )
    if frame.crs.is_geographic:
        for i, bounds in enumerate(shapes.bounds.to_numpy()):
            if not nothing[i] and not _lies_here(bounds, extent):
                faults.add(where(i), *_far_off(tuple(map(float, bounds)), extent), CrsError)


def check_raster(entry: CatalogEntry, raster: rasterio.DatasetReader, extent: Extent) -> Problems:
    """Problems of a raster's head: no CRS or another one, no nodata value, outside of an extent."""
    faults = Problems()
    size = raster.width * raster.height * sum(np.dtype(t).itemsize for t in raster.dtypes)
    if size > RASTER_BYTES:
        faults.add(
            entry.path,
            f"holds {raster.width:,} x {raster.height:,} cells ({size / 1e6:,.0f} MB)",
            f"at most {RASTER_BYTES / 1e6:,.0f} MB",
            "cut it to the study's area, or make its cells larger with gdalwarp -tr",
        )
        return faults
    if raster.nodata is None:
        faults.add(entry.path, "has no nodata value", "one", "set it with gdal_edit -a_nodata")
    if raster.crs is None:
        faults.add(entry.path, "has no CRS", entry.crs, "set it, e.g. with gdal_edit -a_srs", CrsError)
        return faults
    crs = CRS.from_wkt(raster.crs.to_wkt())
    if not _is(entry.crs, crs):
        faults.add(
            entry.path,
            f"is in {_name(crs)}",
            entry.crs,
            "convert it, e.g. with gdalwarp, or correct the entry",
            CrsError,
        )
        return faults
    bounds = transform_bounds(raster.crs, "EPSG:4326", *raster.bounds)
    if not _lies_here(np.array(bounds), extent):
        faults.add(entry.path, *_far_off(bounds, extent), CrsError)
    return faults


def _is(stated: str, found: CRS) -> bool:
    return bool(CRS(stated).equals(found, ignore_axis_order=True))


def _name(crs: CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.name)


def _lies_here(bounds: np.ndarray, extent: Extent) -> bool:
    west, south, east, north = extent
    return bool(west <= bounds[0] and south <= bounds[1] and bounds[2] <= east and bounds[3] <= north)


def _far_off(bounds: tuple[float, ...], extent: Extent) -> tuple[str, str, str]:
    """What, expectation and remedy for something that lies outside of the extent of the region."""
    west, south, east, north = extent
    looks_swapped = _lies_here(np.array(bounds)[[1, 0, 3, 2]], extent)
    return (
        f"lies at ({', '.join(f'{b:.10g}' for b in bounds)})",
        f"degrees, lon {west:g} to {east:g}, lat {south:g} to {north:g}",
        "swap lon and lat" if looks_swapped else "correct the coordinates, or state the right CRS",
    )
