"""review.html: what a line takes, disturbs, cuts and spares, made to be printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from corridor.drawing.crossings import lines_and_corridors
from corridor.drawing.i18n import fill, joined, not_given, t, term
from corridor.drawing.numbers import figure, gravest, hectares, signed
from corridor.schema.rows import flag_of, names, row_name, rows_of
from corridor.schema.text import Text
from corridor.web import review_methods as methods
from corridor.web.conflict_card import ConflictCard, conflict_cards
from corridor.web.nature import Disturbance, by_band
from corridor.web.printed import write_printed
from corridor.web.review_sheet import Sheet, named
from corridor.web.tables import Cell

SHOWN_CONFLICTS = 40
"""More conflicts than these fold away below the first ones."""


def write_review_page(sheet: Sheet, path: Path) -> None:
    """Write review.html.

    Parameters
    ----------
    sheet
        A review with the names that its tables print.
    path
        The file. An earlier one stays where this one cannot be written.

    Raises
    ------
    AssetError
        Where the page would be over 2.5 MB.
    """
    side, ecology, scenario = sheet.subject, sheet.subject.ecology, sheet.subject.scenario
    crossings = list(rows_of(ecology.corridor_crossings))
    write_printed(
        "review.html.j2",
        path,
        sheet.title,
        ("page.css", "index.css", "review.css"),
        sheet=sheet,
        side=side,
        ecology=ecology,
        named=named,
        names=[named(s) for s in sheet.sides],
        lacking=not_given(sheet.layers.not_given),
        flag=gravest(s.scenario.flag for s in sheet.sides),
        areas=[*areas_taken(ecology.designation_take)],
        assumed=assumed_percent(ecology.footprint),
        against=against(sheet),
        sentences=[c for c in lines_and_corridors(side.line_crossings, sheet.places) if c.crossed],
        crossings=crossings,
        hits=[r for r in crossings if flag_of(r["crossed"])],
        spared=spared(crossings),
        figures=figures(sheet),
        conflicts=conflicts(sheet),
        shown_conflicts=SHOWN_CONFLICTS,
        takes=takes(sheet),
        disturbed=disturbed(sheet),
        streams=[]
        if side.streams is None
        else list(rows_of(side.streams.sort_values("surface", ascending=False, kind="stable"))),
        sites=[{"line_id": work.line_id, **vars(site)} for work in side.works for site in work.sites],
        not_assessed=[r for r in rows_of(ecology.not_assessed_m) if r["not_assessed_m"] > 0],
        assumptions=dict.fromkeys(
            [*scenario.assumptions, *(a for w in scenario.works for a in w.assumptions)]
        ),
        **methods.views(sheet),
    )


# --- in short ------------------------------------------------------------------------------------------


def areas_taken(taken: pd.DataFrame) -> Iterator[Text]:
    """Each designated area with its hectares, permanent / temporary; areas overlap, so there is no sum.

    Parameters
    ----------
    taken
        Land take by designation: designation_id, names, permanence, area_ha.
    """
    for _, rows in taken.groupby("designation_id", sort=True) if len(taken) else ():
        by_span = rows.groupby("permanence")["area_ha"].sum()
        size = " / ".join(hectares(float(by_span.get(p, 0.0))) for p in ("permanent", "temporary"))
        yield joined([row_name(rows.iloc[0].to_dict()), Text(en=size)])


def assumed_percent(prints: pd.DataFrame) -> float | None:
    """How much of the ground taken rests on assumed places or sizes.

    Parameters
    ----------
    prints
        The footprint: permanence, area_ha, assumed; shaded ground does not count.

    Returns
    -------
    float or None
        Percent of the hectares; None where no ground is taken.
    """
    ground = prints[prints["permanence"] != "shade"]
    whole = float(ground["area_ha"].sum())
    return (
        100 * float(ground.loc[ground["assumed"].astype(bool), "area_ha"].sum()) / whole
        if whole > 0
        else None
    )


AGAINST = (
    "permanent_ha", "construction_wetland_equivalent_ha", "operation_wetland_equivalent_ha",
    "construction_marine_equivalent_ha", "corridors_crossed_open_m", "corridors_taken_ha",
)  # fmt: skip
"""Headline figures whose difference is said in words."""


def against(sheet: Sheet) -> Text | None:
    """The differences to the other scenario in a sentence; None where there are none."""
    if sheet.review.difference is None:
        return None
    frame = sheet.review.difference.headline.set_index("measure")["difference"]
    said = [
        fill("review_figure_moved", title=_plain_headline(measure), value=value, unit=_unit(measure))
        for measure in AGAINST
        if (value := _moved(frame[measure], measure))
    ]
    return fill("review_against", other=named(sheet.sides[1]), values=joined(said)) if said else None


def _plain_headline(measure: str) -> Text:
    """The title of a headline figure without the dash that sets it under another."""
    title = t(f"headline_{measure}")
    en, hant, hans = (words.lstrip("– ") for words in (title.en, title.zh_hant, title.zh_hans))
    return Text(en=en, zh_hant=hant, zh_hans=hans)


# --- headline figures ----------------------------------------------------------------------------------


def figures(sheet: Sheet) -> list[tuple[Text, Text, list[Cell], str]]:
    """All headline figures of a review.

    Returns
    -------
    list of tuple
        Title, unit, a cell for each side (its range below the figure), and the difference of two sides.
    """
    cases = [{case: asdict(h) for case, h in side.headlines.items()} for side in sheet.sides]
    found = []
    for measure, value in cases[0]["central"].items():
        cells = [_ranged({name: values[measure] for name, values in case.items()}, measure) for case in cases]
        moved = _moved(value - cases[-1]["central"][measure], measure) or "0"
        found.append((t(f"headline_{measure}"), _unit(measure), cells, moved))
    return found


def _unit(measure: str) -> Text:
    return term("unit", "m" if measure.endswith("_m") else "ha" if measure.endswith("_ha") else "sites")


def _moved(difference: float, measure: str) -> str:
    words = signed(round(difference) if measure.endswith("_m") else difference)
    return "" if words in {"0", "≈ 0"} else words


def _ranged(by_case: Mapping[str, float], measure: str) -> Cell:
    """The central figure with the low and high case below it where they differ."""
    show = {c: hectares(v) if measure.endswith("_ha") else figure(round(v)) for c, v in by_case.items()}
    if show["low"] == show["central"] == show["high"]:
        return Cell(show["central"])
    low, high = sorted(("low", "high"), key=lambda case: by_case[case])
    return Cell(show["central"], (("range", f"({show[low]} – {show[high]})"),))


# --- corridors, conflicts, ground ----------------------------------------------------------------------


def spared(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each corridor part and line that stays off it, the nearest first.

    Parameters
    ----------
    rows
        Corridor crossings with corridor_id, corridor_part, line_id, crossed, distance_m.

    Returns
    -------
    list of dict
        The nearest row of each, with ``looked_at``, how many parts and sites were looked at.
    """
    found: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["corridor_id"], row["corridor_part"], row["line_id"]), []).append(row)
    away = [
        {**min(group, key=lambda r: float(r["distance_m"])), "looked_at": len(group)}
        for group in found.values()
        if not any(flag_of(r["crossed"]) for r in group)
    ]
    return sorted(away, key=lambda r: float(r["distance_m"]))


GRAVEST = ("wetland", "marine", "freshwater", "woodland", "farmland")
"""Habitat groups in the order in which their loss is listed."""


def conflicts(sheet: Sheet) -> list[ConflictCard]:
    """Every conflict by kind: by what is hurt, then the largest first."""
    cards = conflict_cards(sheet.view)
    kinds = list(dict.fromkeys(card.kind_id for card in cards))

    def gravity(card: ConflictCard) -> tuple[int, int, float, str]:
        group = GRAVEST.index(card.subject_id) if card.subject_id in GRAVEST else len(GRAVEST)
        return kinds.index(card.kind_id), group, -card.extent, card.conflict_id

    return sorted(cards, key=gravity)


Spans = list[tuple[Text, list[str]]]
"""Names with hectares taken permanently, taken for the works, and shaded."""


def takes(sheet: Sheet) -> list[tuple[str, str, Spans]]:
    """Tables of hectares taken, by habitat with their sum, and by designation without one, since areas overlap.

    Returns
    -------
    list of tuple
        Key of the title, key of the heading of the first column, rows.
    """
    ecology = sheet.subject.ecology
    habitats = _spans(ecology.habitat_take, "habitat_id", sheet.layers.habitat)
    habitats += [(t("total"), _sizes(_by_span(ecology.habitat_take, "habitat_id").sum()))] if habitats else []
    known = names(ecology.designation_take, "designation_id")
    designations = _spans(ecology.designation_take, "designation_id", known.__getitem__)
    tables = [("review_take", "habitat", habitats)] if habitats else []
    return [*tables, ("review_designated", "designation", designations)]


def _spans(frame: pd.DataFrame, key: str, name: Callable[[object], Text]) -> Spans:
    return [(name(i), _sizes(row)) for i, row in _by_span(frame, key).iterrows()] if len(frame) else []


def _by_span(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Hectares by a key, a column for each permanence, the largest permanent take first."""
    spans = ["permanent", "temporary", "shade"]
    grid = frame.pivot_table(index=key, columns="permanence", values="area_ha", aggfunc="sum", fill_value=0.0)
    return grid.reindex(columns=spans, fill_value=0.0).sort_values(spans, ascending=False, kind="stable")


def _sizes(row: Iterable[float]) -> list[str]:
    return [hectares(float(v)) for v in row]


def disturbed(sheet: Sheet) -> list[Disturbance]:
    """A table of disturbed habitat (ha) for each phase.

    Returns
    -------
    list
        Columns are bands of distance; the last has the areas within 500 m weighted by distance (low / central / high).
    """
    frame, tables = sheet.subject.ecology.habitat_disturbance, []
    for phase, mine in frame.groupby("phase", sort=False) if len(frame) else ():
        cases = [f"equivalent_{c}_ha" for c in ("low", "central", "high")]
        sums = mine[mine["outer_m"] <= 500].groupby("habitat_id")[cases].sum().map(hectares)
        weighted, grid = sums.agg(" / ".join, axis=1).to_dict(), by_band(mine)
        rows = [
            (sheet.layers.habitat(h), [*(f"{area:,.1f}" for area in row), weighted.get(h, "–")])
            for h, row in grid.iterrows()
        ]
        tables.append((sheet.subject.scenario.id, term("phase", phase), [*grid], rows))
    return tables
