"""What is spoilt, how, and to which command it is given: one class for each kind of input.

A kind prepares its seeds once. For each case it writes a spoilt file and acts on it as the command line does. Where the program
takes the file, `accepted` looks at what it made of it: a number that cannot be is a fault too.
"""

from __future__ import annotations

import json
import sqlite3
import warnings
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
import yaml
from click.testing import CliRunner
from rasterio.io import MemoryFile
from rasterio.transform import Affine

import corridor.cli.rerun as rerun_module
from corridor.cli import main
from corridor.core import paths
from corridor.core.errors import CorridorError, LayerError
from corridor.schema.catalog import Catalog
from corridor.schema.comparison import FILE as COMPARISON
from corridor.schema.tables import TABLES
from corridor.study.compare import check_parameters
from corridor.study.study import Study
from corridor.web.story import check_story, for_page, read_story
from tests import web_factory
from tests.fuzzing import damage
from tests.fuzzing.small_study import make_small_study
from tests.gtfs_factory import SMALL

NETWORK = ("stations", "lines", "patterns", "pattern_stops", "headways", "hours", "interchanges", "service_assumptions", "checkpoints", "places",
           "daily_crossings", "highest_days", "clearance_assumptions", "districts", "cells", "coastline", "alignments", "proposals")  # fmt: skip
OWN_CRS = ("EPSG:4326", "EPSG:4326", "EPSG:2326", "EPSG:32650", "EPSG:3857", "EPSG:27700")


class WrongError(Exception):
    """The program took a spoilt file and made something of it that cannot be."""


def need(good: object, what: str) -> None:
    """Raise :class:`WrongError` unless `good`."""
    if not good:
        raise WrongError(what)


def command(*args: object) -> None:
    """Run a command in this process; what it raises comes out, its exit as SystemExit."""
    result = CliRunner().invoke(main, [str(a) for a in args])
    if result.exception is not None:
        raise result.exception


class Kind:
    """One kind of input. `base` is put back as it was after each case; `room` is where the spoilt file lies."""

    name: ClassVar[str]
    share: ClassVar[int]
    """Of the cases, in parts."""

    def __init__(self, home: Path, shipped: Catalog):
        self.base, self.room, self.shipped = home / "study", home / "in", shipped
        self.written: dict[str, bytes] = {}
        """Spoilt files beside the study, by name."""
        self.spoilt: dict[str, bytes] = {}
        """Spoilt files of the study itself."""
        self.room.mkdir(parents=True)
        self.base.mkdir()
        self.prepare()

    def prepare(self) -> None:
        """Make the study and the seeds."""

    def act(self, chance: Random) -> None:
        """Spoil a file and give it to the program; raises what the program raises."""
        raise NotImplementedError

    def accepted(self) -> None:
        """Look at what the program made of a file it took; raises :class:`WrongError`."""

    def put(self, name: str, data: bytes) -> Path:
        """Write the spoilt file."""
        path = self.room / name
        path.write_bytes(data)
        self.written[name] = data
        return path

    def study(self, *roles: str) -> None:
        """A small study of some roles as the base."""
        self.base.rmdir()
        make_small_study(self.base, self.shipped, roles)

    def put_in_study(self, name: str, data: bytes) -> None:
        """Spoil a file of the study itself: it is then part of what must stay as it is."""
        (self.base / name).write_bytes(data)
        self.spoilt[name] = data


def seed_texts(folder: Path, pattern: str = "*.yaml") -> dict[str, bytes]:
    """Files of a folder by name."""
    return {p.name: p.read_bytes() for p in sorted(folder.glob(pattern))}


class Scenarios(Kind):
    """Scenario files and lists of proposed lines."""

    name, share = "scenarios", 10

    def prepare(self) -> None:
        self.study(*NETWORK)
        texts = {n: t for n, t in seed_texts(paths.scenarios_dir()).items() if n != COMPARISON}
        self.seeds = {n: self._as_own(n, t) for n, t in texts.items()} | {"line.yaml": self._whole_line()}
        first = Study.open(self.base)
        _ = first.tables, first.ground, first.alignments, first.proposals
        self.known = {k: first.__dict__[k] for k in ("tables", "ground", "alignments", "proposals")}
        self.opened = Study.open

    @staticmethod
    def _as_own(name: str, text: bytes) -> bytes:
        stem = name.removesuffix(".yaml")
        return text.replace(f"\nid: {stem}".encode(), b"\nid: mine").replace(
            f"id: {stem}\n".encode(), b"id: mine\n", 1
        )

    @staticmethod
    def _whole_line() -> bytes:
        proposals = yaml.safe_load(
            (paths.layers_dir() / "proposals" / "proposals.yaml").read_text(encoding="utf-8")
        )
        line = next(p for p in proposals if p["id"] == "hswrl")
        text = {
            "id": "mine",
            "title": {"en": "Mine"},
            "question": {"en": "What?"},
            "extends": "committed-2030",
            "lines": {"add": [line]},
        }
        return yaml.safe_dump(text, allow_unicode=True, sort_keys=False).encode()

    def act(self, chance: Random) -> None:
        name = chance.choice(sorted(self.seeds))
        path = self.put("mine.yaml", damage.spoil_yaml(chance, self.seeds[name]))
        self.study_now = self.opened(self.base)  # its tables are those of the first, so that a case is quick
        self.study_now.__dict__.update(self.known)
        Study.open = classmethod(lambda *_: self.study_now)  # type: ignore[method-assign, assignment]
        try:
            command("--study", self.base, "scenarios", "validate", path)
        finally:
            Study.open = self.opened  # type: ignore[method-assign]

    def accepted(self) -> None:
        file, _ = self.study_now.library.file("mine")
        if file.kind == "lever":
            return
        network = self.study_now.network("mine").network
        for pattern in network.patterns:
            times = np.array([(s.arrival_s, s.departure_s) for s in pattern.stops]).ravel()
            need(
                np.isfinite(times).all() and (np.diff(times) >= 0).all(),
                f"times of {pattern.pattern_id} fall: {times}",
            )
            headways = np.array(list(pattern.headway_s.values()))
            need(
                np.isfinite(headways).all() and (headways > 0).all() and (headways <= 86_400).all(),
                f"headways of {pattern.pattern_id}: {headways}",
            )
            need(pattern.first_s <= pattern.last_s, f"hours of {pattern.pattern_id}")
        for point in network.checkpoints.values():
            need(
                np.isfinite(point.clearance_s) and 0 <= point.clearance_s <= 86_400,
                f"clearance of {point.checkpoint_id}: {point.clearance_s}",
            )
        for work in self.study_now.works("mine"):
            need(np.isfinite(work.alignment.length) and work.alignment.length > 0, f"length of {work}")


class Proposals(Kind):
    """The list of proposed lines of a study."""

    name, share = "proposals", 4

    def prepare(self) -> None:
        self.study("proposals")
        self.file = "layers/proposals.yaml"
        whole = yaml.safe_load((self.base / self.file).read_bytes())
        self.seed = yaml.safe_dump(whole[:1] + whole[5:6], allow_unicode=True, sort_keys=False).encode()

    def act(self, chance: Random) -> None:
        self.put_in_study(self.file, damage.spoil_yaml(chance, self.seed))
        command("--study", self.base, "scenarios", "list")


class Catalogues(Kind):
    """Layer catalogues, their layers in order."""

    name, share = "catalogues", 18

    def prepare(self) -> None:
        self.study("districts", "habitat_classes", "places", "threats", "sensitivity", "habitat")
        own = (self.base / "catalog.yaml").read_bytes()
        whole = (paths.layers_dir() / "precedent" / "catalog.yaml").read_bytes()
        data = yaml.safe_load(whole)
        data["layers"] = [
            e | {"path": "layers/habitat_classes.csv"} for e in data["layers"] if e["kind"] == "table"
        ][:3]
        self.seeds = [own, own, yaml.safe_dump(data, allow_unicode=True, sort_keys=False).encode()]

    def act(self, chance: Random) -> None:
        self.put_in_study("catalog.yaml", damage.spoil_yaml(chance, chance.choice(self.seeds)))
        command("--study", self.base, "layers", "list")
        catalog = Catalog.open(self.base / "catalog.yaml")
        if not catalog.homes and (problems := catalog.check()):
            raise LayerError(problems)

    def accepted(self) -> None:
        catalog = Catalog.open(self.base / "catalog.yaml")
        need(len({e.id for e in catalog.entries}) == len(catalog.entries), "an id twice")
        for entry in catalog.entries:
            if entry.id not in catalog.homes:
                need(
                    catalog.file_of(entry).resolve().is_relative_to(self.base.resolve()),
                    "a path out of the study",
                )


class Tables(Kind):
    """Tables of the network, of people and of places."""

    name, share = "tables (CSV)", 14

    def prepare(self) -> None:
        self.study(*NETWORK)
        catalog = Catalog.open(self.base / "catalog.yaml")
        self.entries = [
            e
            for e in catalog.entries
            if e.kind == "table" and e.role in TABLES and e.role != "service_assumptions"
        ]
        self.seeds = {e.id: catalog.file_of(e).read_bytes() for e in self.entries}
        self.catalog = catalog

    def act(self, chance: Random) -> None:
        self.entry = chance.choice(self.entries)
        self.put_in_study(self.entry.path, damage.spoil_csv(chance, self.seeds[self.entry.id]))
        self.catalog._known.clear()
        self.catalog.table(self.entry.role)
        Catalog.open, kept = classmethod(lambda *_: self.catalog), Catalog.open  # type: ignore[method-assign, assignment]
        try:
            if chance.random() < 0.15:
                command(
                    "--study",
                    self.base,
                    "scenarios",
                    "validate",
                    self.base / "scenarios" / "committed-2030.yaml",
                )
        finally:
            Catalog.open = kept  # type: ignore[method-assign]

    def accepted(self) -> None:
        table, declared = self.catalog.table(self.entry.role), TABLES[self.entry.role]
        need(len(table) > 0, "no rows")
        if declared.key:
            need(not table[list(declared.key)].dropna().duplicated().any(), "a key twice")
        for column in declared.columns:
            if column.kind == "number" and column.name in table:
                values = pd.to_numeric(table[column.name]).to_numpy(float)
                need(np.isfinite(values[~np.isnan(values)]).all(), f"{column.name} is not finite")
                need(column.empty or not np.isnan(values).any(), f"{column.name} is empty")


class GeoJson(Kind):
    """Map layers of a study as GeoJSON."""

    name, share = "GeoJSON layers", 20

    def prepare(self) -> None:
        self.study(
            "designations",
            "wildlife_sites",
            "green_corridors",
            "districts",
            "coastline",
            "alignments",
            "development_areas",
        )
        self.catalog = Catalog.open(self.base / "catalog.yaml")
        self.seeds = {}
        for entry in self.catalog.entries:
            data = json.loads(self.catalog.file_of(entry).read_bytes())
            data["features"] = [f for f in data["features"] if len(json.dumps(f)) < 8_000][:4]
            if data["features"]:
                self.seeds[entry.role] = (entry, json.dumps(data, ensure_ascii=False).encode())

    def act(self, chance: Random) -> None:
        entry, seed = self.seeds[chance.choice(sorted(self.seeds))]
        data = damage.spoil_json(chance, seed)
        self.entered = chance.random() < 0.4
        self.role = entry.role
        if self.entered:
            path = self.put("layer.geojson", data)
            command("--study", self.base, "layers", "replace", entry.role, path, "--datum", "wgs84")
        else:
            self.put_in_study(entry.path, data)
            self.catalog._known.clear()
            self.catalog.vector(entry.role)

    def accepted(self) -> None:
        catalog = Catalog.open(self.base / "catalog.yaml") if self.entered else self.catalog
        check_frame(catalog.vector(self.role))


def check_frame(frame: gpd.GeoDataFrame) -> None:
    """Shapes that are there, valid, finite and in this part of the earth."""
    need(len(frame) > 0, "no features")
    shapes = np.asarray(frame.geometry.array)
    bounds = shapely.bounds(shapes)
    west, south, east, north = 111.0, 21.0, 117.0, 25.0
    need(np.isfinite(bounds).all(), "positions that are no numbers")
    need(shapely.is_valid(shapes).all() and not shapely.is_empty(shapes).any(), "shapes that are not valid")
    need(
        (bounds[:, 0] >= west).all()
        and (bounds[:, 2] <= east).all()
        and (bounds[:, 1] >= south).all()
        and (bounds[:, 3] <= north).all(),
        "far off",
    )


class Gtfs(Kind):
    """Feeds: their tables, and the archive they come in."""

    name, share = "GTFS feeds", 7

    full: ClassVar[dict[str, str]] = {
        **SMALL,
        "frequencies.txt": "trip_id,start_time,end_time,headway_secs\no1,06:00:00,07:30:00,600\n",
        "transfers.txt": "from_stop_id,to_stop_id,transfer_type,min_transfer_time\nA1,B,2,480\nA1,C,0,\n",
        "calendar_dates.txt": "service_id,date,exception_type\nwd,20260106,2\n",
        "translations.txt": "table_name,field_name,language,translation,record_id\nstops,stop_name,zh-HK,甲站,A\n",
    }

    def prepare(self) -> None:
        self.study("coastline")

    def act(self, chance: Random) -> None:
        files = {name: text.encode() for name, text in self.full.items()}
        kind = chance.random()
        if kind < 0.75:
            for _ in range(chance.choice((1, 1, 2, 4))):
                name = chance.choice(sorted(files))
                try:
                    files[name] = damage.spoil_csv(chance, files[name])
                except (ValueError, IndexError, StopIteration):  # spoilt too far for the one that spoils
                    files[name] = damage.blind(chance, files[name])
        data = damage.packed(files)
        if kind >= 0.75:
            data = damage.spoil_zip(chance, data)
        try:
            command("--study", self.base, "layers", "add", "gtfs", self.put("feed.zip", data))
        except SystemExit as stop:
            told = stop.__context__
            if isinstance(told, CorridorError) and any(
                p.where.startswith("layers/gtfs-") for p in told.problems
            ):
                raise WrongError(f"the lines made of it do not pass the checks: {told}") from None
            raise

    def accepted(self) -> None:
        catalog = Catalog.open(self.base / "catalog.yaml")
        need((catalog.table("headways")["headway_s"] > 0).all(), "headways of nought")
        stops = catalog.table("pattern_stops")
        need((stops["run_s"].dropna() < 86_400).all(), "a run of more than a day")
        catalog.table("stations"), catalog.table("patterns"), catalog.table("hours")


class Rasters(Kind):
    """GeoTIFF of people and of land cover."""

    name, share = "rasters", 10

    def prepare(self) -> None:
        self.study("cells", "districts", "coastline", "habitat", "habitat_classes")
        counts = np.random.default_rng(1).integers(0, 40, (24, 30)).astype("float32")
        codes = np.random.default_rng(2).choice([0, 10, 30, 50, 60, 80, 90, 95], (24, 30)).astype("uint8")
        self.seeds = {
            ("population", i): self._tiff(counts, **more)
            for i, more in enumerate(
                (
                    {},
                    {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate"},
                    {"compress": "lzw", "predictor": 3},
                )
            )
        } | {
            ("habitat", i): self._tiff(codes, **more)
            for i, more in enumerate(({"nodata": 0}, {"nodata": 0, "compress": "deflate"}))
        }

    @staticmethod
    def _tiff(values: Any, **more: Any) -> bytes:
        profile = {
            "driver": "GTiff", "width": values.shape[-1], "height": values.shape[-2], "count": 1, "dtype": values.dtype.name, "crs": "EPSG:4326",
            "transform": Affine(0.004, 0, 114.0, 0, -0.004, 22.5), "nodata": -1.0,
        } | more  # fmt: skip
        with warnings.catch_warnings(), MemoryFile() as memory:
            warnings.simplefilter("ignore")  # of a raster without a place, of numbers too large
            with memory.open(**profile) as raster:
                raster.write(np.broadcast_to(values, (profile["count"], *values.shape)))
            return bytes(memory.read())

    def _odd(self, chance: Random) -> bytes:
        """A whole GeoTIFF that says strange things of itself."""
        pick = chance.choice
        t = [0.004, 0.0, 114.0, 0.0, -0.004, 22.5]
        for _ in range(pick((0, 1, 2))):
            t[chance.randrange(6)] = float(
                pick((0, 1, -1, 1e-12, 1e12, float("nan"), float("inf"), 114.0, 22.3, -0.02, 1e-5))
            )
        dtype = pick(
            ("uint8", "int16", "uint16", "int32", "float32", "float64", "complex64", "int8", "uint32")
        )
        values = np.zeros((24, 30))
        if dtype.startswith("float"):
            values[3:5, 4:9] = pick((float("nan"), float("inf"), 1e38, -5.0, 3.5, 1e-30))
        values[10:14, 10:14] = pick((0, 1, 10, 100, 255 if dtype == "uint8" else 120))
        more: dict[str, Any] = {
            "count": pick((1, 1, 1, 2, 5)), "nodata": pick((None, -1.0, 0, 255, float("nan"), 1e40)), "transform": Affine(*t),
            "crs": pick((None, *OWN_CRS, "EPSG:4490", "EPSG:9707", "+proj=stere +lat_0=90", "EPSG:4979")),
        }  # fmt: skip
        if more["nodata"] == 1e40 and dtype != "float64":
            more["nodata"] = 1e30
        if more["nodata"] is not None and not dtype.startswith(("float", "complex")):
            more["nodata"] = pick((None, 0, 1))
        return self._tiff(values.astype(dtype), **more)

    def _huge(self, chance: Random) -> bytes:
        """Few bytes that state many cells."""
        size = chance.choice((20_000, 100_000))
        with MemoryFile() as memory:
            with memory.open(
                driver="GTiff", width=size, height=size, count=1, dtype="uint8", crs="EPSG:4326", nodata=0, SPARSE_OK=True, tiled=True, BIGTIFF="YES",
                blockxsize=chance.choice((512, 16_384)), blockysize=chance.choice((512, 16_384)), compress="deflate",
                transform=Affine(1.0 / size, 0, 113.7, 0, -1.0 / size, 22.9),
            ):  # fmt: skip
                pass
            return bytes(memory.read())

    def act(self, chance: Random) -> None:
        role, number = chance.choice(sorted(self.seeds))
        seed, kind = self.seeds[role, number], chance.randrange(20)
        if kind < 9:
            data = damage.spoil_tiff(chance, seed)
        elif kind < 13:
            data = damage.blind(chance, seed)
        elif kind < 19:
            data = self._odd(chance)
        else:
            data = self._huge(chance)
        path = self.put("raster.tif", data)
        self.role = role
        asked = chance.choice(
            (
                (),
                ("--nodata-means", "keep"),
                ("--nodata-means", "keep"),
                ("--nodata", "nan"),
                ("--nodata", "-99999"),
                ("--crs", "EPSG:4326"),
            )
        )
        mapping = ("--mapping", "worldcover") if role == "habitat" else ()
        if chance.random() < 0.1:
            self.role = ""
            self.put_in_study("layers/habitat.tif", data)
            Catalog.open(self.base / "catalog.yaml").raster_path("habitat")
            return
        command("--study", self.base, "layers", "replace", role, path, *asked, *mapping)

    def accepted(self) -> None:
        catalog = Catalog.open(self.base / "catalog.yaml")
        if self.role == "population":
            people = catalog.table("cells")["residents_census"].to_numpy(float)
            need(np.isfinite(people).all() and (people >= 0).all(), "people that cannot be")
        elif self.role == "habitat":
            with rasterio.open(catalog.raster_path("habitat")) as raster:
                codes = np.unique(raster.read(1))
            known = set(catalog.table("habitat_classes")["code"].astype(int)) | {0}
            need(set(map(int, codes)) <= known, f"codes {set(map(int, codes)) - known}")


class OwnVectors(Kind):
    """Maps of one's own: GeoPackage, Shapefile, FlatGeobuf, GeoParquet where it can be read, CSV."""

    name, share = "own vectors", 18

    def prepare(self) -> None:
        self.study("coastline", "districts", "stations", "facilities", "designations")
        frame = gpd.GeoDataFrame(
            {"name_en": ["North", "South", "West"], "kind": ["clinic", "school", "park"], "beds": [1, 2, 3], "width": [1.5, 2.5, 3.5]},
            geometry=[shapely.Point(114.1, 22.5), shapely.Point(114.17, 22.28), shapely.box(114.0, 22.4, 114.01, 22.41)], crs=4326,
        )  # fmt: skip
        self.seeds = {
            n: self._saved(frame, n, d, self.room)
            for n, d in (("a.gpkg", "GPKG"), ("a.fgb", "FlatGeobuf"), ("a.geojson", "GeoJSON"))
        }
        self.seeds["a.zip"] = self._shapefile(frame.iloc[:2])
        self.seeds["a.csv"] = b"name_en,kind,lon,lat\nNorth,clinic,114.1,22.5\nSouth,school,114.17,22.28\n"
        self.seeds["wkt.csv"] = (
            b'name_en,kind,WKT\nNorth,clinic,POINT (114.1 22.5)\nSouth,x,"POLYGON ((114 22.4,114.1 22.4,114.1 22.5,114 22.4))"\n'
        )
        self.seeds["xy.csv"] = (
            b"name_en,kind,x,y\nNorth,clinic,836694.05,819069.8\nSouth,school,836000,818000\n"
        )
        for path in list(self.room.iterdir()):
            path.unlink()

    @staticmethod
    def _saved(frame: gpd.GeoDataFrame, name: str, driver: str, room: Path) -> bytes:
        frame.to_file(room / name, driver=driver)
        return (room / name).read_bytes()

    def _shapefile(self, frame: gpd.GeoDataFrame) -> bytes:
        frame.to_file(self.room / "a.shp", encoding="gbk")
        return damage.packed(
            {
                p.name: p.read_bytes()
                for p in sorted(self.room.glob("a.*"))
                if p.suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg")
            }
        )

    def _spoilt_gpkg(self, chance: Random, seed: bytes) -> bytes:
        """The database changed as a database."""
        path = self.room / "work.gpkg"
        path.write_bytes(seed)
        base = sqlite3.connect(path)
        blob = base.execute("select geom from a limit 1").fetchone()[0]
        change = chance.choice((
            "drop table gpkg_spatial_ref_sys", "delete from gpkg_contents", "update gpkg_geometry_columns set srs_id = 999",
            "update gpkg_contents set table_name = 'sqlite_master'", "update a set geom = x'00'", "update a set geom = null",
            "update gpkg_spatial_ref_sys set definition = 'x'", "alter table a rename to \"../../x\"", "update a set geom = zeroblob(1000000)",
            "create view v as with recursive c(x) as (select 1 union all select x + 1 from c) select x as fid, 'x' as geom from c",
            "update gpkg_contents set data_type = 'attributes'", "delete from a", "update a set name_en = zeroblob(100)", "update a set beds = 'x'",
            "create trigger t after insert on a begin delete from a; end", "blob",
        ))  # fmt: skip
        try:
            if change == "blob":
                base.execute("update a set geom = ?", (damage.blind(chance, blob),))
            else:
                base.execute(change)
            base.commit()
        except sqlite3.DatabaseError:
            pass
        base.close()
        data = path.read_bytes()
        path.unlink()
        return data

    def act(self, chance: Random) -> None:
        name = chance.choice(sorted(self.seeds))
        seed, suffix = self.seeds[name], name[name.index(".") :]
        if suffix == ".csv":
            data = damage.spoil_csv(chance, seed)
        elif suffix == ".geojson":
            data = damage.spoil_json(chance, seed)
        elif suffix == ".zip" and chance.random() < 0.6:
            files = damage.members(seed)
            part = chance.choice(sorted(files))
            data = damage.packed(files | {part: damage.blind(chance, files[part])})
        elif suffix == ".zip":
            data = damage.spoil_zip(chance, seed)
        elif suffix == ".gpkg" and chance.random() < 0.5:
            data = self._spoilt_gpkg(chance, seed)
        else:
            data = damage.blind(chance, seed)
        if chance.random() < 0.03:
            suffix = chance.choice(
                (".gpkg", ".shp", ".zip", ".geojson", ".fgb", ".csv", ".parquet", ".vrt", "")
            )
        self.role = chance.choice(("facilities", "other", "other", "designations"))
        crs = (
            ("--crs", chance.choice(("EPSG:2326", "EPSG:4326", "EPSG:0", "x", "EPSG:4490")))
            if name == "xy.csv" or name == "wkt.csv" or chance.random() < 0.1
            else ()
        )
        said = (
            ("--set", "designation=country_park")
            if self.role == "designations"
            else ("--set", "kind=clinic")
            if chance.random() < 0.3
            else ()
        )
        command("--study", self.base, "layers", "replace" if self.role == "designations" else "add", *(("designations",) if self.role == "designations" else ("vector",)),
                self.put(f"own{suffix}", data), *(() if self.role == "designations" else ("--role", self.role)), *crs, *said)  # fmt: skip

    def accepted(self) -> None:
        catalog = Catalog.open(self.base / "catalog.yaml")
        if self.role == "facilities":
            table = catalog.table("facilities")
            need(
                np.isfinite(table[["lon", "lat"]].to_numpy(float)).all()
                and not table["facility_id"].duplicated().any(),
                "places that cannot be",
            )
        else:
            check_frame(catalog.vector(self.role))  # type: ignore[arg-type]


class Runs(Kind):
    """run.json and the table beside it, given to `rerun`."""

    name, share = "run.json", 3

    def prepare(self) -> None:
        from corridor.formats.provenance import provenance
        from corridor.formats.tables import criteria_table

        self.study("coastline", "proposals")
        self.comparison, study = web_factory.comparison(), Study.open(self.base)
        for scenario_id, made in self.comparison.results.items():
            made.scenario = study.scenario(scenario_id)
        self.seed = json.dumps(provenance(study, self.comparison), default=str).encode()
        self.table = criteria_table(self.comparison).to_csv(index=False, float_format="%.6g").encode()

    def _compared(self, study: Study, ids: list[str], *_: object, **__: object) -> Any:
        check_parameters(study.parameters)
        for scenario_id in ids:
            study.scenario(scenario_id)
        return self.comparison

    def act(self, chance: Random) -> None:
        spoilt = chance.random()
        self.put("results.csv", damage.spoil_csv(chance, self.table) if spoilt < 0.35 else self.table)
        path = self.put("run.json", damage.spoil_json(chance, self.seed) if spoilt > 0.25 else self.seed)
        kept, rerun_module.compare = rerun_module.compare, self._compared  # type: ignore[assignment]
        try:
            command("--study", self.base, "rerun", path, "--quiet")
        except SystemExit as stop:
            if stop.__context__ is not None or stop.code != 1:  # 1 without an error: the numbers differ
                raise
        finally:
            rerun_module.compare = kept


class Stories(Kind):
    """story.yaml: views of a map."""

    name, share = "story.yaml", 10

    def prepare(self) -> None:
        self.comparison, self.layers = web_factory.comparison(), web_factory.layers()
        views: list[dict[str, Any]] = [
            {"scenario": "committed-2030", "show": "value", "place": "all", "layers": ["zones", "rail"], "caption": {"en": "One", "zh-Hant": "一"}},
            {"scenario": "western-2035", "hour": "08:30", "center": [114.0, 22.5], "zoom": 11.5, "caption": {"en": "Two"}, "notes": {"en": "x"}},
            {"scenario": "western-viaduct", "measure": "to_qianhai", "show": "side by side", "place": "qianhai", "caption": {"en": "Three"}},
        ]  # fmt: skip
        self.seed = yaml.safe_dump(
            {"title": {"en": "Story"}, "views": views}, allow_unicode=True, sort_keys=False
        ).encode()

    def act(self, chance: Random) -> None:
        self.told = read_story(self.put("story.yaml", damage.spoil_yaml(chance, self.seed)))
        check_story(self.told, self.comparison, self.layers)

    def accepted(self) -> None:
        json.dumps(for_page(self.told, self.comparison, self.layers), allow_nan=False, ensure_ascii=True)


class Streets(Kind):
    """Street graphs: GraphML and OSM XML."""

    name, share = "street graphs", 10

    def prepare(self) -> None:
        import networkx as nx
        import osmnx

        graph = nx.MultiDiGraph(crs="epsg:4326", created_with="OSMnx 2", created_date="2026-01-01")
        spots = {1: (114.05, 22.53), 2: (114.051, 22.53), 3: (114.052, 22.532)}
        for node, (x, y) in spots.items():
            graph.add_node(node, x=x, y=y, street_count=2)
        for u, v in ((1, 2), (2, 3)):
            line = shapely.LineString([spots[u], (114.0512, 22.5305), spots[v]]) if v == 3 else None
            graph.add_edge(
                u,
                v,
                0,
                osmid=u,
                length=150.0,
                oneway=False,
                highway="footway",
                reversed=False,
                **({"geometry": line} if line else {}),
            )
        osmnx.save_graphml(graph, self.room / "g.graphml")
        self.graphml = (self.room / "g.graphml").read_bytes()
        (self.room / "g.graphml").unlink()
        nodes = "\n".join(f'<node id="{n}" version="1" lat="{y}" lon="{x}"/>' for n, (x, y) in spots.items())
        refs = "\n".join(f'<nd ref="{n}"/>' for n in spots)
        self.xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n{nodes}\n<way id="9" version="1">\n{refs}\n<tag k="highway" v="footway"/>\n</way>\n</osm>\n'.encode()
        (self.base / "layers").mkdir()

    def act(self, chance: Random) -> None:
        if chance.random() < 0.6:
            self.how, path = "--graphml", self.put("g.graphml", damage.spoil_xml(chance, self.graphml))
        else:
            self.how, path = "--xml", self.put("g.osm", damage.spoil_xml(chance, self.xml))
        command("layers", "add", "walk", self.how, path, "--out", self.base / "layers")

    def accepted(self) -> None:
        from corridor.network.streets import StreetGraph

        streets = StreetGraph.load(self.base / "layers" / "walk_graph.graphml")
        need(
            np.isfinite(streets.x_m).all() and np.isfinite(streets.y_m).all(), "positions that are no numbers"
        )
        need(np.isfinite(streets.length_m).all() and (streets.length_m >= 0).all(), "lengths that are none")


class Lists(Kind):
    """Lists of places for `times`, and mapping tables of land cover."""

    name, share = "lists (CSV)", 6

    def prepare(self) -> None:
        self.places = b"id,lon,lat\na,114.1,22.5\nb,114.17,22.28\n"
        self.classes = self.shipped.table("habitat_classes")
        names = self.classes["habitat_id"].tolist()[:3]
        self.mapping = f"code,to\n10,{names[0]}\n30,{names[1]}\n50,{names[2]}\n80,water\n".encode()

    def act(self, chance: Random) -> None:
        from corridor.cli.points import read_points
        from corridor.importers.rasters.land_cover import read_mapping

        self.frame = None
        if chance.random() < 0.6:
            path = self.put("places.csv", damage.spoil_csv(chance, self.places))
            self.frame = read_points([path])[path]
        else:
            read_mapping(
                str(self.put("mapping.csv", damage.spoil_csv(chance, self.mapping))), self.classes, "habitat"
            )

    def accepted(self) -> None:
        if self.frame is not None:
            need(
                np.isfinite(self.frame[["lon", "lat"]].to_numpy(float)).all(), "positions that are no numbers"
            )


KINDS: tuple[type[Kind], ...] = (
    Scenarios, Proposals, Catalogues, Tables, GeoJson, Gtfs, Rasters, OwnVectors, Runs, Stories, Streets, Lists,
)  # fmt: skip
