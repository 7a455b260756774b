"""`corridor layers add` and `layers replace`: data of your own in a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from corridor.cli.options import PATH, gathered, open_study, study_folder
from corridor.cli.program import Program
from corridor.cli.terminal import echo

if TYPE_CHECKING:
    from corridor.importers.entry.options import Options
    from corridor.importers.gtfs.patterns import FeedOptions
    from corridor.importers.osm.query import Query


NODATA_MEANS = "Treat nodata as zero population, or keep the study's existing value."
PER = "What population is counted per: raster cell, km2 or ha [default: cell; asked where it looks like a density]."


@click.group(cls=Program)
def add() -> None:
    """Add a layer of your own."""


def _options(
    mapped: tuple[str, ...], constants: tuple[str, ...], title: str, date: str, source_text: str,
    licence: str, attribution: str, accuracy_m: float | None, **said: Any,
) -> Options:  # fmt: skip
    from corridor.importers.entry.options import Options, Origin, parse_pairs

    origin = Origin(title, date, source_text, licence, attribution, accuracy_m)
    pairs = parse_pairs(mapped, "--map"), parse_pairs(constants, "--set", "ours=value")
    return Options(columns=pairs[0], constants=pairs[1], origin=origin, **said)


_entry_id = click.option("--id", "entry_id", default="", help="Catalogue id [default: made from the role].")
_mapping = click.option("--mapping", default="", help="CSV with columns code and to, or worldcover.")
_attribution = click.option("--attribution", default="", help="Attribution text.")
_of_files = (
    _entry_id,
    click.option("--map", "mapped", multiple=True, metavar="THEIRS=OURS", help="Rename a column of the file."),
    click.option("--set", "constants", multiple=True, metavar="OURS=VALUE", help="Add a column with one value."),
    click.option("--crs", default="", help="Coordinate system if the file states none, e.g. EPSG:2326."),
    click.option("--datum", type=click.Choice(["wgs84", "gcj02", "bd09"]), help="Datum of mainland web maps."),
    click.option("--layer", default="", help="Layer of a file with several."),
    click.option("--encoding", default="", help="Text encoding, e.g. gb18030 or big5hkscs."),
    click.option("--title", default="", help="Title on maps."),
    click.option("--source", "source_text", default="", help="Data provider."),
    click.option("--licence", default="not stated", help="Licence."),
    _attribution,
    click.option("--date", default="", help="Data date [default: today]."),
    click.option("--accuracy", "accuracy_m", type=float, help="Positional accuracy in metres."),
)  # fmt: skip


_of_rasters = (
    click.option("--nodata", type=float, help="Nodata value if the file states none or a wrong one."),
    click.option("--nodata-means", type=click.Choice(["zero", "keep"]), help=NODATA_MEANS),
    click.option("--per", type=click.Choice(["cell", "km2", "ha"]), help=PER),
    _mapping,
)
_file_options = gathered("options", _options, *_of_files)
_raster_options = gathered("options", _options, *_of_rasters, *_of_files)


def _query(
    place: str | None, bbox: str | None, polygon: Path | None, xml: Path | None, crs: str, overpass: str,
    again: bool, graphml: Path | None = None,
) -> Query:  # fmt: skip
    from corridor.importers.osm.graphs import outline_of
    from corridor.importers.osm.query import Query, parse_bbox

    box = parse_bbox(bbox) if bbox is not None else None
    outline = outline_of(polygon, crs) if polygon is not None else None
    return Query(graphml, place, box, xml, outline, overpass, again)


_osm_options = (
    click.option("--place", help="Place name known to OpenStreetMap (online)."),
    click.option("--bbox", metavar="W,S,E,N", help="Bounding box in degrees (online)."),
    click.option("--polygon", type=PATH, help="Vector file of areas (online)."),
    click.option("--xml", type=PATH, help="OSM XML file."),
    click.option("--crs", default="", help="Coordinate system of --polygon if its file states none."),
    click.option("--overpass", default="", metavar="URL", help="Overpass server [default: OSMnx's]."),
    click.option("--again", is_flag=True, help="Ignore the cache."),
)
_graphml = click.option("--graphml", type=PATH, help="Graph saved by osmnx.save_graphml.")
_graph_options = gathered("query", _query, _graphml, *_osm_options)
_graph_out = click.option("--out", type=PATH, help="Layer folder [default: the study's, else layers].")


def _add_graph(kind_name: str, query: Query, out: Path | None) -> None:
    """Into the study that is named, or into a folder of layers."""
    from corridor.importers.osm.graphs import ROAD, WALK, add_graph, enter_graph

    kind, folder = {"walk": WALK, "road": ROAD}[kind_name], study_folder()
    if out is None and folder is not None:
        echo(enter_graph(folder, query, kind))
    else:
        echo(add_graph(query, out or Path("layers"), kind))


@add.command()
@_graph_options
@_graph_out
def walk(query: Query, out: Path | None) -> None:
    """Add a street graph for walking: into the study, or into a folder."""
    _add_graph("walk", query, out)


@add.command()
@_graph_options
@_graph_out
def road(query: Query, out: Path | None) -> None:
    """Add a road graph: checked and compared with feeder detours only.

    Journeys do not use it.
    """
    _add_graph("road", query, out)


@add.command()
@click.argument("kind", type=click.Choice(["stations", "tracks", "land-use", "habitat", "features"]))
@gathered("query", _query, *_osm_options)
@click.option("--tags", multiple=True, metavar="KEY=VALUE", help="Only features with this tag; KEY alone for any value.")  # fmt: skip
@click.option("--mapping", default="", help="CSV from tags to classes [default: the shipped one].")
@_entry_id
@click.option("--replace", "replacing", is_flag=True, help="Replace the study's own layer.")
def osm(kind: str, query: Query, tags: tuple[str, ...], mapping: str, entry_id: str, replacing: bool) -> None:
    """Add OpenStreetMap stations, tracks, land use, habitat or features."""
    from corridor.importers.osm.layers import add_osm
    from corridor.importers.osm.query import parse_tags

    echo(add_osm(study_folder(), kind, query, parse_tags(tags), mapping, entry_id, replacing))


@add.command()
@click.argument("source", metavar="FILE|URL")
@click.option("--role", required=True, help="Role in the study, e.g. facilities, stations, other; see 'corridor layers roles'.")  # fmt: skip
@click.option("--table", default="", help="Table of a postgresql:// URL.")
@click.option("--query", default="", help="SELECT of a postgresql:// URL.")
@_file_options
def vector(source: str, role: str, table: str, query: str, options: Options) -> None:
    """Add points, lines or areas.

    FILE is GeoPackage, Shapefile, GeoJSON, FlatGeobuf, KML, KMZ, GPX, DXF, CSV or GeoParquet; URL is a PostGIS database.
    """
    from corridor.importers.add import add_vector

    echo(add_vector(study_folder(), source, role, options, table, query))


@add.command()
@click.argument("source", metavar="FILE", type=PATH)
@click.option("--role", required=True, help="population, land_cover, habitat or land_use.")
@_raster_options
def raster(source: Path, role: str, options: Options) -> None:
    """Add a GeoTIFF of population or land cover."""
    from corridor.importers.add import add_raster

    echo(add_raster(study_folder(), source, role, options))


@click.command()
@click.argument("role")
@click.argument("source", metavar="FILE|URL")
@_raster_options
def replace(role: str, source: str, options: Options) -> None:
    """Replace the study's layer of a role with your own file."""
    from corridor.importers.add import replace_layer

    echo(replace_layer(study_folder(), role, source, options))


def _feed_options(
    feed_id: str, date: str | None, clearance: tuple[str, ...], side: tuple[str, ...], mode: tuple[str, ...],
    routes: tuple[str, ...], confidence: Literal["A", "B", "C", "M"],
) -> FeedOptions:  # fmt: skip
    from corridor.importers.entry.options import parse_pairs
    from corridor.importers.gtfs.day import parse_day
    from corridor.importers.gtfs.patterns import FeedOptions

    modes, sides = parse_pairs(mode, "--mode", "715=bus"), parse_pairs(side, "--side", "WEK=hk")
    cleared = parse_pairs(clearance, "--clearance", "WEK=west-kowloon")
    return FeedOptions(feed_id, parse_day(date), modes, cleared, sides, routes, confidence=confidence)


@add.command()
@click.argument("feed", type=PATH)
@click.option("--out", type=PATH, default=Path("layers"), show_default=True, help="Folder inside the study.")
@gathered(
    "options",
    _feed_options,
    click.option("--id", "feed_id", default="", help="Prefix of the new ids [default: from the feed's name]."),
    click.option("--date", metavar="YYYY-MM-DD", help="Service day [default: a full working day]."),
    click.option("--clearance", multiple=True, metavar="STOP=CHECKPOINT", help="Clearance at a stop."),
    click.option("--side", multiple=True, metavar="STOP=SIDE", help="Side of the boundary of a stop."),
    click.option("--mode", multiple=True, metavar="TYPE=MODE", help="Mode of a route_type or route_id."),
    click.option("--route", "routes", multiple=True, metavar="ROUTE_ID", help="Only these routes."),
    click.option("--confidence", type=click.Choice(["A", "B", "C", "M"]), default="C", show_default=True, help="Data quality rating."),
)  # fmt: skip
@gathered(
    "origin",
    dict,
    click.option("--source", default="", help="Data provider."),
    click.option("--licence", default="not stated", help="Licence."),
    _attribution,
)
def gtfs(feed: Path, out: Path, options: FeedOptions, origin: dict[str, Any]) -> None:
    """Add the lines of a GTFS feed (zip or folder) to the study."""
    from corridor.importers.entry.enter import study_catalog
    from corridor.importers.entry.options import Origin
    from corridor.importers.gtfs.add import add_gtfs

    folder = study_catalog(study_folder(), "layers add gtfs").folder
    echo(add_gtfs(feed, open_study(), folder, out, options, Origin(**origin)))
