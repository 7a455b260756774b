"""What each line does to each green corridor, in a few sentences of three scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd

from corridor.drawing.i18n import fill, listed, sentences, t, term
from corridor.drawing.numbers import figure, hectares
from corridor.drawing.places import place_of
from corridor.schema.rows import flag_of, row_name, rows_of, text_of
from corridor.schema.text import Text


@dataclass(frozen=True)
class LineAndCorridor:
    """One line and one part of a green corridor, in words.

    Attributes
    ----------
    line_id, corridor_id, corridor_part
        Which ones.
    crossed
        Whether the line crosses it or builds in it.
    text
        A sentence for each crossing, or on what is nearest.
    """

    line_id: str
    corridor_id: str
    corridor_part: str
    crossed: bool
    text: Text
    species: Text
    """The species note of the corridor; empty where it has none."""


def lines_and_corridors(
    crossings: pd.DataFrame, places: Mapping[tuple[str, str], Text]
) -> list[LineAndCorridor]:
    """The rows of :func:`corridor.ecology.impact.corridors.line_crossings` in words.

    `places` says where a part or site is (:func:`corridor.drawing.places.places`); where it has none, its id does.
    """

    def key(row: Mapping[str, Any]) -> tuple[str, str, str]:
        return text_of(row["line_id"]), text_of(row["corridor_id"]), text_of(row["corridor_part"])

    return [_in_words(ids, list(rows), places) for ids, rows in groupby(rows_of(crossings), key)]


def corridor_name(row: Mapping[str, Any]) -> Text:
    """The name of the corridor of a row and of its part; ids where there are no names.

    Parameters
    ----------
    row
        With corridor_id, corridor_part and names of either.
    """
    whole = row_name(row) if row_name(row).en else Text(en=text_of(row["corridor_id"]))
    part = row_name(row, "corridor_part")
    part = part if part.en else Text(en=text_of(row["corridor_part"]))
    return fill("crossing_part_of", part=part, corridor=whole) if part.en else whole


def _in_words(
    ids: tuple[str, str, str], rows: list[dict[str, Any]], places: Mapping[tuple[str, str], Text]
) -> LineAndCorridor:
    crossed = flag_of(rows[0]["crossed"])
    said = [(_crossing if crossed else _nearest)(row, place_of(row, places)) for row in rows]
    return LineAndCorridor(*ids, crossed, sentences(said), row_name(rows[0], "species_note"))


def _nearest(row: Mapping[str, Any], who: Text) -> Text:
    away = figure(round(row["distance_m"]))
    return fill("crossing_none", corridor=corridor_name(row), who=who, distance=away)


def _crossing(row: Mapping[str, Any], who: Text) -> Text:
    is_site = bool(text_of(row["site_id"]))
    key = "crossing_site" if is_site else "crossing_below" if flag_of(row["underground"]) else "crossing_open"
    return fill(
        key,
        who=who,
        kind=term("site" if is_site else "structure", row["structure"]),
        corridor=corridor_name(row),
        length=figure(round(row["length_m"])),
        width=figure(round(row["corridor_width_m"])),
        taken=listed([*_taken(row)] or [t("crossing_takes_nothing")]),
    )


def _taken(row: Mapping[str, Any]) -> Iterator[Text]:
    """Hectares taken, worked over and shaded, with the share of the corridor's width."""
    for key, area, share in (
        ("crossing_takes", "permanent_ha", "width_taken_share"),
        ("crossing_works", "temporary_ha", "width_worked_share"),
        ("crossing_shades", "shade_ha", ""),
    ):
        if row[area] > 0:
            yield fill(key, area=hectares(row[area]), share=f"{100 * row[share]:.0f}" if share else "")
