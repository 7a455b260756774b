"""`corridor layers add gtfs`: the lines of a feed as layers of a study, entered in its catalogue."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from corridor.core.crs import project_xy
from corridor.core.csv_tables import for_people, for_programs
from corridor.core.errors import CatalogError, CorridorError, LayerError
from corridor.core.output import locked, write_whole, writing
from corridor.importers.entry.enter import NewLayer, catalog_entry, check_layers, new_catalog
from corridor.importers.entry.files import shipped_rows
from corridor.importers.entry.options import NOT_STATED, Origin
from corridor.importers.gtfs.lines import ROLES, Hall, Lines, lines_of
from corridor.importers.gtfs.patterns import FeedOptions
from corridor.importers.gtfs.read import Feed, Findings, read_feed
from corridor.network.service import hall
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import Role
from corridor.schema.gtfs import slug
from corridor.schema.text import Text
from corridor.study.study import Study

REPORT = "report.csv"
BUILT_BY = "corridor layers add gtfs"


@dataclass(frozen=True)
class AddedLines:
    """What was written into a study.

    Attributes
    ----------
    folder
        The folder of the new tables.
    entries
        Ids of their catalogue entries.
    lines
        The lines, with what was mended.
    """

    folder: Path
    entries: tuple[str, ...]
    lines: Lines

    def __str__(self) -> str:
        return (
            f"{self.folder}: {self.lines}\n"
            f"Entered in the catalogue: {', '.join(self.entries)}\n"
            f"What was broken, and what was done ({REPORT}):\n{self.lines.findings}"
        )


def add_gtfs(
    feed_path: Path, study: Study, study_folder: Path, out: Path, options: FeedOptions, origin: Origin
) -> AddedLines:
    """Read a feed, check its lines and enter them in the study's catalogue, in a new folder below `out`.

    Parameters
    ----------
    feed_path
        A zip or a folder.
    study
        The study, for its region, land and control points.
    study_folder
        Its folder.
    out
        A folder inside the study, relative to it.
    options
        What the user says about the feed.
    origin
        Source and licence, as the catalogue states them.

    Raises
    ------
    LayerError
        For a feed without usable lines, or whose lines do not pass the checks; nothing is left behind.
    CatalogError
        Where its ids are taken.
    """
    feed_id = options.feed_id or slug(feed_path.resolve().name.removesuffix(".zip")) or "feed"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", feed_id):
        raise LayerError.at("--id", repr(feed_id), "small letters, digits and '-'", "choose another")
    catalog = study_folder / "catalog.yaml"
    folder = _folder(study_folder, out, feed_id)
    _check_free(catalog, folder, feed_id)
    findings = Findings()
    feed = read_feed(feed_path, findings)
    origin = origin.or_source(_publisher(feed))
    options = replace(options, feed_id=feed_id, source=origin.source, region=study.region)
    lines = lines_of(feed, options, study.ground.region_at, findings, halls_of(study.catalog))
    if origin.licence == NOT_STATED:
        findings.add("licence not stated", file=feed_path.name)
    return _written(lines, folder, catalog, feed_id, origin)


def halls_of(catalog: Catalog) -> tuple[Hall, ...]:
    """Halls of the control points of a catalogue that are reached from the street.

    Parameters
    ----------
    catalog
        The study's.

    Returns
    -------
    tuple of Hall
        One for each side that is; none where the study has no control points. Control points inside stations are
        left out.
    """
    if not catalog.having("checkpoints"):
        return ()
    table = catalog.table("checkpoints")
    found = []
    for row in table[(table["kind"] == "hall")].itertuples():
        for end, side in zip(("south", "north"), catalog.region.sides, strict=True):
            if getattr(row, f"{end}_street_access", 0) == 1:
                x, y = project_xy(getattr(row, f"{end}_lon"), getattr(row, f"{end}_lat"))
                found.append(Hall(hall(str(row.checkpoint_id), side), side, float(x), float(y)))
    return tuple(found)


def _folder(study: Path, out: Path, feed_id: str) -> Path:
    folder = (study / out / f"gtfs-{feed_id}").resolve()
    if not folder.is_relative_to(study.resolve()):
        remedy = "give one relative to the study's folder"
        raise CorridorError.at("--out", str(out), "a folder inside the study", remedy)
    return folder


def _entry_id(feed_id: str, role: str) -> str:
    return f"gtfs_{feed_id.replace('-', '_')}_{role}"


def _check_free(catalog: Path, folder: Path, feed_id: str) -> None:
    """Refuse ids and folders that are taken; a folder no catalogue names is left over and may be replaced."""
    known = Catalog.open(catalog)
    taken = [e.id for e in known.entries if e.id in {_entry_id(feed_id, r) for r in ROLES}]
    inside = [e.id for e in known.entries if known.file_of(e).resolve().is_relative_to(folder)]
    if taken or inside:
        what = f"has {', '.join(dict.fromkeys([*taken, *inside]))} already"
        remedy = "remove these entries and their folder, or choose another --id"
        raise CatalogError.at(str(catalog), what, "ids not taken", remedy)
    if folder.exists() and not (folder / REPORT).is_file():
        raise CorridorError.at(str(folder), "exists", "a new folder", "choose another --id")


def _publisher(feed: Feed) -> str:
    info = feed["feed_info"]
    if not len(info):
        return f"GTFS feed {feed.path.name}, publisher {NOT_STATED}"
    row = info.iloc[0]
    version = f", version {row['feed_version']}" if row["feed_version"] else ""
    return f"GTFS feed {feed.path.name} of {row['feed_publisher_name'] or NOT_STATED}{version}"


def _written(lines: Lines, folder: Path, catalog: Path, feed_id: str, origin: Origin) -> AddedLines:
    """The tables in their folder and their entries in the catalogue, or nothing."""
    layers = {_entry_id(feed_id, role): _layer(lines, role, feed_id, origin) for role in lines.tables}
    place = folder.relative_to(catalog.parent.resolve()).as_posix()
    entries = [catalog_entry(layer, i, f"{place}/{layer.role}.csv") for i, layer in layers.items()]
    with writing(folder, "choose --out"), locked(catalog.parent):
        study = Catalog.open(catalog)
        check_layers(study, layers, entries)
        text = new_catalog(catalog, study, entries)
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for layer in layers.values():
                (new / f"{layer.role}.csv").write_bytes(layer.data)
            (new / REPORT).write_text(for_people(lines.findings.table()), encoding="utf-8", newline="")
            new.chmod(0o755)
            shutil.rmtree(folder, ignore_errors=True)
            new.rename(folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        write_whole(catalog, text.encode())
    return AddedLines(folder, tuple(layers), lines)


def _layer(lines: Lines, role: Role, feed_id: str, origin: Origin) -> NewLayer:
    """The layer of one table; the lines' own says what was mended in the feed."""
    words, feed = {row["role"]: row for row in shipped_rows("gtfs_roles.csv")}[role], f"GTFS {feed_id}"
    title = Text(
        en=f"{feed}: {words['en']}",
        zh_hant=f"{feed}：{words['zh-Hant']}",
        zh_hans=f"{feed}：{words['zh-Hans']}",
    )
    mended = "; ".join(str(f) for f in lines.findings.found) or "nothing"
    notes = (f"Service day {lines.date or NOT_STATED}", f"Mended: {mended}") if role == "lines" else ()
    origin = replace(origin, date=lines.date.isoformat() if lines.date else "")
    data, name = for_programs(lines.tables[role]).encode(), f"gtfs-{feed_id}/{role}.csv"
    return NewLayer(role, "table", ".csv", data, origin, notes, name=name, built_by=BUILT_BY, title=title)
