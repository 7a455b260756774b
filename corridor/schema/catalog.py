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
from typing import TYPE_CHECKING, Any

from corridor.core import paths
from corridor.core.containment import NAME_LETTERS, check_beside, inside, leads_out, map_source, raster_at
from corridor.core.csv_tables import line_of, read_csv, read_table
from corridor.core.errors import CatalogError, CorridorError, LayerError, Problem, Problems
from corridor.schema.catalog_entry import CatalogEntry, Role
from corridor.schema.layer_checks import check_columns, check_geometry, check_raster, feature_of
from corridor.schema.region import Region, read_region, shipped_region
from corridor.schema.role_checks import check_matrix, check_role
from corridor.schema.table_checks import RowChecks, halls, plain_cells, text_columns
from corridor.schema.tables import HALLS, TABLES, UNDECLARED, Table
from corridor.schema.text import Text
from corridor.schema.yaml_source import YamlSource, read_yaml, validated

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True)
class Catalog:
    """A folder of layers and the entries that describe it.

    Parameters
    ----------
    folder
        The folder of catalog.yaml.
    entries
        Those of the file, and of the shipped catalogue where it extends that.
    homes
        Where entries taken over from another catalogue have their files: its folder by entry id.

    Examples
    --------
    >>> catalog = Catalog.bundled()
    >>> catalog.one("stations").kind  # doctest: +SKIP
    'table'
    """

    folder: Path
    entries: tuple[CatalogEntry, ...]
    homes: dict[str, Path] = field(default_factory=dict)
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

        Parameters
        ----------
        path
            catalog.yaml.

        Raises
        ------
        CatalogError
            With every wrong entry and its line.
        """
        source = read_yaml(path, CatalogError)
        base, rows, at = _head(source)
        own: dict[str, CatalogEntry] = {}
        with Problems(CatalogError) as problems:
            for i, raw in enumerate(rows):
                entry = validated(source, CatalogEntry, raw, "layer catalogue", problems, (*at, i))
                if entry is None:
                    continue
                if entry.id in own:
                    where = source.where((*at, i, "id"))
                    problems.add(where, f"id {entry.id!r} a second time", "unique ids", "rename")
                if why := leads_out(path.parent, entry.path):
                    where, what = source.where((*at, i, "path")), f"path {entry.path[:NAME_LETTERS]!r} {why}"
                    expected = "a path inside the catalogue's folder, with '/' between its parts"
                    problems.add(where, what, expected, "move the file there")
                own[entry.id] = entry
        taken = [e for e in base if e.id not in own]
        return cls(path.parent, (*taken, *own.values()), {e.id: paths.layers_dir() for e in taken})

    @cached_property
    def region(self) -> Region:
        """The region of the layer of role `region`; the shipped one where there is none."""
        return read_region(self.path(self.one("region"))) if self.having("region") else shipped_region()

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
        """The single entry of a role.

        Raises
        ------
        CatalogError
            Where there is none, or more than one.
        """
        found = self.having(role)
        if len(found) != 1:
            what = f"{len(found)} layers with role {role!r}"
            raise CatalogError.at("catalog.yaml", what, "exactly one", "add or remove an entry")
        return found[0]

    def path(self, entry: CatalogEntry) -> Path:
        """Where an entry's file is; checks that it is there and unchanged.

        Raises
        ------
        LayerError
            Where the file is missing, or its checksum is not that of the entry.
        CorridorError
            Where it is outside of the study's folder.
        """
        home = self.homes.get(entry.id, self.folder)
        path = inside(home, entry.path)
        check_beside(home, path)
        if not path.is_file():
            remedy = "restore it or remove the entry"
            raise LayerError.at(entry.id, f"{entry.path} is missing", "a file", remedy)
        if entry.sha256 and sha256(path) != entry.sha256:
            what = f"{entry.path}: checksum does not match the catalogue entry"
            remedy = "restore the file, or run 'corridor layers check --seal'"
            raise LayerError.at(entry.id, what, entry.sha256[:12] + "...", remedy)
        return path

    def table(self, role: Role) -> pd.DataFrame:
        """All tables of one role, joined and checked.

        Parameters
        ----------
        role
            What the layers are to the program.

        Returns
        -------
        pandas.DataFrame
            Numbers as the columns declare them, with their units; ids and texts as strings; empty cells missing.

        Raises
        ------
        LayerError
            With every problem of every file, each with its line.
        CatalogError
            Where no layer has the role.
        """
        import pandas as pd

        entries, declared = self.having(role), self.declared(role)
        if role == "fare_matrix":
            return pd.concat([self.matrix(e) for e in entries])
        if not entries:
            what = f"no layer with role {role!r}"
            raise CatalogError.at("catalog.yaml", what, "at least one", "add an entry")
        frames = dict[str, pd.DataFrame]()
        with Problems() as faults:
            for entry in entries:
                if rows := self._read_table(entry, declared, faults):
                    frames[entry.path] = rows.check_cells(declared)
            if len(frames) == len(entries):
                self._check_together(role, declared, pd.concat(frames), faults)
        return pd.concat(frames, ignore_index=True)

    def matrix(self, entry: CatalogEntry) -> pd.DataFrame:
        """A square table of fares, checked.

        Parameters
        ----------
        entry
            An entry of role ``fare_matrix``.

        Returns
        -------
        pandas.DataFrame
            (stations, stations + 1) fares from the station of the row to that of the column, in the currency of its
            tariff; NaN where none is sold; beside them column `assumed`.

        Raises
        ------
        LayerError
            With every problem of the file.
        """
        declared = self.declared(entry.role)
        with Problems() as faults:
            rows = self._read_table(entry, declared, faults)
            if rows:
                self._check_rows(declared, rows)
                rows.frame = check_matrix(rows, entry.path)
        assert rows
        return rows.frame

    def _read_table(self, entry: CatalogEntry, declared: Table, faults: Problems) -> RowChecks | None:
        """One CSV, its index the line less 2; None where it cannot be read, lacks a column or has no rows."""
        try:
            frame = read_table(self.path(entry), text=text_columns(declared), name=entry.path)
        except LayerError as error:
            faults.extend(error)
            return None
        missing = check_columns(entry, declared, frame.columns)
        if not missing and frame.empty:
            faults.add(entry.path, "has no rows", "at least one", "fill it or remove the entry")
        faults.extend(missing)
        return None if missing or frame.empty else RowChecks(frame, line_of(entry.path, frame), faults)

    def _check_rows(self, declared: Table, rows: RowChecks) -> None:
        """Wrong cells, double ids and ids that no layer holds; numbers become numbers."""
        rows.check_cells(declared)
        rows.check_key(declared)
        rows.check_references(declared, self._ids)

    def _check_together(self, role: Role, declared: Table, joined: pd.DataFrame, faults: Problems) -> None:
        """Double ids over all files of one role, and ids that no other layer holds; indexed by file and line."""

        def where(row: int) -> str:
            path, line = joined.index[row]
            return f"{path} line {line + 2}"

        rows = RowChecks(joined, where, faults)
        rows.check_key(declared)
        rows.check_references(declared, self._ids)
        rows.check_in_all(declared, self._named)
        matrices = frozenset(e.id for e in self.entries if e.role == "fare_matrix")
        check_role(role, rows, self._ids, matrices, self.region.sides)

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
        import geopandas as gpd

        entries = [e for e in self.entries if e.role == role]
        found = set[str]()
        for entry in entries:
            path = self.file_of(entry)
            try:
                if entry.kind == "vector":
                    source = map_source(path, entry.path)
                    values = gpd.read_file(source, columns=[column], ignore_geometry=True)[column]
                else:
                    values = read_csv(path)[column]
            except Exception:  # loading that layer reports what is wrong with it
                return None
            found |= set(values.dropna().astype(str))
        return frozenset(found) if entries else None

    def vector(self, role: Role) -> gpd.GeoDataFrame:
        """The vector layer of one role, checked.

        Parameters
        ----------
        role
            What the layer is to the program.

        Returns
        -------
        geopandas.GeoDataFrame
            In EPSG:4326, with valid geometries.

        Raises
        ------
        LayerError
            With every problem of the file, each with its feature.
        CatalogError
            Where not exactly one layer has the role.
        """
        import geopandas as gpd

        entry = self.one(role)
        source = map_source(self.path(entry), entry.path)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what GDAL finds odd in a geometry is looked at below
                frame = plain_cells(gpd.read_file(source))
        except Exception as error:  # pyogrio raises several kinds for a broken file
            what = f"cannot be read ({str(error)[:120]})"
            raise LayerError.at(entry.path, what, "a vector file", "mend it") from None
        declared = self.declared(role)
        faults = check_geometry(entry, frame, self.region.extent_deg)
        missing = check_columns(entry, declared, frame.columns)
        faults.extend(missing)
        if not missing and len(frame):
            rows = RowChecks(frame, feature_of(entry.path), faults)
            self._check_rows(declared, rows)
            frame = rows.frame
        faults.raise_all()
        return frame.to_crs(4326)

    def table_if_any(self, role: Role) -> pd.DataFrame:
        """As :meth:`table`; without rows where there is no layer of the role."""
        import pandas as pd

        return self.table(role) if self.having(role) else pd.DataFrame(columns=self._columns(role))

    def vector_if_any(self, role: Role) -> gpd.GeoDataFrame:
        """As :meth:`vector`; without features where there is no layer of the role."""
        import geopandas as gpd

        if self.having(role):
            return self.vector(role)
        return gpd.GeoDataFrame(
            columns=[*self._columns(role), "geometry"], geometry="geometry", crs=4326, dtype=object
        )

    def _columns(self, role: Role) -> list[str]:
        return [column.name for column in self.declared(role).columns]

    def raster_path(self, role: Role) -> Path:
        """The raster of one role, read once to see that it is whole, has a CRS and nodata, and is inside the region.

        Parameters
        ----------
        role
            What the layer is to the program.

        Returns
        -------
        pathlib.Path
            A GeoTIFF in the system that its entry states.

        Raises
        ------
        LayerError
            With every problem of the file.
        """
        from rasterio.errors import RasterioError

        entry = self.one(role)
        path = self.path(entry)
        try:
            with raster_at(path) as raster:
                check_raster(entry, raster, self.region.extent_deg).raise_all()
                raster.read()
        except RasterioError as error:
            what = f"cannot be read ({error})"
            raise LayerError.at(entry.path, what, "a whole GeoTIFF", "restore or rebuild it") from None
        return path

    def attributions(self, roles: Iterable[Role]) -> tuple[Text, ...]:
        """What a map of these layers must print, each holder once, in the scripts that the region knows it in.

        Parameters
        ----------
        roles
            Roles of the layers that are shown.

        Returns
        -------
        tuple of Text
            Each holder once, in the order of the catalogue.
        """
        wanted = set(roles)
        known = {text.en: text for text in self.region.credits}
        stated = "; ".join(e.attribution for e in self.entries if e.role in wanted)
        holders = (part.strip() for part in stated.split(";"))
        return tuple(known.get(holder, Text(en=holder)) for holder in dict.fromkeys(filter(None, holders)))

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
        """What loads a role; its files one by one where they are documents, or of several kinds."""
        load = {"table": self.table, "vector": self.vector, "raster": self.raster_path}
        entries = self.having(role)
        kinds = {e.kind for e in entries}
        kind = kinds.pop()
        if kinds or kind not in load:
            return [partial(self.path, e) for e in entries]
        return [partial(load[kind], role)]


def _head(source: YamlSource) -> tuple[tuple[CatalogEntry, ...], list[Any], tuple[str, ...]]:
    """The entries taken over, the raw entries of the file itself, and where in the file they are."""
    data = source.data
    if isinstance(data, list):
        return (), data, ()
    if not (isinstance(data, dict) and isinstance(data.get("layers") or [], list)):
        expected = "a list of layer entries, or 'extends: shipped' with 'layers:'"
        raise CatalogError.at(source.path.name, "is not a list", expected, "start each with '- id:'")
    strange = [k for k in data if k not in {"extends", "layers"}]
    if data.get("extends") == "shipped" and not strange:
        return Catalog.bundled().entries, data.get("layers") or [], ("layers",)
    where = source.where((strange[0],)) if strange else source.where()
    what = f"has {strange[0]!r}" if strange else f"extends {data.get('extends')!r}"
    raise CatalogError.at(where, what, "'extends: shipped' and 'layers:'", "correct the key")


def sha256(path: Path) -> str:
    """The hash of a file.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
