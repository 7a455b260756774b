"""Crossings of green corridors in words, a sentence for each row or line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from corridor.ecology.impact.corridors import note_ids
from corridor.ecology.land.land import Land
from corridor.schema.text import Text

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
    return {name: (row[0], row[1], row[2]) for name, row in zip(note_ids(corridors), values, strict=True)}


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
