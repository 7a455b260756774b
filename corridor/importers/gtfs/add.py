"""`corridor layers add gtfs`: the lines of a feed as layers of a study, entered in its catalogue."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from corridor.core.crs import project_xy
from corridor.core.csv_tables import for_people, for_programs
from corridor.core.errors import CatalogError, CorridorError, LayerError, Problem
from corridor.core.output import write_whole
from corridor.importers.gtfs.findings import Findings
from corridor.importers.gtfs.lines import ROLES, Hall, Lines, Wishes, lines_of
from corridor.importers.gtfs.read import Feed, read_feed
from corridor.importers.gtfs.stops import slug
from corridor.network.service import hall
from corridor.schema.catalog import Catalog, sha256
from corridor.schema.yaml_source import read_yaml
from corridor.study.study import Study

NOT_STATED = "not stated"
REPORT = "report.csv"
_TITLES = {
    "stations": ("stations", "車站", "车站"),
    "lines": ("lines", "路綫", "线路"),
    "patterns": ("patterns of stops", "停站模式", "停站模式"),
    "pattern_stops": ("stops of patterns", "各站", "各站"),
    "headways": ("headways", "班次", "班次"),
    "hours": ("first and last departures", "首末班", "首末班"),
    "interchanges": ("interchanges", "轉車", "换乘"),
}


@dataclass(frozen=True)
class Origin:
    """What the user states about where a feed is from."""

    source: str = ""
    licence: str = ""
    attribution: str = ""


@dataclass(frozen=True)
class AddedLines:
    """What was written: the folder, the ids of the catalogue entries, the lines and what was mended."""

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
    feed_path: Path, study: Study, study_folder: Path, out: Path, wishes: Wishes, origin: Origin
) -> AddedLines:
    """Read a feed, write its lines into a new folder below `out`, check them and enter them in the study's catalogue.

    `out` lies inside the study. Nothing is left behind where the feed cannot be used or does not pass the checks.
    """
    wishes = replace(
        wishes, feed_id=wishes.feed_id or slug(feed_path.resolve().name.removesuffix(".zip")) or "feed"
    )
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", wishes.feed_id):
        raise LayerError.at("--id", repr(wishes.feed_id), "small letters, digits and '-'", "choose another")
    catalog = study_folder / "catalog.yaml"
    folder = _folder(study_folder, out, wishes.feed_id)
    _check_free(catalog, folder, wishes.feed_id)
    findings = Findings()
    feed = read_feed(feed_path, findings)
    source = origin.source or _publisher(feed)
    side, halls = study.ground.region_at, halls_of(study.catalog)
    lines = lines_of(feed, replace(wishes, source=source, region=study.region), side, findings, halls)
    if not origin.licence:
        findings.add(feed_path.name, "licence not stated", "entered as such; state it with --licence")
    return _written(lines, folder, catalog, wishes, replace(origin, source=source))


def halls_of(catalog: Catalog) -> tuple[Hall, ...]:
    """Halls of the control points of a catalogue that are reached from the street; none where it has none."""
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
        raise CorridorError.at(
            "--out", str(out), "a folder inside the study", "give one relative to the study's folder"
        )
    return folder


def _entry_id(feed_id: str, role: str) -> str:
    return f"gtfs_{feed_id.replace('-', '_')}_{role}"


def _check_free(catalog: Path, folder: Path, feed_id: str) -> None:
    """Refuse ids and folders that are taken; a folder no catalogue names is left over and may be replaced."""
    known = Catalog.open(catalog)
    taken = [e.id for e in known.entries if e.id in {_entry_id(feed_id, r) for r in ROLES}]
    inside = [e.id for e in known.entries if known.file_of(e).resolve().is_relative_to(folder)]
    if taken or inside:
        raise CatalogError.at(
            str(catalog),
            f"has {', '.join(dict.fromkeys([*taken, *inside]))} already",
            "ids not taken",
            "remove these entries and their folder, or choose another --id",
        )
    if folder.exists() and not (folder / REPORT).is_file():
        raise CorridorError.at(str(folder), "exists", "a new folder", "choose another --id")


def _publisher(feed: Feed) -> str:
    info = feed["feed_info"]
    if not len(info):
        return f"GTFS feed {feed.path.name}, publisher {NOT_STATED}"
    row = info.iloc[0]
    version = f", version {row['feed_version']}" if row["feed_version"] else ""
    return f"GTFS feed {feed.path.name} of {row['feed_publisher_name'] or NOT_STATED}{version}"


def _written(lines: Lines, folder: Path, catalog: Path, wishes: Wishes, origin: Origin) -> AddedLines:
    before = catalog.read_bytes()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for role, table in lines.tables.items():
                (new / f"{role}.csv").write_text(for_programs(table), encoding="utf-8", newline="")
            (new / REPORT).write_text(for_people(lines.findings.table()), encoding="utf-8", newline="")
            new.chmod(0o755)
            shutil.rmtree(folder, ignore_errors=True)
            new.rename(folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        entries = [_entry(r, folder, catalog.parent, lines, wishes, origin) for r in lines.tables]
        write_whole(catalog, with_entries(catalog, entries).encode())
        _check(catalog, folder, before)
    except OSError as error:
        raise CorridorError.at(
            str(folder), f"cannot be written ({error.strerror})", "room and permission", "choose --out"
        ) from None
    return AddedLines(folder, tuple(str(e["id"]) for e in entries), lines)


def _check(catalog: Path, folder: Path, before: bytes) -> None:
    """Load what was added together with what was there; put the catalogue back where they do not fit."""
    try:
        known = Catalog.open(catalog)
        problems: list[Problem] = []
        for role in ROLES:
            try:
                known.table(role)  # type: ignore[arg-type]
            except LayerError as error:
                problems += error.problems
        if problems:
            raise LayerError(problems)
    except CorridorError:
        write_whole(catalog, before)
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _entry(
    role: str, folder: Path, study: Path, lines: Lines, wishes: Wishes, origin: Origin
) -> dict[str, Any]:
    en, hant, hans = _TITLES[role]
    path = folder / f"{role}.csv"
    mended = "; ".join(str(f) for f in lines.findings.found)
    return {
        "id": _entry_id(wishes.feed_id, role),
        "role": role,
        "title": {
            "en": f"GTFS {wishes.feed_id}: {en}",
            "zh-Hant": f"GTFS {wishes.feed_id}：{hant}",
            "zh-Hans": f"GTFS {wishes.feed_id}：{hans}",
        },
        "kind": "table",
        "path": path.relative_to(study.resolve()).as_posix(),
        "sha256": sha256(path),
        "crs": "EPSG:4326",
        "date": (lines.date or dt.datetime.now(tz=dt.UTC).date()).isoformat(),
        "source": origin.source,
        "licence": origin.licence or NOT_STATED,
        "attribution": origin.attribution,
        "built_by": "corridor layers add gtfs",
        "notes": f"Service day {lines.date or NOT_STATED}. Mended: {mended or 'nothing'}."
        if role == "lines"
        else "",
    }


def with_entries(catalog: Path, entries: list[dict[str, Any]]) -> str:
    """The text of a catalogue with entries at its end, its comments kept where its form allows that."""
    text = catalog.read_text(encoding="utf-8")
    data = read_yaml(catalog, CatalogError).data
    wanted: list[Any] | Mapping[str, Any]
    if isinstance(data, list):
        wanted = [*data, *entries]
    else:
        wanted = {**data, "layers": [*(data.get("layers") or []), *entries]}
    block = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=110)
    short = re.sub(r"(?m)^layers:\s*(\[\s*\])?\s*$", "layers:", text).rstrip("\n")
    for candidate in (f"{short}\n{block}", f"{text.rstrip()}\n\n{block}", _indented(text, block)):
        try:
            if yaml.safe_load(candidate) == wanted:
                return candidate
        except yaml.YAMLError:
            continue
    comments = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    return comments + yaml.safe_dump(wanted, allow_unicode=True, sort_keys=False, width=110)


def _indented(text: str, block: str) -> str:
    return text.rstrip() + "\n" + "".join(f"  {line}" for line in block.splitlines(keepends=True))
