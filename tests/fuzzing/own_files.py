"""Files that a user brings, spoilt: timetables, rasters, maps, street graphs and lists."""

from __future__ import annotations

import sqlite3
import warnings
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from corridor.core.errors import CorridorError
from corridor.schema.catalog import Catalog
from tests.fuzzing import damage
from tests.fuzzing.kind import Kind, WrongError, check_frame, command, need
from tests.gtfs_factory import SMALL

OWN_CRS = ("EPSG:4326", "EPSG:4326", "EPSG:2326", "EPSG:32650", "EPSG:3857", "EPSG:27700")


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
