"""What demand.html says of ranges: main figures, how far assumptions move them, and the assumption that moves each most."""

from __future__ import annotations

from collections.abc import Iterator

from corridor.drawing.i18n import STRINGS, fill, t
from corridor.drawing.numbers import figure
from corridor.schema.rows import rows_of
from corridor.schema.text import Text
from corridor.study.demand_ranges import RELIEF, extremes
from corridor.study.demand_report import DemandReport

PEOPLE = "residents"
"""Travellers and hours are rounded as residents are."""


def rows(report: DemandReport) -> Iterator[tuple[Text, list[Text | str]]]:
    """The main figures with their ranges; none where the report has none.

    Yields
    ------
    tuple
        Name of the figure, and as printed: low, central and high value, and the assumption that it leans on most.
    """
    if not report.with_ranges:
        return
    for row in rows_of(extremes(report.ranges)):
        names = report.checkpoints[row["checkpoint_id"]].names if row["measure"] == RELIEF else None
        place = Text(en=names.en, zh_hant=names.zh_hant, zh_hans=names.zh_hans) if names else ""
        values = [figure(row[end], PEOPLE) for end in ("low", "central", "high")]
        yield fill(f"demand_ranges_{row['measure']}", place=place), [*values, _assumption(row["parameter"])]


def _assumption(parameter: str) -> Text:
    key = f"demand_parameter_{parameter}"
    return t(key if key in STRINGS else f"demand_ranges_{parameter}")
