"""Green corridors: for each corridor and each part and site of each line, crossed or not, and how.

Nothing crossed is a row as well, with its distance: a reviewer sees that it was looked at. The same is said in
words, a sentence for each row or for each line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from corridor.ecology.land.land import Land
from corridor.ecology.works.footprint import M2_PER_HA, footprint, site_pieces
from corridor.ecology.works.parameters import PERMANENCES, SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work
from corridor.schema.text import Text

CARRIED = {
    "corridor_id": "corridor_id",
    "part": "corridor_part",
    "name_en": "name_en",
    "name_zh_hant": "name_zh_hant",
    "name_zh_hans": "name_zh_hans",
    "part_en": "corridor_part_en",
    "part_zh_hant": "corridor_part_zh_hant",
    "part_zh_hans": "corridor_part_zh_hans",
    "region": "region",
    "width_m": "declared_width_m",
    "confidence": "confidence",
    "source": "source",
}
"""Columns of the layer that the table carries, and their names there."""

COLUMNS = [
    "corridor_id", "corridor_part", "name_en", "name_zh_hant", "name_zh_hans", "corridor_part_en",
    "corridor_part_zh_hant", "corridor_part_zh_hans", "region", "line_id", "part_id", "site_id", "structure",
    "crossed", "underground", "length_m", "area_ha", "permanent_ha", "temporary_ha", "shade_ha",
    "corridor_width_m", "width_taken_m", "width_worked_m", "width_taken_share", "width_worked_share",
    "declared_width_m", "distance_m", "species_note_id", "confidence", "source",
]  # fmt: skip
DIRECTIONS = 36

_Way = tuple[float, NDArray[np.float64]]
_Rows = tuple[dict[str, str], dict[str, Any], list[_Way | None]]


def corridor_crossings(
    work: Work, land: Land, prints: gpd.GeoDataFrame | None = None, table: ParameterTable = SHIPPED
) -> pd.DataFrame:
    """The crossing table of a work: a row for each corridor and each part or site of the work.

    ``length_m`` is the length of the alignment inside the corridor; ``permanent_ha``, ``temporary_ha`` and
    ``shade_ha`` what the footprint ``prints`` (by default that of the work) holds of it, ``area_ha`` the
    first two; ``corridor_width_m`` the shortest way across the whole corridor, all its parts together, through
    the middle of the crossing (NaN where not crossed), beside the ``declared_width_m`` of the layer. ``width_taken_m`` is how much of that
    way lies abreast of what stays for good, ``width_worked_m`` of what stays or is worked over, and the shares
    are these by the width, at most 1: a track at grade takes all of the width, a viaduct its piers, a bored
    tunnel nothing. ``underground`` says how a part passes; ``distance_m`` is 0 where crossed. ``species_note_id`` names the row of the layer whose species
    note applies: its ``part_id`` or ``corridor_id`` where it has no ids for notes.
    """
    if land.corridors.empty:
        return pd.DataFrame(columns=COLUMNS)
    prints = footprint(work, table) if prints is None else prints
    held = _held(prints)
    corridors = pd.DataFrame(land.corridors.reindex(columns=list(CARRIED))).rename(columns=CARRIED)
    corridors = corridors.assign(line_id=work.line_id, species_note_id=_notes(land.corridors))
    shapes, wholes = land.corridors.geometry.to_numpy(), _wholes(land.corridors)
    rows = [*_part_rows(work, shapes, wholes), *_site_rows(work, shapes, wholes, table)]
    found = [
        {**head, **values, **_taken(held.get((head["part_id"], head["site_id"]), []), shapes, ways)}
        for head, values, ways in rows
    ]
    columns = {
        name: np.concatenate([np.broadcast_to(f[name], len(shapes)) for f in found]) for name in found[0]
    }
    out = corridors.iloc[np.tile(np.arange(len(shapes)), len(found))].reset_index(drop=True)
    out = out.assign(**columns, _site=columns["site_id"] != "")
    out["area_ha"] = out["permanent_ha"] + out["temporary_ha"]
    for what in ("taken", "worked"):
        out[f"width_{what}_share"] = (out[f"width_{what}_m"] / out["corridor_width_m"]).clip(upper=1.0)
    out = out.sort_values(["corridor_id", "corridor_part", "_site"], kind="stable", ignore_index=True)
    return out[COLUMNS]


def crossings_by_structure(crossings: pd.DataFrame) -> pd.DataFrame:
    """A crossing table summed by line, corridor part and structure, rows that cross alone.

    ``structure`` is that of a part, or the kind of a site. Columns: line_id, corridor_id, corridor_part,
    structure, underground, length_m, area_ha, permanent_ha, temporary_ha, shade_ha, and the widest
    ``width_taken_share`` and ``width_worked_share`` of one part or site.
    """
    keys = ["line_id", "corridor_id", "corridor_part", "structure", "underground"]
    sums = ["length_m", "area_ha", "permanent_ha", "temporary_ha", "shade_ha"]
    shares = ["width_taken_share", "width_worked_share"]
    hits = crossings[crossings["crossed"].astype(bool)]
    how = dict.fromkeys(sums, "sum") | dict.fromkeys(shares, "max")
    return hits.groupby(keys, as_index=False, sort=True, dropna=False).agg(how)


_Held = list[tuple[str, BaseGeometry]]


def _held(prints: gpd.GeoDataFrame) -> dict[tuple[str, str], _Held]:
    """Permanence and shape of every piece of the footprint, by part and site."""
    found: dict[tuple[str, str], _Held] = {}
    columns = (prints[c].to_numpy() for c in ("part_id", "site_id", "permanence", "geometry"))
    for part_id, site_id, permanence, shape in zip(*columns, strict=True):
        found.setdefault((part_id, site_id), []).append((permanence, shape))
    return found


def _taken(mine: _Held, shapes: NDArray[Any], ways: list[_Way | None]) -> dict[str, NDArray[Any]]:
    """What one part or site takes or shades of each corridor (ha), and how much of its width (m)."""
    areas = {f"{permanence}_ha": np.zeros(len(shapes)) for permanence in PERMANENCES}
    held: dict[str, list[list[BaseGeometry]]] = {p: [[] for _ in shapes] for p in PERMANENCES}
    for permanence, shape in mine:
        near = shapely.intersects(shapes, shape)
        common = shapely.intersection(shapes[near], shape)
        areas[f"{permanence}_ha"][near] += shapely.area(common) / M2_PER_HA
        for at, piece in zip(np.flatnonzero(near), common, strict=True):
            held[permanence][at].append(piece)
    taken = [_abreast(way, held["permanent"][i]) for i, way in enumerate(ways)]
    worked = [_abreast(way, [*held["permanent"][i], *held["temporary"][i]]) for i, way in enumerate(ways)]
    return {**areas, "width_taken_m": np.array(taken), "width_worked_m": np.array(worked)}


def _abreast(way: _Way | None, pieces: list[BaseGeometry]) -> float:
    """How much of the way across lies abreast of some shapes: their shadows on it, overlaps once (m)."""
    if way is None:
        return float("nan")
    _, direction = way
    shadows = []
    for piece in shapely.get_parts(np.array(pieces, dtype=object)):
        along = shapely.get_coordinates(piece) @ direction
        shadows.append((float(along.min()), float(along.max())))
    total, end = 0.0, -np.inf
    for low, high in sorted(shadows):
        total += max(0.0, high - max(low, end))
        end = max(end, high)
    return total


def _notes(corridors: gpd.GeoDataFrame) -> list[str]:
    """The id under which the layer holds the species note of each of its rows."""
    for column in ("species_note_id", "part_id", "corridor_id"):
        if column in corridors.columns and corridors[column].notna().all():
            return [str(name) for name in corridors[column]]
    return [""] * len(corridors)


def _wholes(corridors: gpd.GeoDataFrame) -> NDArray[Any]:
    """For each row the whole corridor it is a part of: a seam between parts makes no corridor narrow."""
    ids = corridors["corridor_id"].to_numpy()
    shapes = corridors.geometry.to_numpy()
    whole = {name: shapely.union_all(shapes[ids == name]) for name in dict.fromkeys(ids)}
    return np.array([whole[name] for name in ids], dtype=object)


def _part_rows(work: Work, shapes: NDArray[Any], wholes: NDArray[Any]) -> Iterator[_Rows]:
    for part in work.parts:
        course = work.course(part)
        inside = shapely.intersection(shapes, course)
        lengths_m = shapely.length(inside)
        crossed = lengths_m > 0
        ways = [
            way_across(s, _middle(i)) if c else None for s, i, c in zip(wholes, inside, crossed, strict=True)
        ]
        yield (
            {"part_id": part.part_id, "site_id": "", "structure": part.structure},
            {
                "crossed": crossed,
                "underground": part.underground,
                "length_m": lengths_m,
                "corridor_width_m": [np.nan if way is None else way[0] for way in ways],
                "distance_m": np.where(crossed, 0.0, shapely.distance(shapes, course)),
            },
            ways,
        )


def _site_rows(
    work: Work, shapes: NDArray[Any], wholes: NDArray[Any], table: ParameterTable
) -> Iterator[_Rows]:
    for piece in site_pieces(work, table):
        common = shapely.intersection(shapes, piece.geometry)
        crossed = shapely.area(common) > 0
        ways = [
            way_across(s, c.representative_point()) if hit else None
            for s, c, hit in zip(wholes, common, crossed, strict=True)
        ]
        yield (
            {"part_id": "", "site_id": piece.site_id, "structure": piece.component},
            {
                "crossed": crossed,
                "underground": False,
                "length_m": 0.0,
                "corridor_width_m": [np.nan if way is None else way[0] for way in ways],
                "distance_m": np.where(crossed, 0.0, shapely.distance(shapes, piece.geometry)),
            },
            ways,
        )


def width_at_m(corridor: BaseGeometry, crossing: BaseGeometry) -> float:
    """The width of a corridor polygon at a crossing line inside it, in metres: see :func:`way_across`."""
    return way_across(corridor, _middle(crossing))[0]


def way_across(corridor: BaseGeometry, point: shapely.Point) -> _Way:
    """The shortest way across a corridor polygon through a point: its length in metres and its direction.

    The shortest chord over directions 5 degrees apart: for a straight band that is its width, however obliquely
    it is crossed. The direction is a unit vector.
    """
    west, south, east, north = corridor.bounds
    reach = float(np.hypot(east - west, north - south))
    angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
    units = np.column_stack([np.cos(angles), np.sin(angles)])
    centre = np.array([point.x, point.y])
    rays = shapely.linestrings(np.stack([centre - reach * units, centre + reach * units], axis=1))
    lines = np.atleast_1d(np.asarray(shapely.intersection(corridor, rays), dtype=object))
    chords = [_chord_through(chord, point) for chord in lines]
    shortest = int(np.argmin(chords))
    return chords[shortest], units[shortest]


def _middle(crossing: BaseGeometry) -> shapely.Point:
    """The middle of the longest piece of a crossing."""
    longest = max(shapely.get_parts(crossing), key=lambda piece: piece.length)
    middle: shapely.Point = longest.interpolate(0.5, normalized=True)
    return middle


def _chord_through(chords: BaseGeometry, middle: shapely.Point) -> float:
    pieces = [p for p in shapely.get_parts(chords) if p.length > 0]
    return float(min(pieces, key=middle.distance).length) if pieces else 0.0


WORD_COLUMNS = [
    "corridor_id", "corridor_part", "line_id", "part_id", "site_id", "crossed", "text_en", "text_zh_hant",
    "text_zh_hans", "species_note_en", "species_note_zh_hant", "species_note_zh_hans", "confidence", "source",
]  # fmt: skip
"""Columns of the crossings in words."""

_NAMES: Mapping[str, tuple[str, str, str]] = {
    "bored_tunnel": ("bored tunnel", "鑽挖隧道", "盾构隧道"),
    "immersed_tunnel": ("immersed tunnel", "沉管隧道", "沉管隧道"),
    "cut_and_cover": ("cut and cover", "明挖回填", "明挖回填"),
    "viaduct": ("viaduct", "高架橋", "高架桥"),
    "bridge": ("bridge", "橋樑", "桥梁"),
    "at_grade": ("track at grade", "地面路軌", "地面线路"),
    "embankment": ("embankment", "路堤", "路堤"),
    "station_box": ("station", "車站", "车站"),
    "depot": ("depot", "車廠", "车辆段"),
    "portal": ("portal", "隧道口", "隧道口"),
    "shaft": ("shaft", "豎井", "竖井"),
    "ventilation_building": ("ventilation building", "通風樓", "通风楼"),
    "emergency_access": ("emergency access", "緊急出入口", "紧急出入口"),
    "worksite": ("worksite", "工地", "工地"),
    "barging_point": ("barging point", "躉船轉運站", "驳船转运站"),
    "spoil_yard": ("spoil yard", "棄土堆放區", "弃土堆放区"),
    "casting_yard": ("casting yard", "預製場", "预制场"),
}


def crossings_in_words(crossings: pd.DataFrame, land: Land) -> pd.DataFrame:
    """A sentence in three scripts for each row of a crossing table, with :data:`WORD_COLUMNS`.

    A part or site that does not touch a corridor has its sentence as well. The species note is that of the
    corridor layer, empty where it has none.
    """
    notes = _species_notes(land)
    rows = [
        (*_told(row), *_scripts(_sentence(row)), *notes.get(row["species_note_id"], ("", "", "")),
         row["confidence"], row["source"])
        for row in crossings.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=WORD_COLUMNS)


def lines_in_words(crossings: pd.DataFrame, land: Land) -> pd.DataFrame:
    """A few sentences for each corridor part and line: what crosses it, else that nothing does and how far off.

    The same columns as :func:`crossings_in_words`, with empty ``part_id`` and ``site_id``.
    """
    notes = _species_notes(land)
    groups: dict[tuple[str, str, str], list[dict[Any, Any]]] = {}
    for row in crossings.to_dict("records"):
        groups.setdefault((row["corridor_id"], str(row["corridor_part"]), row["line_id"]), []).append(row)
    rows = []
    for key in sorted(groups):
        nearest = min(groups[key], key=lambda row: float(row["distance_m"]))
        hits = [row for row in groups[key] if row["crossed"]]
        said = [_scripts(_sentence(row)) for row in hits] or [_scripts(_nothing(nearest))]
        text = [
            gap.join(scripts) for gap, scripts in zip((" ", "", ""), zip(*said, strict=True), strict=True)
        ]
        head = nearest | {"part_id": "", "site_id": "", "crossed": bool(hits)}
        note = notes.get(nearest["species_note_id"], ("", "", ""))
        rows.append((*_told(head), *text, *note, nearest["confidence"], nearest["source"]))
    return pd.DataFrame(rows, columns=WORD_COLUMNS)


def _species_notes(land: Land) -> dict[str, tuple[str, str, str]]:
    corridors = land.corridors
    if corridors.empty or "species_note_en" not in corridors:
        return {}
    columns = [f"species_note_{script}" for script in ("en", "zh_hant", "zh_hans")]
    values = corridors.reindex(columns=columns).fillna("").astype(str).to_numpy()
    return {name: (row[0], row[1], row[2]) for name, row in zip(_notes(corridors), values, strict=True)}


def _told(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(row[c] for c in WORD_COLUMNS[:6])


def _scripts(text: Text) -> tuple[str, str, str]:
    return text.en, text.zh_hant, text.zh_hans


def _corridor_name(row: Mapping[Any, Any]) -> tuple[str, str, str]:
    """Corridor and part in three scripts, ids where there are no names."""

    def word(column: str) -> str:
        return row[column] if isinstance(row.get(column), str) else ""

    whole_en, part_en = (
        word("name_en") or word("corridor_id"),
        word("corridor_part_en") or word("corridor_part"),
    )
    hant, hans = (word(f"name_{script}") or whole_en for script in ("zh_hant", "zh_hans"))
    if not part_en:
        return whole_en, hant, hans
    part_hant, part_hans = (word(f"corridor_part_{script}") or part_en for script in ("zh_hant", "zh_hans"))
    return f"{part_en}, part of {whole_en}", f"{hant}的{part_hant}段", f"{hans}的{part_hans}段"


def _sentence(row: Mapping[Any, Any]) -> Text:
    """What one part or site does to one corridor part."""
    names = _corridor_name(row)
    who = row["part_id"] or row["site_id"]
    kinds = _NAMES.get(str(row["structure"]), (str(row["structure"]),) * 3)
    if not row["crossed"]:
        off = f"{float(row['distance_m']):,.0f}"
        return Text(
            en=f"{who} ({kinds[0]}) does not touch {names[0]}: it is {off} m away.",
            zh_hant=f"{who}（{kinds[1]}）不觸及{names[1]}：相距{off}米。",
            zh_hans=f"{who}（{kinds[2]}）不触及{names[2]}：相距{off}米。",
        )
    return _crossing(row, who, kinds, names) if row["part_id"] else _standing(row, who, kinds, names)


def _crossing(row: Mapping[Any, Any], who: str, kinds: tuple[str, ...], names: tuple[str, ...]) -> Text:
    length, width = f"{float(row['length_m']):,.0f}", f"{float(row['corridor_width_m']):,.0f}"
    below, took = bool(row["underground"]), _took(row)
    how = ("below ground", "在地下", "在地下") if below else ("in the open", "露天", "露天")
    return Text(
        en=f"{who} ({kinds[0]}) crosses {names[0]} {how[0]} for {length} m, where it is {width} m wide; {took.en}.",
        zh_hant=f"{who}（{kinds[1]}）{how[1]}穿越{names[1]}{length}米，該處寬{width}米；{took.zh_hant}。",
        zh_hans=f"{who}（{kinds[2]}）{how[2]}穿越{names[2]}{length}米，该处宽{width}米；{took.zh_hans}。",
    )


def _standing(row: Mapping[Any, Any], who: str, kinds: tuple[str, ...], names: tuple[str, ...]) -> Text:
    width, took = f"{float(row['corridor_width_m']):,.0f}", _took(row)
    return Text(
        en=f"{who} ({kinds[0]}) stands in {names[0]}, where it is {width} m wide; {took.en}.",
        zh_hant=f"{who}（{kinds[1]}）位於{names[1]}內，該處寬{width}米；{took.zh_hant}。",
        zh_hans=f"{who}（{kinds[2]}）位于{names[2]}内，该处宽{width}米；{took.zh_hans}。",
    )


def _took(row: Mapping[Any, Any]) -> Text:
    """Hectares and share of the width, for good and while it is built."""
    good, works, shade = (float(row[f"{p}_ha"]) for p in ("permanent", "temporary", "shade"))
    share, worked = (f"{100 * float(row[f'width_{w}_share']):.0f}" for w in ("taken", "worked"))
    said: list[tuple[str, str, str]] = []
    if good > 0:
        ha = _hectares(good)
        said.append(
            (
                f"it takes {ha} ha for good, abreast of {share} % of the width",
                f"永久佔用{ha}公頃，佔寬度{share}%",
                f"永久占用{ha}公顷，占宽度{share}%",
            )
        )
    if works > 0:
        ha = _hectares(works)
        said.append(
            (
                f"{ha} ha are worked over, with what stays abreast of {worked} % of the width",
                f"施工佔用{ha}公頃，連永久者佔寬度{worked}%",
                f"施工占用{ha}公顷，连永久者占宽度{worked}%",
            )
        )
    if shade > 0:
        ha = _hectares(shade)
        said.append((f"{ha} ha are shaded", f"遮蔽{ha}公頃", f"遮蔽{ha}公顷"))
    if not said:
        return Text(en="it takes nothing of it", zh_hant="不佔用其土地", zh_hans="不占用其土地")
    en, hant, hans = zip(*said, strict=True)
    return Text(en="; ".join(en), zh_hant="；".join(hant), zh_hans="；".join(hans))


def _hectares(area_ha: float) -> str:
    return "< 0.01" if area_ha < 0.005 else f"{area_ha:.2f}"


def _nothing(nearest: Mapping[Any, Any]) -> Text:
    names, off = _corridor_name(nearest), f"{float(nearest['distance_m']):,.0f}"
    who = nearest["part_id"] or nearest["site_id"]
    return Text(
        en=f"Nothing of this line crosses or stands in {names[0]}; nearest is {who}, {off} m away.",
        zh_hant=f"本線並無穿越或位於{names[1]}；最近者為{who}，相距{off}米。",
        zh_hans=f"本线并无穿越或位于{names[2]}；最近者为{who}，相距{off}米。",
    )
