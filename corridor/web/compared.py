"""A comparison as charts take it, and the labels of its scenarios."""

from __future__ import annotations

from markupsafe import Markup

from corridor.core.in_memory import kept
from corridor.drawing.compared import Compared, Criterion, Scenario
from corridor.schema.rows import row_name, rows_of, text_of
from corridor.study.compare import Comparison
from corridor.web.templates import render


@kept()
def compared(comparison: Comparison) -> Compared:
    """A comparison as charts take it; criteria on the planned build-out are left to the tables."""
    cases = (comparison.headline, comparison.headline_low, comparison.headline_high)
    criteria = []
    for row in rows_of(comparison.criteria.rename_axis("criterion_id").reset_index()):
        key = text_of(row["criterion_id"])
        if key in comparison.headline.columns and key not in comparison.on_buildout:
            value, low, high = (frame[key].astype(float).dropna().to_dict() for frame in cases)
            better, group = row["direction"] == "higher", text_of(row.get("group"))
            scored = key in comparison.value_points.columns
            title, unit = row_name(row, "title"), text_of(row.get("unit"))
            criteria.append(Criterion(key, title, unit, better, group, scored, value, low, high))
    scenarios = {i: Scenario(i, r.title, r.flag) for i, r in comparison.results.items()}
    return Compared(scenarios, comparison.reference_id, tuple(criteria))


def label(known: Compared, scenario_id: str, short: bool = False) -> Markup:
    """The title of a scenario as HTML, marked as the reference and by its flag (in one word if `short`)."""
    found = known.scenarios.get(scenario_id)
    return render(
        "label.html.j2",
        title=known.title(scenario_id),
        reference=scenario_id == known.reference_id,
        flag=found.flag if found else "",
        short=short,
    )
