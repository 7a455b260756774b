"""`corridor layers add osm`: rail stations and tracks, land use, habitat, or any tagged features of OpenStreetMap.

Each is one layer of the study, entered whole or not at all, with the query that made it. The meaning of each tag is
in ``tables/osm_rail.csv`` and ``tables/osm_land.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from corridor.core.crs import project, project_xy
from corridor.core.errors import CatalogError, CorridorError, GeometryError, LayerError
from corridor.importers.entry.enter import Entered, NewLayer, enter, study_catalog
from corridor.importers.entry.files import LIMITS, shipped_rows, tell_size
from corridor.importers.entry.options import Options, Origin
from corridor.importers.osm.ask import Asked, ask, osmnx_settings
from corridor.importers.osm.land import LAND_TABLE, by_tag, drawn, read_tag_classes
from corridor.importers.osm.query import (
    ATTRIBUTION,
    LICENCE,
    XML_LIMIT_MB,
    Query,
    Tags,
    area_of,
    check_area,
    reading_xml,
    tags_text,
    tell_area,
)
from corridor.importers.rasters.land_cover import SHIPPED
from corridor.importers.vectors.layer import sides, vector_layer
from corridor.importers.vectors.read import Found
from corridor.importers.vectors.shifted import plain_names
from corridor.network.streets import MEMORY_PER_FILE, check_xml
from corridor.schema.catalog import Catalog

STATION_TAGS: Tags = {"railway": ["station", "halt", "tram_stop"]}
TRACK_TAGS: Tags = {
    "railway": ["rail", "subway", "light_rail", "tram", "monorail", "narrow_gauge", "funicular"]
}
QUERY_CORNERS = 200
"""An area with more is queried by its bounding box and clipped afterwards: a query names the corners once
for each tag."""
SAME_NAME_M, SAME_PLACE_M = 500.0, 150.0
"""Two stations are one within the first distance if a name agrees, within the second if the system does."""


@dataclass(frozen=True)
class Features:
    """Tagged features as OSMnx gives them, and how they came.

    Attributes
    ----------
    frame
        Features in EPSG:4326, a column for each tag, and ``osm_id`` (n, w or r and the number).
    origin
        Source, day and licence.
    note
        Server and day of the answers, in words.
    """

    frame: gpd.GeoDataFrame
    area: Any
    """The area asked for, degrees; None for a file."""
    origin: Origin
    note: str


def add_osm(
    folder: Path | None,
    kind: str,
    query: Query,
    tags: Tags,
    mapping: str = "",
    entry_id: str = "",
    replacing: bool = False,
) -> Entered:
    """Enter features of OpenStreetMap of one kind in a study.

    Parameters
    ----------
    folder
        The study's folder.
    kind
        stations, tracks, land-use, habitat or features.
    query
        Where they are from.
    tags
        What to ask for; empty for what the kind means.
    mapping
        A table from tags to classes; empty for the shipped one.
    entry_id
        The id of the layer; empty for ``osm_KIND``.
    replacing
        Put it in the place of the study's own layer.

    Raises
    ------
    CorridorError
        For a query that gives nothing usable, or an id that is taken.
    """
    catalog = study_catalog(folder, "layers add osm")
    if mapping and kind not in ("land-use", "habitat"):
        raise CorridorError.at("--mapping", f"given for {kind}", "land-use or habitat", "leave it out")
    if kind in ("land-use", "habitat"):
        layer = _land_layer(catalog, kind, query, tags, mapping)
    else:
        wanted = tags or {"stations": STATION_TAGS, "tracks": TRACK_TAGS}.get(kind, {})
        if not wanted:
            expected, example = "key=value, once or more", "for example --tags leisure=park"
            raise CorridorError.at("--tags", "not given", expected, example)
        found, entry_id = features(query, wanted), entry_id or f"osm_{kind}"
        if kind == "stations":
            layer = station_layer(catalog, found, entry_id)
        elif kind == "tracks":
            layer = _track_layer(catalog, found, entry_id)
        else:
            what, notes = "Features of OpenStreetMap", [f"{len(found.frame):,} features"]
            layer = _vectors(catalog, found, found.frame, tuple(tags), notes, entry_id, what)
    there = any(e.id == layer.entry_id and e.id not in catalog.homes for e in catalog.entries)
    if there and not replacing:
        remedy = "add --replace" + (", or choose another --id" if layer.kind != "raster" else "")
        what = "the study has a layer of its own here"
        raise CatalogError.at(layer.entry_id, what, "none yet", remedy)
    return enter(catalog.folder, layer, there)


def features(query: Query, tags: Tags) -> Features:
    """What is tagged so in the area or the file of a query.

    Parameters
    ----------
    query
        Where the features are from.
    tags
        By key the values wanted, or True for any.

    Returns
    -------
    Features
        Those that meet the area asked for, whole; of a file all.

    Raises
    ------
    CorridorError
        Where nothing is tagged so, or more than a million features are; see :func:`corridor.importers.osm.ask.ask` for
        servers.
    """
    if query.xml is not None:
        frame = _checked(_from_file(query.xml, tags), str(query))
        stamp = re.search(rb'osm_base="([0-9TZ:+-]{10,30})"', query.xml.read_bytes()[:65_536])
        data_of = stamp.group(1).decode() if stamp else ""
        how = "from a file" + (f", data of {data_of}" if data_of else "")
        return Features(frame, None, _origin(query, data_of[:10]), how)
    (found, area), asked = _fetched(query, tags)
    frame = _checked(found[found.intersects(area)], str(query))
    return Features(frame, area, _origin(query, asked.data_of[:10] or asked.on), str(asked))


def _fetched(query: Query, tags: Tags) -> tuple[tuple[gpd.GeoDataFrame, Any], Asked]:
    import osmnx

    def fetch() -> tuple[gpd.GeoDataFrame, Any]:
        area = area_of(query)
        tell_area(area, streets=False)
        wide: Any = area
        if int(shapely.get_num_coordinates(area)) > QUERY_CORNERS:
            wide = shapely.box(*area.bounds)
            check_area(wide, f"the box of {query}")
        return osmnx.features_from_polygon(wide, dict(tags)), area

    return ask(fetch, query, tags_text(tags))


def _origin(query: Query, day: str) -> Origin:
    from importlib.metadata import version

    source = f"OpenStreetMap by OSMnx {version('osmnx')}, {query}"
    return Origin("", day, source, LICENCE, ATTRIBUTION)


def _from_file(path: Path, tags: Tags) -> gpd.GeoDataFrame:
    import osmnx

    with reading_xml(path):
        check_xml(path, XML_LIMIT_MB, "OSM XML")
        tell_size(path, MEMORY_PER_FILE)
        try:
            with osmnx_settings(cache_only_mode=False):
                return osmnx.features_from_xml(path, tags=dict(tags))
        except osmnx._errors.InsufficientResponseError:
            raise _nothing(path.name) from None


def _nothing(name: str) -> LayerError:
    what = "holds nothing that is tagged so"
    return LayerError.at(name, what, "features of this kind", "take a larger area, or other --tags")


def _checked(frame: gpd.GeoDataFrame, where: str) -> gpd.GeoDataFrame:
    frame = frame.reset_index()
    if not len(frame):
        raise _nothing(where)
    if len(frame) > LIMITS.features:
        what = f"{len(frame):,} features"
        raise LayerError.at(where, what, f"at most {LIMITS.features:,}", "take a smaller area")
    ids = frame["element"].str[0] + frame["id"].astype(str)
    return frame.drop(columns=["element", "id"]).assign(osm_id=ids)


def _text(frame: gpd.GeoDataFrame, *names: str) -> pd.Series:
    """The first of several tags that each feature has; empty where it has none."""
    text = pd.Series("", index=frame.index, dtype=object)
    for name in reversed([n for n in names if n in frame]):
        values = frame[name]
        text = text.where(values.isna(), values.astype(str).str.strip())
    return text


def _names(frame: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    return {
        "name_en": _text(frame, "name:en", "name"),
        "name_zh_hant": _text(frame, "name:zh-Hant", "name:zh-HK", "name:zh"),
        "name_zh_hans": _text(frame, "name:zh-Hans", "name:zh-CN", "name:zh"),
    }


# --- rail -------------------------------------------------------------------------------------------


def station_layer(catalog: Catalog, found: Features, entry_id: str) -> NewLayer:
    """Rail stations as a table of stations.

    Left out are nameless objects, those of no system of ``osm_rail.csv``, second objects of one station, and stations
    that the study has: within 500 m if a name agrees, within 150 m if the system does.

    Parameters
    ----------
    catalog
        The study's.
    found
        Features with the tags of rail stations; an area counts as a point in it.
    entry_id
        The id of the new layer; the study's layer of this id is not compared with.

    Returns
    -------
    NewLayer
        A table of role stations, its notes saying what was left out.

    Raises
    ------
    LayerError
        Where nothing is left.
    """
    frame, notes = found.frame, []
    frame = frame.set_geometry(frame.geometry.representative_point())
    names = pd.DataFrame(_names(frame))
    nameless = (names["name_en"] == "").to_numpy()
    if nameless.any():
        notes.append(f"{nameless.sum():,} of {len(frame):,} without a name left out")
    frame, names = frame[~nameless], names[~nameless]
    if not len(frame):
        raise LayerError.at("stations", "none has a name", "tag name or name:en", "take another area")
    region = sides(frame, catalog)
    rules = {(row["key"], row["value"]): row["system"] for row in shipped_rows("osm_rail.csv")}
    system = by_tag(frame, rules, "")
    if (unknown := system == "").any():
        notes.append(f"{unknown.sum():,} of no system of osm_rail.csv left out")
    table = gpd.GeoDataFrame(
        {
            "station_id": "osm-" + frame["osm_id"],
            **names,
            "region": region,
            "system": system,
            "status": "existing",
            "street_access": "1",
            "confidence": "C",
            "source": "OpenStreetMap " + frame["osm_id"],
        },
        geometry=frame.geometry,
        crs=4326,
    )[~unknown]
    table, more = _once_each(table)
    notes += more
    table, more = _not_known(table, catalog, entry_id)
    notes += more
    if not len(table):
        what = "; ".join(notes) or "none"
        raise LayerError.at("stations", what, "one that the study has not", "nothing is to be added")
    counts = ", ".join(f"{n:,} {name}" for name, n in table["system"].value_counts().sort_index().items())
    notes.append(f"{len(table):,} stations ({counts}); no line calls at them until one is given")
    options = Options(datum="wgs84", origin=found.origin, entry_id=entry_id)
    return vector_layer(Found("OpenStreetMap", table, (*notes, found.note)), "stations", catalog, options)


def _xy(frame: gpd.GeoDataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.column_stack(project_xy(frame.geometry.x, frame.geometry.y))


def _once_each(table: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """One row a station: OpenStreetMap may hold it as a point and as an area. The point stays (n before r before w)."""
    table = table.sort_values("station_id", kind="stable").reset_index(drop=True)
    xy, keys, system = _xy(table), plain_names(table), table["system"].to_numpy()
    kept: list[int] = []
    for i in range(len(table)):
        near = [k for k in kept if np.hypot(*(xy[k] - xy[i])) <= SAME_NAME_M and system[k] == system[i]]
        if not any(keys[k] & keys[i] for k in near):
            kept.append(i)
    gone = len(table) - len(kept)
    notes = [f"{gone:,} second objects of one station left out"] if gone else []
    return table.iloc[kept].reset_index(drop=True), notes


def _not_known(
    table: gpd.GeoDataFrame, catalog: Catalog, entry_id: str
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Stations that the study lacks, and the distances of those that it has."""
    others = [e for e in catalog.having("stations") if e.id != entry_id]
    frames = [pd.read_csv(catalog.path(e), dtype={"name_en": str}) for e in others]
    if not frames:
        return table, []
    ours = pd.concat(frames, ignore_index=True)
    mine, theirs = np.column_stack(project_xy(ours["lon"], ours["lat"])), _xy(table)
    keys, their_keys = plain_names(ours), plain_names(table)
    our_system, their_system = ours["system"].to_numpy(), table["system"].to_numpy()
    off: dict[int, float] = {}
    for i in range(len(table)):
        away = np.hypot(*(mine - theirs[i]).T)
        for k in np.flatnonzero(away <= SAME_NAME_M):
            if keys[k] & their_keys[i] or (away[k] <= SAME_PLACE_M and our_system[k] == their_system[i]):
                off[i] = min(float(away[k]), off.get(i, SAME_NAME_M))
    if not off:
        return table, []
    names = table["name_en"].to_numpy(str)
    far = max((m, names[i]) for i, m in off.items())
    note = (
        f"{len(off):,} left out that the study has: median {np.median([*off.values()]):.0f} m apart, "
        f"at most {far[0]:.0f} m ({far[1]})"
    )
    return table.drop(index=list(off)).reset_index(drop=True), [note]


def _track_layer(catalog: Catalog, found: Features, entry_id: str) -> NewLayer:
    frame = found.frame
    lines = frame.geometry.geom_type.isin(["LineString", "MultiLineString"]).to_numpy()
    notes = [f"{(~lines).sum():,} that are no lines left out"] if (~lines).any() else []
    if not lines.any():
        raise GeometryError.at("tracks", "none is a line", "railway tracks", "take another area")
    frame = frame[lines]
    length = shapely.length(project(np.asarray(frame.geometry.array))) / 1e3
    by_kind = pd.Series(length).groupby(frame["railway"].fillna("").to_numpy()).sum().sort_index()
    lengths = ", ".join(f"{km:,.1f} km {name}" for name, km in by_kind.items())
    notes.append(f"{len(frame):,} pieces of track, {lengths} (each track counts)")
    keys = ("railway", "usage", "service", "tunnel", "bridge", "highspeed", "maxspeed", "electrified")
    return _vectors(catalog, found, frame, keys, notes, entry_id, "Railway tracks of OpenStreetMap")


def _vectors(
    catalog: Catalog,
    found: Features,
    frame: gpd.GeoDataFrame,
    keys: tuple[str, ...],
    notes: list[str],
    entry_id: str,
    title: str,
) -> NewLayer:
    columns = {"osm_id": frame["osm_id"], **_names(frame), **{k: _text(frame, k) for k in keys if k in frame}}
    table = gpd.GeoDataFrame(columns, geometry=frame.geometry, crs=4326).reset_index(drop=True)
    options = Options(datum="wgs84", origin=replace(found.origin, title=title), entry_id=entry_id)
    return vector_layer(Found("OpenStreetMap", table, (*notes, found.note)), "other", catalog, options)


# --- land -------------------------------------------------------------------------------------------


def _land_layer(catalog: Catalog, kind: str, query: Query, tags: Tags, mapping: str) -> NewLayer:
    """Land use or habitat of the areas that are mapped; elsewhere the study's class stays."""
    role: Literal["land_use", "habitat"] = "land_use" if kind == "land-use" else "habitat"
    if mapping in SHIPPED:
        remedy = f"leave it out, or copy {LAND_TABLE.name}"
        raise CorridorError.at("--mapping", repr(mapping), "a table of tags", remedy)
    classes = read_tag_classes(Path(mapping) if mapping else LAND_TABLE, catalog, role)
    wanted = _wanted(tags, set(classes))
    found = features(query, wanted)
    entry = catalog.one(role)
    data, notes = drawn(found.frame, found.area, classes, catalog, role)
    origin = replace(
        found.origin,
        source=f"{found.origin.source}; where it is silent: {entry.source}",
        licence=_both(LICENCE, entry.licence),
        attribution=_both(ATTRIBUTION, entry.attribution),
    )
    note = f"{found.note}, tags of {Path(mapping).name if mapping else LAND_TABLE.name}"
    if tags:
        note += f": {tags_text(tags)}"
    return NewLayer(role, "raster", ".tif", data, origin, (*notes, note), entry.id, str(query))


def _both(new: str, before: str) -> str:
    return before if new in before else "; ".join(filter(None, (new, before)))


def _wanted(tags: Tags, mapped: set[tuple[str, str]]) -> Mapping[str, bool | list[str]]:
    """Tags to ask for: those of the table, or the ones of --tags, each of which the table must know."""
    asked: dict[str, bool | list[str]] = {}
    for key in tags or sorted({k for k, _ in mapped}):
        known = sorted(v for k, v in mapped if k == key)
        values = tags.get(key, True)
        chosen = known if values is True or not isinstance(values, list) else values
        strange = [v for v in chosen if v not in known] or ([] if known else ["*"])
        if strange:
            what = f"{key}={strange[0]}"
            remedy = "give a table of your own with --mapping (columns key, value, land_use, habitat)"
            raise CorridorError.at("--tags", what, "a tag that the table of classes knows", remedy)
        asked[key] = list(chosen)
    return asked
