"""Features made to fit a role: WGS84, valid shapes, the columns and ids that the role needs; each change is noted."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from corridor.core.crs import check_zone, project, transform_xy, way_to_wgs84
from corridor.core.csv_tables import for_programs
from corridor.core.errors import CrsError, GeometryError, LayerError, MissingColumnError, Problems, nearest
from corridor.importers.entry import files
from corridor.importers.entry.datum import NAMES, Datum, geometry_to_wgs84
from corridor.importers.entry.enter import POINT_ROLES, VECTOR_SHAPES, Kind, NewLayer
from corridor.importers.entry.options import Options
from corridor.importers.vectors.alignments import beside_others, in_one_piece, named_by_name
from corridor.importers.vectors.read import DRAWN, SHOWN, Found, crs_of, read_vector
from corridor.importers.vectors.shifted import check_datum
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import Role
from corridor.schema.tables import TABLES, UNDECLARED

_FAMILY = {0: "point", 1: "line", 2: "line", 3: "polygon", 4: "point", 5: "line", 6: "polygon", 7: "mixed"}
GEOJSON_VERTICES = 200_000
GRID_DEG = 1e-7  # about a centimetre


def vector_layer(
    source: Path | Found, role: Role, catalog: Catalog, options: Options, joins: bool = False
) -> NewLayer:
    """A file (or features read from a database) as a layer of a role.

    Parameters
    ----------
    source
        A file, or features.
    role
        What the layer is to the program.
    catalog
        The study's, for its stations and coast.
    options
        What the user says about the file.
    joins
        Whether alignments join those that the study has; of one id the new one counts.

    Raises
    ------
    LayerError
        Or a class below it, with every problem of the file at once.
    """
    found = read_vector(source, options.layer, options.encoding) if isinstance(source, Path) else source
    found = to_wgs84(_uncut(_renamed(found, options), role), options.crs, options.datum)
    if isinstance(source, Path) and source.suffix.lower() in DRAWN:
        found = _of_role(found, role)
    found = cleaned(found, role)
    if options.datum is None:
        check_datum(found, catalog)
    if role == "alignments" and "line_id" not in options.constants:
        found = named_by_name(found)
    found = _with_columns(found, role, catalog, options)
    if role == "alignments":
        found = beside_others(in_one_piece(found), catalog.vector_if_any(role) if joins else None)
    origin = options.origin.or_source(f"own {'database' if '://' in found.name else 'file'} {found.name}")
    if joins:  # who must be named for the lines that stay
        holders = dict.fromkeys((*(e.attribution for e in catalog.having(role)), origin.attribution))
        origin = replace(origin, attribution="; ".join(filter(None, holders)))
    as_table = role in POINT_ROLES
    suffix, data = (".csv", _csv(found.frame)) if as_table else _map_file(found.frame)
    kind: Kind = "table" if as_table else "vector"
    return NewLayer(role, kind, suffix, data, origin, found.notes, options.entry_id, found.name)


def _renamed(found: Found, options: Options) -> Found:
    have = [str(c) for c in found.frame.columns if c != found.frame.geometry.name]
    with Problems() as faults:
        for theirs, ours in options.columns.items():
            if theirs not in have:
                what, hint = f"column {theirs!r} of --map is missing", f"there are: {', '.join(have[:12])}"
                hint = nearest(theirs, have, hint)
                faults.add(found.name, what, "a column of the file", hint, MissingColumnError)
            elif ours in have and ours not in options.columns:
                remedy = f"map {ours!r} to another name too"
                faults.add(found.name, f"has {ours!r} already", "a new name in --map", remedy)
    return found.now(found.frame.rename(columns=dict(options.columns)))


CUT_LETTERS = 10


def _uncut(found: Found, role: Role) -> Found:
    """Columns by their whole names where a Shapefile has cut them to ten letters, and only one column begins so."""
    table = TABLES.get(role, UNDECLARED)
    # ids are made where there are none
    declared = [c.name for c in table.columns if c.name != table.id_column]
    whole = {name: [d for d in declared if d[:CUT_LETTERS] == name] for name in map(str, found.frame.columns)}
    meant = {name: names[0] for name, names in whole.items() if len(names) == 1}
    cut = {name: d for name, d in meant.items() if d != name and d not in found.frame}
    if not cut:
        return found
    said = ", ".join(f"{name!r} as {d!r}" for name, d in cut.items())
    return found.now(found.frame.rename(columns=cut), f"columns cut to ten letters are read as meant: {said}")


def to_wgs84(found: Found, crs: str, datum: Datum | None) -> Found:
    """Features in WGS84, from the CRS given or stated, or out of a shifted datum.

    Parameters
    ----------
    found
        Features as read.
    crs
        The system given by the user; empty for that of the file.
    datum
        A shifted datum of mainland web maps, or none.

    Returns
    -------
    Found
        In EPSG:4326, flat.

    Raises
    ------
    CrsError
        Without a system, for an unknown one, or one without an exact transformation.
    """
    frame = found.frame.reset_index(drop=True)
    source, notes = crs_of(found, crs), []
    shapes = shapely.force_2d(np.asarray(frame.geometry.array))
    vertices = int(shapely.get_num_coordinates(shapes).sum())
    if vertices > files.LIMITS.vertices:
        what = f"has {vertices:,} corners"
        raise LayerError.at(found.name, what, f"at most {files.LIMITS.vertices:,}", "simplify it, or cut it")
    if datum in ("gcj02", "bd09"):
        if not source.is_geographic:
            what = f"is in {source.name}"
            raise CrsError.at(found.name, what, f"degrees, for --datum {datum}", "leave --datum out")
        shapes = geometry_to_wgs84(shapes, datum)
        notes.append(f"converted from {NAMES[datum]} to WGS84")
    elif source.to_epsg() != 4326:
        if vertices:
            check_zone(source, float(np.median(shapely.get_coordinates(shapes)[:, 0])), found.name)
        # a stated operation: a "ballpark" one, hundreds of metres off without a word, is refused
        change = way_to_wgs84(source, found.name)
        shapes = shapely.transform(
            shapes, lambda xy: np.column_stack(transform_xy(change, xy[:, 0], xy[:, 1]))
        )
        notes.append(f"converted from {source.name} to WGS84")
    moved = frame.set_geometry(gpd.GeoSeries(list(shapes), index=frame.index), crs=4326)
    named = moved if moved.geometry.name == "geometry" else moved.rename_geometry("geometry")
    return found.now(named, *notes)


def cleaned(found: Found, role: Role) -> Found:
    """Features with a shape of the role's kind, valid: what has none is dropped, what is invalid mended, both counted.

    Parameters
    ----------
    found
        Features in EPSG:4326.
    role
        What the layer is to the program.

    Raises
    ------
    GeometryError
        For shapes of another kind than the role's, or no shape at all.
    """
    frame, notes = found.frame, []
    shapes = np.asarray(frame.geometry.array)
    nothing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    bounds = shapely.bounds(shapes)
    endless = ~nothing & ~np.isfinite(bounds).all(axis=1)
    for bad, what in ((nothing, "without geometry"), (endless, "with coordinates that are no numbers")):
        if bad.any():
            notes.append(f"{bad.sum():,} of {len(frame):,} features {what} left out")
    keep = ~(nothing | endless)
    if not keep.any():
        what = "has no feature with a geometry"
        raise GeometryError.at(found.name, what, "at least one", "export it with its geometry")
    _check_families(found, role, shapes, keep)
    kept, shapes = frame[keep].reset_index(drop=True), shapes[keep]
    wrong = ~shapely.is_valid(shapes)
    if wrong.any():
        reason = str(shapely.is_valid_reason(shapes[wrong][0])).split("[")[0].strip().lower()
        shapes = shapes.copy()
        shapes[wrong] = shapely.make_valid(shapes[wrong], method="structure", keep_collapsed=False)
        notes.append(f"{wrong.sum():,} invalid geometries mended ({reason})")
    shapes = shapely.set_precision(shapes, GRID_DEG)
    gone = shapely.is_empty(shapes)
    if gone.any():
        notes.append(f"{gone.sum():,} features smaller than a centimetre left out")
    kept = kept.set_geometry(gpd.GeoSeries(list(shapes), index=kept.index), crs=4326)[~gone]
    if not len(kept):
        raise GeometryError.at(found.name, "has no feature of any size", "at least one", "check --crs")
    return found.now(kept.reset_index(drop=True), *notes)


def _of_role(found: Found, role: Role) -> Found:
    """What of a drawing a role can hold: pins beside a line, texts beside an outline are left out and counted."""
    wanted = _wanted(role)
    families = _families(found.frame.geometry.to_numpy())
    keep = np.isin(families, wanted)
    if keep.all() or not keep.any():
        return found
    counts = ", ".join(f"{(families[~keep] == f).sum():,} {f}s" for f in sorted(set(families[~keep])))
    note = f"{counts} left out, as role {role!r} has {' or '.join(wanted)}s"
    return found.now(found.frame[keep].reset_index(drop=True), note)


def _wanted(role: Role) -> tuple[str, ...]:
    """What the shapes of a role may be; nothing for any."""
    return ("point", "polygon") if role in POINT_ROLES else VECTOR_SHAPES.get(role, ())


def _families(shapes: NDArray[np.object_]) -> NDArray[np.str_]:
    return np.array([_FAMILY.get(int(i), "none") for i in shapely.get_type_id(shapes)])


def _check_families(found: Found, role: Role, shapes: NDArray[np.object_], keep: NDArray[np.bool_]) -> None:
    wanted, families = _wanted(role), _families(shapes)
    wrong = np.flatnonzero(keep & ~np.isin(families, wanted)).tolist() if wanted else []
    expected = f"{' or '.join(wanted)}s for role {role!r}"
    with Problems(GeometryError) as faults:
        for row in wrong[:SHOWN]:
            remedy = "remove it, or choose another role"
            faults.add(found.where(row), f"is a {families[row]}", expected, remedy)
        if len(wrong) > SHOWN:
            faults.add(found.name, f"{len(wrong) - SHOWN:,} more features like these", expected, "as above")


def _with_columns(found: Found, role: Role, catalog: Catalog, options: Options) -> Found:
    """The columns a role needs: constants, ids made where there are none, the side of the border found by place."""
    declared, notes = TABLES.get(role, UNDECLARED), []
    frame = found.frame.assign(**options.constants)
    key = declared.id_column
    if key and key not in frame:
        stem = (options.entry_id or role).replace("_", "-")
        frame.insert(0, key, [f"{stem}-{i + 1}" for i in range(len(frame))])
        notes.append(f"ids {stem}-1 to {stem}-{len(frame)} made, since there is no column {key!r}")
    elif key:
        frame[key] = [_id_text(v) for v in frame[key]]
    said = frame.get("region", pd.Series("", frame.index))
    unsaid = (said.isna() | (said.astype(str).str.strip() == "")).to_numpy()
    if "region" in declared.required and role != "coastline" and unsaid.any():
        frame["region"] = np.where(unsaid, sides(frame, catalog), said)
        made = frame.loc[unsaid, "region"].value_counts().sort_index()
        counts = ", ".join(f"{n:,} {side}" for side, n in made.items())
        notes.append(f"column 'region' made from the nearest coast ({counts})")
    for name in frame.columns.drop("geometry"):
        bare = frame[name].map(lambda v: v.strip() if isinstance(v, str) else v)
        if (padded := bare.notna() & (bare != frame[name])).any():
            frame[name] = bare
            notes.append(f"spaces around {padded.sum():,} values of column {name!r} taken off")
        if pd.api.types.is_datetime64_any_dtype(frame[name]):
            frame[name] = frame[name].astype(str)
        elif len(frame) and isinstance(frame[name].iloc[0], (bytes, memoryview)):
            frame = frame.drop(columns=name)
            notes.append(f"column {name!r} holds bytes and is left out")
    return found.now(frame, *notes)


def _id_text(value: object) -> object:
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if float(value).is_integer() else (str(value) if value == value else None)
    return str(value) if isinstance(value, (int, np.integer)) else value


def sides(frame: gpd.GeoDataFrame, catalog: Catalog) -> NDArray[np.object_]:
    """The region of each feature: that of the study's land nearest to a point in it.

    Parameters
    ----------
    frame
        Features in EPSG:4326.
    catalog
        The study's.

    Returns
    -------
    numpy.ndarray
        (features,) ids of sides.
    """
    coast = catalog.vector("coastline")
    land = project(np.asarray(coast.geometry.array))
    points = project(shapely.point_on_surface(np.asarray(frame.geometry.array)))
    rows, places = shapely.STRtree(land).query_nearest(points, all_matches=False)
    found = np.empty(len(points), dtype=object)
    found[rows] = coast["region"].to_numpy()[places]
    return found


def _csv(frame: gpd.GeoDataFrame) -> bytes:
    """Points as a table with lon and lat; of a polygon a point inside it is taken."""
    points = shapely.point_on_surface(np.asarray(frame.geometry.array))
    table = pd.DataFrame(frame.drop(columns="geometry"))
    for name, values in (("lon", shapely.get_x(points)), ("lat", shapely.get_y(points))):
        table[name] = np.round(values, 7)
    return for_programs(table).encode()


def _map_file(frame: gpd.GeoDataFrame) -> tuple[str, bytes]:
    """GeoJSON, or GeoPackage where there are many corners."""
    if int(shapely.get_num_coordinates(np.asarray(frame.geometry.array)).sum()) <= GEOJSON_VERTICES:
        return ".geojson", frame.to_json(drop_id=True, ensure_ascii=False).encode()
    import pyogrio

    room = io.BytesIO()
    pyogrio.write_dataframe(frame, room, driver="GPKG", layer="layer")
    return ".gpkg", room.getvalue()
