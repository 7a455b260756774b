"""The calendar of ecology.html: which works a rule restricts in which months, where, and by which source."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from corridor.drawing.i18n import in_each, joined, t, term
from corridor.drawing.places import place_of, places
from corridor.schema.rows import flag_of, number_of, row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.conflict_report import EcologyView

MONTHS = range(1, 13)


def months_of(months: str) -> list[int]:
    """The months from the first to the last, past the turn of the year where need be; all where none are given.

    Examples
    --------
    >>> months_of("10-3"), len(months_of(""))
    ([10, 11, 12, 1, 2, 3], 12)
    """
    if not months:
        return [*MONTHS]
    first, last = (int(month) for month in months.split("-"))
    return [(first - 1 + i) % 12 + 1 for i in range((last - first) % 12 + 1)]


def calendar(view: EcologyView, lines: Mapping[str, Text]) -> list[dict[str, Any]]:
    """The rules on seasons and distances that apply to a scenario, one entry for each rule and feature it guards.

    Parameters
    ----------
    view
        What the map shows of a scenario.
    lines
        Names of its lines.

    Returns
    -------
    list of dict
        rule_id, title and text, the feature, the months, ``sure`` (false where no part is surely within the distance), distance
        in metres, works by line, and the sources of rule, distance and months with their confidence. Seasonal rules come
        before those of all year.
    """
    grouped: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in rows_of(view.seasons):
        own = (text_of(row["rule_id"]), text_of(row["subject_id"]), text_of(row.get("phase")))
        grouped.setdefault(own, []).append(row)
    found = [_entry(rows, lines, view) for rows in grouped.values()]
    return sorted(found, key=lambda e: (len(e["months"]) == len(MONTHS), not e["sure"], e["rule"]))


def _entry(rows: list[Mapping[str, Any]], lines: Mapping[str, Text], view: EcologyView) -> dict[str, Any]:
    row, phase = rows[0], text_of(rows[0].get("phase"))
    return {
        "rule": text_of(row["rule_id"]), "title": row_name(row, "title"), "text": row_name(row, "rule"),
        "feature": row_name(row), "months": months_of(text_of(row["months"])), "sure": any(flag_of(r["sure"]) for r in rows),
        "phase": term("phase", phase) if phase else Text(en=""), "m": number_of(row.get("within_m")) or 0,
        "works": [*_works(rows, lines, view)], "sources": _sources(row),
    }  # fmt: skip


def _works(
    rows: list[Mapping[str, Any]], lines: Mapping[str, Text], view: EcologyView
) -> Iterator[dict[str, Text]]:
    """Each line with the places of its parts and sites, from its start to its end."""
    known = places(view.places)

    def chainage_km(row: Mapping[str, Any]) -> tuple[float, ...]:
        own = text_of(row["part_id"]) or text_of(row["site_id"])
        return view.places.get((text_of(row["line_id"]), own), (math.inf,))

    for line_id in dict.fromkeys(text_of(r["line_id"]) for r in rows):
        mine = sorted((r for r in rows if text_of(r["line_id"]) == line_id), key=chainage_km)
        yield {"line": lines[line_id], "places": joined([*dict.fromkeys(place_of(r, known) for r in mine)])}


def _sources(row: Mapping[str, Any]) -> Text:
    """Ids of the sources of the rule, of its distance and of its months, each with its confidence."""
    pairs = {
        (text_of(row.get(f"{of}source")), text_of(row.get(f"{of}confidence"))): None
        for of in ("", "distance_", "months_")
    }
    return joined([_source(source, sure) for source, sure in pairs if source])


def _source(source: str, sure: str) -> Text:
    name = t("assumption") if source == "assumption" else Text(en=source)
    return in_each(lambda lang: f"{name.in_script(lang)} ({sure})" if sure else name.in_script(lang))
