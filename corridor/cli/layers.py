"""`corridor layers`: list, check and fetch."""

from __future__ import annotations

import logging

import click

from corridor.cli.options import Output, open_files, output, study_folder
from corridor.cli.program import Program
from corridor.cli.terminal import echo, echo_json, echo_parts, table
from corridor.core.errors import CorridorError, LayerError
from corridor.core.progress import LOG


class _OnStderr(logging.Handler):
    """Writes to stderr that work is large, and what is requested of a server."""

    def emit(self, record: logging.LogRecord) -> None:
        echo(record.getMessage(), err=True)


_ON_STDERR = _OnStderr()


@click.group(cls=Program)
def layers() -> None:
    """List, check, fetch, add and replace layers."""
    LOG.setLevel(logging.INFO)
    LOG.addHandler(_ON_STDERR)  # a second time changes nothing


@layers.command("list")
@output("json")
def list_(to: Output) -> None:
    """List the layers: kind, date, accuracy, title, source, licence."""
    entries = open_files().catalog.entries
    if to.as_json:
        echo_json([e.model_dump(by_alias=True) for e in entries])
        return
    accuracy = {e.id: f"{e.accuracy_m:.0f} m" if e.accuracy_m is not None else "" for e in entries}
    rows = [(e.id, e.kind, e.date, accuracy[e.id], f"{e.title.en}\n{e.source}\n{e.licence}") for e in entries]
    echo_parts(table(rows, "lllrl"))


@layers.command()
def roles() -> None:
    """List the roles a layer can have, each with an example."""
    from corridor.importers.roles import roles as known
    from corridor.importers.roles import tables_without_place

    rows = [(role, "\n".join(words)) for role, *words in known()]
    echo_parts(table(rows, "ll"))
    echo("\nTables without a place, each replaced as a whole: corridor layers replace ROLE table.csv")
    echo(", ".join(tables_without_place()))


@layers.command()
@click.option("--seal", "sealing", is_flag=True, help="First write the checksums into the catalogue.")
def check(sealing: bool) -> None:
    """Check layers against the catalogue: checksum, columns, geometry."""
    from corridor.core import paths
    from corridor.network.overlay import NetworkTables
    from corridor.schema.seal import seal

    if sealing:
        echo(f"{seal((study_folder() or paths.layers_dir()) / 'catalog.yaml')} hashes changed")

    catalog = open_files().catalog
    problems = catalog.check()
    if not problems:
        NetworkTables.load(catalog)
    if study_folder():
        from corridor.importers.osm.graphs import check_graphs
        from corridor.importers.vectors.shifted import shifted_layers

        problems += shifted_layers(catalog) + check_graphs(catalog)
    if problems:
        raise LayerError(problems)
    echo(f"{len(catalog.entries)} layers in order")


@layers.command()
@click.argument("name", required=False)
@click.option("--part", "parts", multiple=True, help="Tile of a tiled source [default: those of the shipped study].")  # fmt: skip
@click.option("--bbox", metavar="W,S,E,N", help="Bounding box in degrees, for osm-walk.")
@click.option("--place", help="Place name known to OpenStreetMap, for osm-walk.")
@click.option("--again", is_flag=True, help="Ignore the cache.")
def fetch(name: str | None, parts: tuple[str, ...], bbox: str | None, place: str | None, again: bool) -> None:
    """Download a public source into the study, or list the sources."""
    from corridor.importers.downloads.fetch import OSM, fetch, listing, source_named, sources
    from corridor.importers.entry.enter import study_catalog

    known = sources()
    if name is None:
        echo("\n".join(listing(known)))
        return
    source = source_named(name, known)
    folder = study_catalog(study_folder(), "layers fetch").folder
    if source.url == OSM:
        from corridor.importers.osm.graphs import enter_graph
        from corridor.importers.osm.query import Query, parse_bbox

        if bool(place) == bool(bbox) or parts:
            wanted = "one of --bbox and --place, and no --part"
            raise CorridorError.at(
                f"layers fetch {name}", "which area is not clear", wanted, "say which area"
            )
        query = Query(place=place, bbox=parse_bbox(bbox) if bbox else None, again=again)
        echo(enter_graph(folder, query))
        return
    if bbox or place:
        raise CorridorError.at("--bbox, --place", f"given for {name}", "only for osm-walk", "leave them out")
    for path in fetch(folder, source, parts, again):
        echo(f"{path} ({source.licence}; {source.attribution})")
        if source.then:
            echo(f"  next: corridor --study {folder} {source.then.replace('{file}', str(path))}")
