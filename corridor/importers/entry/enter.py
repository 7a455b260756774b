"""A new layer takes its place in a study: checked as a whole first, then written, the catalogue last.

The entry in the catalogue is what makes a layer part of a study. The layer's file has a new name each time (its hash is
in it), so that a killed run leaves the study as it was, at most with a file that nothing names.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import yaml

from corridor.core.containment import inside
from corridor.core.errors import CatalogError, CorridorError, Problems, nearest
from corridor.core.output import locked, write_whole, writing
from corridor.importers.entry.options import Origin
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import CatalogEntry, Role
from corridor.schema.tables import TABLES
from corridor.schema.text import Text

Kind = Literal["table", "vector", "raster", "document"]
FOLDER = "layers"
BUILT_BY = "corridor layers"
AS_LIST, WRITE_SO = "each entry beginning '- id:' at the start of a line", "write it so, and try again"
_AREAS: tuple[Role, ...] = ("coastline", "districts", "designations", "development_areas", "green_corridors")
VECTOR_SHAPES: Mapping[Role, tuple[str, ...]] = {
    **dict.fromkeys(_AREAS, ("polygon",)), "alignments": ("line",), "wildlife_sites": (), "other": (),
}  # fmt: skip
"""Roles of maps, and what their shapes must be; nothing for any."""
VECTOR_ROLES = tuple(VECTOR_SHAPES)
RASTER_ROLES: tuple[Role, ...] = ("habitat", "habitat_source", "land_use")
TABLE_ROLES: tuple[Role, ...] = tuple(
    r for r in get_args(Role) if r in TABLES and r not in VECTOR_ROLES and r not in RASTER_ROLES
)
POINT_ROLES: tuple[Role, ...] = tuple(r for r in TABLE_ROLES if ("lon", "lat") in TABLES[r].positions)


@dataclass(frozen=True)
class NewLayer:
    """A layer ready to be entered: its bytes, its kind, and what was done to it.

    Attributes
    ----------
    role
        What the layer is in the study.
    kind
        table, vector, raster or document; says which reader checks it.
    suffix
        Ending of its file with the dot, e.g. ``.geojson``.
    data
        The file, whole.
    origin
        What the user states about its source.
    notes
        What was decided or mended on the way; kept in the catalogue entry.
    """

    role: Role
    kind: Kind
    suffix: str
    data: bytes
    origin: Origin
    notes: tuple[str, ...]
    entry_id: str = ""
    """Empty: the one layer of the role, or a name made from the role."""
    name: str = ""
    """Of the file it is from, for messages."""
    built_by: str = BUILT_BY
    title: Text | None = None
    """In three scripts, where the origin states none."""


@dataclass(frozen=True)
class Entered:
    """What was written, for the user to read.

    Attributes
    ----------
    path
        The layer's file in the study.
    entry_id
        The id of its catalogue entry.
    took_place
        Which layer it replaced, in words; empty where it is new.
    notes
        What was decided or mended on the way.
    """

    path: Path
    entry_id: str
    took_place: str
    notes: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{self.entry_id}: {self.path}", *(f"  {note}" for note in self.notes)]
        if self.took_place:
            lines.append(f"  {self.took_place}")
        return "\n".join(lines)


def study_catalog(folder: Path | None, command: str) -> Catalog:
    """The catalogue of the study that a layer is added to; the bundled one is not written to.

    Parameters
    ----------
    folder
        The study's folder; None where the user names none.
    command
        The command, for messages.

    Raises
    ------
    CorridorError
        Where no study is named.
    CatalogError
        Where the folder holds no catalogue, or one that cannot be read.
    """
    if folder is None:
        remedy = "make one with 'corridor init DIR' and put '--study DIR' before the command"
        raise CorridorError.at(command, "no study is named", "a study of your own", remedy)
    path = inside(folder, "catalog.yaml")
    if not path.is_file():
        what = "holds no catalog.yaml"
        raise CatalogError.at(str(folder), what, "the folder of a study", "make one with 'corridor init'")
    return Catalog.open(path)


def check_role(role: str, allowed: Iterable[str]) -> Role:
    """A role as the catalogue knows it.

    Parameters
    ----------
    role
        As the user gives it.
    allowed
        The roles that the command takes.

    Raises
    ------
    CatalogError
        For any other, with the nearest one.
    """
    known = tuple(allowed)
    if role not in known:
        expected = "one of " + ", ".join(known)
        raise CatalogError.at("role", repr(role), expected, nearest(role, known, "choose one of these"))
    return role  # type: ignore[return-value]


def choose_id(catalog: Catalog, role: Role, entry_id: str, replacing: bool) -> str:
    """The id a layer is entered under.

    Replacing: the one entry of the role, or the named one. Adding: the name given, a new one; a role of which a study
    has only one layer (every map and raster) is taken over from the shipped study, not twice from one's own.

    Parameters
    ----------
    catalog
        The study's.
    role
        The role of the new layer.
    entry_id
        What the user asks for; may be empty.
    replacing
        Whether it takes the place of a layer.

    Raises
    ------
    CatalogError
        For an id that is taken, or does not fit.
    """
    if entry_id and not re.fullmatch(r"[a-z0-9_]+", entry_id):
        raise CatalogError.at("--id", repr(entry_id), "small letters, digits and '_'", "choose another id")
    there = [e.id for e in catalog.having(role)]
    single = role not in TABLE_ROLES and role != "other"
    if replacing:
        if entry_id and entry_id not in there:
            what = f"no layer {entry_id!r} with role {role!r}"
            remedy = nearest(entry_id, there, "see 'corridor layers list'")
            raise CatalogError.at("--id", what, "one of " + (", ".join(there) or "none"), remedy)
        if not entry_id and len(there) > 1:
            what = f"{len(there)} layers have this role"
            raise CatalogError.at(role, what, "one", f"say which with --id: {', '.join(there)}")
        return entry_id or (there[0] if there else role)
    chosen = entry_id or (there[0] if single and there else f"my_{role}")
    taken = {e.id: e for e in catalog.entries}
    if single and there and chosen not in there:
        chosen_of = f"{there[0]} is the study's layer of role {role!r}, and there can be one"
        raise CatalogError.at("--id", chosen_of, "no --id", f"leave it out, or use --id {there[0]}")
    if chosen in taken and (chosen not in catalog.homes or taken[chosen].role != role or not single):
        what = f"a layer of this id is there (role {taken[chosen].role!r})"
        remedy = f"choose one with --id, or use 'corridor layers replace {role} FILE --id {chosen}'"
        raise CatalogError.at(chosen, what, "a new id", remedy)
    return chosen


def enter(folder: Path, layer: NewLayer, replacing: bool) -> Entered:
    """Check a layer in the study as it would be, then write its file, then its entry. All or nothing.

    Parameters
    ----------
    folder
        The study's folder.
    layer
        The new layer.
    replacing
        Whether it takes the place of a layer of its role.

    Raises
    ------
    LayerError
        With everything that :meth:`Catalog.check` would find in the layer; the study is then as it was.
    CatalogError
        For an id that is taken.
    """
    with writing(folder, "free some space", "; the study is as it was"), locked(folder):
        catalog = study_catalog(folder, "layers")
        entry_id = choose_id(catalog, layer.role, layer.entry_id, replacing)
        before = next((e for e in catalog.entries if e.id == entry_id), None)
        name = f"{FOLDER}/{entry_id}-{hashlib.sha256(layer.data).hexdigest()[:8]}{layer.suffix}"
        path = inside(folder, name)
        entry = catalog_entry(layer, entry_id, name, before.title if before else None)
        # all that can fail on the data comes before the first write; the catalogue, which makes it count, is written last
        check_layers(catalog, {entry_id: layer}, [entry])
        text = new_catalog(folder / "catalog.yaml", catalog, [entry])
        path.parent.mkdir(exist_ok=True)
        write_whole(path, layer.data)
        write_whole(folder / "catalog.yaml", text.encode())
        _remove_earlier(catalog, before, path)
    return Entered(path, entry_id, _took_place(catalog, before), layer.notes)


def catalog_entry(layer: NewLayer, entry_id: str, path: str, before: Text | None = None) -> CatalogEntry:
    """The catalogue entry of a layer.

    Parameters
    ----------
    layer
        The new layer.
    entry_id
        The id to enter it under.
    path
        Its file, relative to the study's folder.
    before
        The title of the layer whose place it takes; used where neither user nor layer states one.

    Returns
    -------
    CatalogEntry
        With the checksum of the layer's bytes, and today (UTC) where no date is stated.
    """
    origin = layer.origin
    title = layer.title or before or Text(en=entry_id.replace("_", " ").capitalize())
    return CatalogEntry(
        id=entry_id,
        role=layer.role,
        title=Text(en=origin.title) if origin.title else title,
        kind=layer.kind,
        path=path,
        sha256=hashlib.sha256(layer.data).hexdigest(),
        date=origin.date or today(),
        source=origin.source or "own data",
        licence=origin.licence,
        attribution=origin.attribution,
        accuracy_m=origin.accuracy_m,
        built_by=layer.built_by,
        notes=" ".join(f"{note.rstrip('.')}." for note in layer.notes),
    )


def today() -> str:
    """The day, UTC, as YYYY-MM-DD."""
    return dt.datetime.now(tz=dt.UTC).date().isoformat()


def entry_text(entry: CatalogEntry) -> str:
    """An entry as it is written in a catalogue file: a YAML list of one item, without values that are the default."""
    data = entry.model_dump(by_alias=True, exclude_defaults=True) | {"crs": entry.crs}
    data["title"] = {k: v for k, v in entry.title.model_dump(by_alias=True).items() if v}
    return str(yaml.safe_dump([data], allow_unicode=True, sort_keys=False, width=110))


def check_layers(catalog: Catalog, layers: Mapping[str, NewLayer], entries: Iterable[CatalogEntry]) -> None:
    """Raise everything the catalogue would find in new layers, were they among its own. Nothing is written to the study.

    Parameters
    ----------
    catalog
        The study's.
    layers
        The new layers by the ids of their entries.
    entries
        Their entries.

    Raises
    ------
    LayerError
        With every problem of every layer.
    """
    entries = tuple(entries)
    with Problems(CorridorError) as faults, tempfile.TemporaryDirectory(prefix="corridor-") as room:
        for entry in entries:
            staged = Path(room) / entry.path
            staged.parent.mkdir(parents=True, exist_ok=True)
            staged.write_bytes(layers[entry.id].data)
        free = any(e.role == "other" for e in entries)  # there may be several, each independent of the others
        others = tuple(e for e in catalog.entries if e.id not in layers and (e.role != "other" or not free))
        new = Catalog(catalog.folder, (*others, *entries), catalog.homes | dict.fromkeys(layers, Path(room)))
        load: dict[str, Callable[[Role], object]] = {
            "table": new.table,
            "vector": new.vector,
            "raster": new.raster_path,
            "document": lambda role: new.path(new.one(role)),
        }
        for entry in entries:
            try:
                load[entry.kind](entry.role)
            except CorridorError as error:
                path, name = entry.path, f"{layers[entry.id].name or entry.id} (converted)"
                for p in error.problems:
                    where, what = p.where.replace(path, name), p.what.replace(path, name)
                    faults.found.append((type(error), replace(p, where=where, what=what)))


def new_catalog(path: Path, before: Catalog, entries: Iterable[CatalogEntry]) -> str:
    """The text of the catalogue with some entries; read back, so that a file written by hand is never spoilt.

    Parameters
    ----------
    path
        catalog.yaml.
    before
        The catalogue as it is.
    entries
        New ones, each in the place of that of its id, or at the end.

    Raises
    ------
    CatalogError
        Where the file is written so that an entry cannot be put into it.
    """
    text, wanted = path.read_text(encoding="utf-8-sig"), {e.id: e for e in before.entries}
    for entry in entries:
        text = with_entry(text, entry)
        wanted[entry.id] = entry
    with tempfile.TemporaryDirectory(prefix="corridor-") as room:
        trial = Path(room) / path.name
        trial.write_text(text, encoding="utf-8")
        if {e.id: e for e in Catalog.open(trial).entries} != wanted:
            what = "an entry cannot be put into it"
            raise CatalogError.at(path.name, what, f"'layers:' with {AS_LIST}", WRITE_SO)
    return text


def with_entry(text: str, entry: CatalogEntry) -> str:
    """The text of a catalogue file with one entry put in the place of that of its id, or after the last.

    What else is in the file, comments included, stays as it is.

    Parameters
    ----------
    text
        A catalogue file; comments stay as they are.
    entry
        The entry.
    """
    lines = text.splitlines()
    node = _list_of_layers("\n".join([*lines, ""]))
    first, last = _place(node, entry.id, lines)
    return "\n".join([*lines[:first], *entry_text(entry).splitlines(), *lines[last:]]) + "\n"


def _list_of_layers(text: str) -> yaml.Node | None:
    """The node of the list of entries in a catalogue that has been read without fault before."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if isinstance(node, yaml.MappingNode):
        return next((v for k, v in node.value if k.value == "layers"), None)
    return node


def _place(node: yaml.Node | None, entry_id: str, lines: list[str]) -> tuple[int, int]:
    """First and last line of the entry of an id; for a new one, twice the line where it goes.

    An empty list written as `[]` is taken out of `lines`, so that entries can follow.
    """
    if node is None:  # extends: shipped, and no list at all
        lines.append("layers:")
        return len(lines), len(lines)
    if isinstance(node, yaml.ScalarNode) or not node.value:
        line = node.start_mark.line
        lines[line] = lines[line].replace("[]", "", 1).replace("[ ]", "", 1).replace("null", "", 1).rstrip()
        return line + 1, line + 1
    if not isinstance(node, yaml.SequenceNode) or node.flow_style or node.start_mark.column != 0:
        raise CatalogError.at("catalog.yaml", "its layers are not written as a plain list", AS_LIST, WRITE_SO)
    for child in node.value:
        if [v.value for k, v in child.value if k.value == "id"] == [entry_id]:
            return child.start_mark.line, _end(child, lines)
    end = _end(node.value[-1], lines)
    return end, end


def _end(node: yaml.Node, lines: list[str]) -> int:
    """The line after an entry, blank lines and comments below it left to what follows."""
    last: int = node.end_mark.line
    while not lines[last - 1].strip() or lines[last - 1].startswith("#"):
        last -= 1
    return max(last, node.start_mark.line + 1)


def _remove_earlier(catalog: Catalog, before: CatalogEntry | None, path: Path) -> None:
    """Remove the file of the layer that was replaced, where this program wrote it and no entry names it."""
    if before is None or before.id in catalog.homes or not before.built_by.startswith(BUILT_BY):
        return
    old = catalog.file_of(before)
    named = [e for e in catalog.entries if e.id != before.id and e.path == before.path]
    if old != path and not named and re.fullmatch(r"[a-z0-9_]+-[0-9a-f]{8}\.\w+", old.name):
        old.unlink(missing_ok=True)


def _took_place(catalog: Catalog, before: CatalogEntry | None) -> str:
    if before is None:
        return ""
    shipped = " of the shipped study" if before.id in catalog.homes else ""
    return f"takes the place of {before.id!r}{shipped} ({before.date}, {before.source[:60]})"
