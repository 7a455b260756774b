"""Charts of a comparison: what each draws of a comparison, and the figure around it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from markupsafe import Markup

from corridor.drawing import charts
from corridor.drawing.compared import lead_of
from corridor.drawing.i18n import fill, t, term
from corridor.drawing.numbers import figure, signed
from corridor.schema.rows import names, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.answer import ACROSS
from corridor.study.answer import DISTURBED as LOST
from corridor.study.compare import Comparison
from corridor.web.compared import compared
from corridor.web.layers import PageLayers
from corridor.web.templates import drawn, render

MOST_PANELS = 7
"""Criteria side by side; more follow below."""
LOW = 240.0
"""Where the lower axis of gain against loss is on the first page, pixels from the top."""
MOST_COLUMNS = 9
"""Scenarios drawn side by side; the table has all of them."""


def chart(title: Text, drawing: Markup, *notes: Text) -> Markup:
    """A drawing under its title, with its notes."""
    return render("chart.html.j2", title=title, drawn=drawing, notes=notes)


def criteria_chart(comparison: Comparison, groups: Collection[str] | None = None) -> Markup:
    """Every scored criterion of some groups in a column of its own scale, a chart for each group.

    Parameters
    ----------
    comparison
        The comparison.
    groups
        Keys of the groups; all where None.

    Returns
    -------
    markupsafe.Markup
        HTML; scenarios without figures are left out.
    """
    known = compared(comparison)
    shown = [i for i in known.scenarios if i in comparison.headline.index]
    made = Markup()
    for group in dict.fromkeys(c.group for c in known.drawn_criteria if groups is None or c.group in groups):
        some = [c for c in known.drawn_criteria if c.group == group]
        title = fill("ranges_of", group=term("group", group))
        wide = max(118.0, min(210.0, 994.0 / min(len(some), MOST_PANELS)))
        rows = [some[at : at + MOST_PANELS] for at in range(0, len(some), MOST_PANELS)]
        panels = Markup().join(drawn(charts.ranges(known, row, shown, title, wide)) for row in rows)
        made += chart(title, panels, t("ranges_note"))
    return made


def choices(comparison: Comparison) -> list[charts.Choice]:
    """The scenarios that the ranking compares, as points: jobs gained across the boundary, wetland disturbed.

    Returns
    -------
    list of Choice
        Gains are changes against the reference, losses are values; without ranges. Empty where a criterion is missing.
    """
    table = comparison.headline
    if ACROSS not in table.columns or LOST not in table.columns:
        return []
    ranked = set(comparison.ranking["scenario_id"]) if len(comparison.ranking) else set(table.index)
    found = table.loc[[i for i in comparison.results if i in table.index and i in ranked], [ACROSS, LOST]]
    gains = found[ACROSS].astype(float) - float(table.loc[comparison.reference_id, ACROSS])
    return [
        charts.Choice(i, gain, loss, comparison.results[i].counterfactual, f"{signed(gain, 'jobs')} · {figure(loss)} ha")
        for i, gain, loss in zip(found.index, gains, found[LOST].astype(float), strict=True)
    ]  # fmt: skip


def pareto_chart(comparison: Comparison) -> Markup:
    """Gain across the boundary against wetland disturbed; nothing for fewer than three points."""
    points = choices(comparison)
    if len(points) < 3:
        return Markup()
    units = comparison.criteria["unit"]
    across = fill("pareto_x", unit=term("unit", units[LOST]))
    up = fill("pareto_y", unit=term("unit", units[ACROSS]))
    title, note = t("pareto_title"), t("pareto_note")
    return chart(
        title, drawn(charts.pareto(compared(comparison), points, title, note, across, up, bottom=LOW)), note
    )


def hours_chart(comparison: Comparison) -> Markup:
    """Jobs (or residents) within an hour by departure: lines over the day where hours are many, two dots where there are two.

    Means are over residents of zones, NaN counted as none. Nothing where there is only one hour, or nobody lives.
    """
    lead = lead_of(comparison.measures)
    rows = {m.hour: i for i, m in enumerate(comparison.measures) if m.base_id == lead}
    weight = comparison.zones["residents"].to_numpy(dtype=float)
    if len(rows) < 2 or not weight.sum():
        return Markup()
    means = {
        i: [float(np.average(np.nan_to_num(values[row]), weights=weight)) for row in rows.values()]
        for i in comparison.results
        for values in [np.asarray(comparison.zone_values[i], dtype=float)]
    }
    measure = comparison.measures[next(iter(rows.values()))]
    said = fill("hours_of", measure=measure.name, unit=measure.unit)
    draw = charts.two_hours if len(rows) == 2 else charts.many_hours
    drawing = draw(compared(comparison), list(rows), means, said)
    return chart(t("hours_title"), drawn(drawing), said, t("hours_note"))


def districts_chart(comparison: Comparison, layers: PageLayers) -> Markup:
    """Mean gain of each district, a column for each scenario (nine at most), all on one scale.

    Parameters
    ----------
    comparison
        The comparison; the measure is jobs (or residents) within an hour, or its first.
    layers
        For names of sides.

    Returns
    -------
    markupsafe.Markup
        Empty where nothing is known of districts.
    """
    frame = comparison.district_gains
    lead = lead_of(comparison.measures)
    measures = [m for m in comparison.measures if m.base_id == lead] or list(comparison.measures)
    if not len(frame) or not measures:
        return Markup()
    measure, known = measures[0], compared(comparison)
    frame = frame[frame["measure"] == measure.measure_id]
    shown = [i for i in known.others if (frame["scenario_id"] == i).any()][:MOST_COLUMNS]
    if not shown:
        return Markup()
    gains = frame.pivot_table(index="district_id", columns="scenario_id", values="gain", sort=False)[shown]
    texts = names(frame, "district_id").by_id
    region = {text_of(r["district_id"]): text_of(r.get("region")) for r in rows_of(frame)}
    most, sides = gains.abs().max(axis=1), {side: at for at, side in enumerate(layers.region.sides)}
    order = sorted(gains.index, key=lambda d: (sides.get(region[str(d)], 2), -float(most[d]), str(d)))
    rows = [
        charts.District(d, texts.get(d, Text(en=d)), layers.region.names.get(region[d]) or Text(en=region[d]))
        for d in map(str, order)
    ]
    said = fill("districts_of", measure=measure.title, unit=measure.unit)
    left_out = len(known.others) - len(shown)
    notes = [said, t("districts_note")] + ([fill("charts_left_out", count=left_out)] if left_out else [])
    heads, extent = {i: known.named(i) for i in shown}, (float(gains.min().min()), float(gains.max().max()))
    wide = max(118.0, min(170.0, 1010.0 / len(shown)))
    title = t("districts_title")
    drawing = charts.districts(gains, rows, heads, extent, measure.unit.en, title, said, wide)
    return chart(title, drawn(drawing), *notes)
