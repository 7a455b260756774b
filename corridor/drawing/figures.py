"""Pictures of the charts: a title, one or more drawings and the notes on a sheet, with its alt text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from corridor.core.errors import LayerError, MissingColumnError, ScenarioError
from corridor.drawing import charts, palette
from corridor.drawing.canvas import Drawing
from corridor.drawing.compared import Criterion
from corridor.drawing.draws import fan
from corridor.drawing.ground import Ground
from corridor.drawing.i18n import fill, joined, listed, sentences, t, term
from corridor.drawing.numbers import figure, signed
from corridor.drawing.sheet import HEIGHT, QUIET, WIDTH, Sheet
from corridor.drawing.written import Written
from corridor.schema.text import Text

MOST = 12
"""Scenarios in one chart, so that each can be read."""
ACCESS, HABITAT = "jobs_gravity_0830", "operation_wetland_equivalent_ha"
"""Access, and the habitat it is set against: wetland disturbed in operation, weighted by distance."""
COLUMNS = 7
MARGIN, FOOT_Y = 24.0, 840.0
ROOM = WIDTH - 2 * MARGIN
MOST_FANS = 18
"""Criteria of an ensemble in one picture."""
FAN_NAME_WIDE, FAN_WIDE, FAN_LEFT, FAN_FIGURES_LEFT = 560.0, 430.0, 610.0, 1300.0
FAN_SCALE, FAN_NOTE_Y = 1.5, 808.0
FAN_HIGHEST_ROW = 52.0
HOUR_COLUMNS = (
    "hour", "jobs_60", "lost_jobs_60", "jobs_across_60", "lost_jobs_across_60", "open_control_points",
)  # fmt: skip


def criteria_figure(written: Written, sheet: Sheet, ids: Sequence[str], ground: Ground) -> Text:
    """Draw every scored criterion (each, where none is) with its ranges.

    Parameters
    ----------
    written
        The comparison.
    sheet
        The sheet to draw on; its language is that of the figure.
    ids
        Scenarios, of which the first twelve are drawn.
    ground
        The basemap, for holders of data and its date.

    Returns
    -------
    Text
        The alt text.
    """
    compared, shown = written.compared, list(ids)[:MOST]
    criteria = compared.drawn_criteria
    some = fill("figure_some", shown=len(shown), all=len(ids)) if len(shown) < len(ids) else Text(en="")
    y = title_lines(sheet, t("figure_criteria"), sentences([t("figure_criteria_key"), some]))
    count = -(-len(criteria) // COLUMNS)
    columns = -(-len(criteria) // count)
    scale = 1.25
    wide = min((ROOM / scale - charts.LABEL) / columns, 210.0)
    high = (FOOT_Y - y) / scale / count
    row = min((high - charts.HEAD - charts.FOOT) / len(shown), 40.0)
    for number in range(count):
        some_criteria = criteria[number * columns : (number + 1) * columns]
        drawn = charts.ranges(compared, some_criteria, shown, t("figure_criteria"), wide, row)
        sheet.draw(*drawn.marks, left=MARGIN, top=y + number * high * scale, scale=scale)
    foot(sheet, ground)
    said = []
    for criterion in [*criteria[:2], *(c for c in criteria if c.criterion_id == HABITAT)]:
        order = sorted(shown, key=lambda i: criterion.value[i], reverse=criterion.higher_is_better)
        high_text, low_text = (_with_unit(criterion.value[i], criterion.unit) for i in (order[0], order[-1]))
        ends = {"best": compared.named(order[0]), "least": compared.named(order[-1])}
        sizes = {"high": high_text, "low": low_text}
        said.append(fill("figure_alt_criterion", criterion=criterion.title, **ends, **sizes))
    return fill("figure_alt_criteria", count=len(criteria), scenarios=len(shown), facts=sentences(said))


def district_figure(written: Written, sheet: Sheet, scenario_id: str, row: int, ground: Ground) -> Text:
    """Draw the mean change of each district against the reference as bars, a panel for each side of the boundary.

    Parameters
    ----------
    written
        The comparison.
    sheet
        The sheet to draw on.
    scenario_id
        The scenario. The scale holds those that are ranked as well, so that figures of several compare.
    row
        Which of ``written.measures``.
    ground
        The basemap, for names and sides of districts.

    Returns
    -------
    Text
        The alt text.

    Raises
    ------
    LayerError
        Where the folder is of another study than the basemap.
    """
    measure, compared = written.measures[row], written.compared
    means = written.district_means(measure.measure_id)
    gains = means.sub(means[compared.reference_id], axis=0)
    gains = gains[gains.index.isin(list(ground.districts))]
    if gains.empty:
        what, expected = "has no district of this study", "the study that the folder was written with"
        raise LayerError.at(str(written.folder), what, expected, "name that study with --study")
    words = fill("figure_at", measure=measure.name, hour=measure.hour)
    against = fill("figure_change", reference=compared.named(compared.reference_id))
    shown = fill("dot_between", a=fill("measure_unit", measure=words, unit=measure.unit), b=against)
    title = fill("figure_title_of", title=t("figure_district"), scenario=compared.named(scenario_id))
    y = title_lines(sheet, title, shown)
    extent = gains[[i for i in gains.columns if i in {*written.ranked, scenario_id}]].to_numpy()
    ends = float(np.nanmin(extent)), float(np.nanmax(extent))
    best = gains[scenario_id].sort_values(ascending=False, kind="stable")
    drawn = []
    for side, name in ground.region.names.items():
        of_side = [str(d) for d in best.index if ground.districts[str(d)][1] == side]
        rows = [charts.District(d, ground.districts[d][0], name) for d in of_side]
        heads = {scenario_id: Text(en="")}
        drawn.append(charts.districts(gains, rows, heads, ends, measure.unit.en, title, words, 262.0))
    highest, widest = max(d.height for d in drawn), sum(d.width for d in drawn)
    scale = min((FOOT_Y - y - 30) / highest, (ROOM - 80) / widest)
    for number, drawing in enumerate(drawn):
        sheet.draw(*drawing.marks, left=MARGIN + number * (WIDTH / 2 - MARGIN), top=y, scale=scale)
    sheet.write(MARGIN, FOOT_Y - 12, t("figure_district_note"), 12.5)
    foot(sheet, ground)
    known = best.dropna().sort_values(kind="stable")
    low, high = (_with_unit(float(known.iloc[at]), measure.opportunity, sign=True) for at in (0, -1))
    least, most = (ground.districts[str(known.index[at])][0] for at in (0, -1))
    ends_said = {"most": most, "high": high, "least": least, "low": low}
    return fill("figure_alt_district", scenario=compared.named(scenario_id), measure=words, **ends_said)


def pareto_lacks(written: Written) -> list[str]:
    """Which criteria of the chart a folder does not hold: a study without jobs or land cover lacks some."""
    return [c for c in (ACCESS, HABITAT) if c not in {c.criterion_id for c in written.compared.criteria}]


def pareto_figure(written: Written, sheet: Sheet, ids: Sequence[str], ground: Ground) -> Text:
    """Draw access gained against habitat lost, both as changes against the reference.

    Parameters
    ----------
    written
        The comparison.
    sheet
        The sheet to draw on.
    ids
        Scenarios, a point each.
    ground
        The basemap, for holders of data and its date.

    Returns
    -------
    Text
        The alt text.

    Raises
    ------
    MissingColumnError
        Where the folder lacks one of the two criteria.
    """
    compared = written.compared
    by_id = {c.criterion_id: c for c in compared.criteria}
    if missing := pareto_lacks(written):
        where, fault = str(written.folder / "results.csv"), f"has no criterion {', '.join(missing)}"
        raise MissingColumnError.at(where, fault, "a study with jobs and land cover", "draw another chart")
    access, habitat = by_id[ACCESS], by_id[HABITAT]
    choices = [_choice(written, access, habitat, i) for i in ids]
    title, note = t("figure_pareto"), t("figure_pareto_note")
    against = fill("figure_change", reference=compared.named(compared.reference_id))
    y = title_lines(sheet, title, against)
    units = [fill("figure_pareto_x", criterion=c.title, unit=term("unit", c.unit)) for c in (habitat, access)]
    drawn = charts.pareto(compared, choices, title, note, *units)
    _fitted(sheet, drawn, y, FOOT_Y - 40)
    sheet.write(MARGIN, FOOT_Y - 34, note, 13, width=ROOM, most=2)
    foot(sheet, ground)
    said = [
        fill(
            "figure_alt_point", scenario=compared.named(c.scenario_id), access=_with_unit(c.gain, access.unit, sign=True),
            habitat=_with_unit(c.loss, habitat.unit, sign=True),
        )
        for c in choices
    ]  # fmt: skip
    return fill("figure_alt_pareto", access=access.title, habitat=habitat.title, facts=listed(said))


def _choice(written: Written, access: Criterion, habitat: Criterion, scenario_id: str) -> charts.Choice:
    """A scenario as changes against the reference: access case by case, habitat against its central value."""
    i, base = scenario_id, written.compared.reference_id
    gain, loss = access.value[i] - access.value[base], habitat.value[i] - habitat.value[base]
    gains = sorted((gain, access.low[i] - access.low[base], access.high[i] - access.high[base]))
    losses = habitat.low[i] - habitat.value[base], habitat.high[i] - habitat.value[base]
    figures = f"{signed(gain, access.unit)} · {signed(loss, habitat.unit)} ha"
    unreal = written.compared.scenarios[i].counterfactual
    return charts.Choice(i, gain, loss, unreal, figures, (gains[0], gains[-1]), losses)


def read_hours(path: Path) -> pd.DataFrame:
    """The table that ``corridor hours --out`` writes.

    Parameters
    ----------
    path
        A CSV.

    Returns
    -------
    pandas.DataFrame
        A row an hour, ``hour`` as text.

    Raises
    ------
    ScenarioError
        For a file that cannot be read.
    MissingColumnError
        For columns of :data:`HOUR_COLUMNS` that it lacks.
    """
    where, expected = str(path), "the table of 'corridor hours --out FILE'"
    try:
        table = pd.read_csv(path, dtype={"hour": str})
    except (OSError, ValueError) as error:
        raise ScenarioError.at(where, f"cannot be read ({error})", expected, "write it first") from None
    if missing := [c for c in HOUR_COLUMNS if c not in table.columns]:
        fault, remedy = f"has no column {', '.join(missing)}", "write it with 'corridor hours --out FILE'"
        raise MissingColumnError.at(where, fault, ", ".join(HOUR_COLUMNS), remedy)
    return table


def hours_figure(table: pd.DataFrame, name: Text, sheet: Sheet, ground: Ground) -> Text:
    """Draw access hour by hour, what closed control points take, and how many are open.

    Parameters
    ----------
    table
        See :func:`read_hours`.
    name
        Title of the scenario.
    sheet
        The sheet to draw on.
    ground
        The basemap, for holders of data and its date.

    Returns
    -------
    Text
        The alt text.
    """
    title = fill("figure_hours", scenario=name)
    _fitted(sheet, charts.hour_bars(table, title), title_lines(sheet, title, Text(en="")), FOOT_Y)
    foot(sheet, ground)
    jobs, lost = table["jobs_across_60"].to_numpy(float), table["lost_jobs_across_60"].to_numpy(float)
    best, least, worst = int(jobs.argmax()), int(jobs.argmin()), int(lost.argmax())
    hour = [str(h) for h in table["hour"]]
    return fill(
        "figure_alt_hours", scenario=name, measure=fill("figure_measure_other_side_jobs", minutes="60"), most=hour[best],
        high=_with_unit(jobs[best], "jobs"), least=hour[least], low=_with_unit(jobs[least], "jobs"), worst=hour[worst],
        lost=_with_unit(lost[worst], "jobs"),
    )  # fmt: skip


@dataclass(frozen=True)
class FanRow:
    """A criterion and the difference of a pair in it.

    Attributes
    ----------
    quantiles
        At 5, 25, 50, 75 and 95 %, in the unit of the criterion.
    extent
        The largest difference either side of zero that its scale holds, above 0.
    """

    criterion: Criterion
    quantiles: Sequence[float]
    extent: float


def fan_figure(rows: Sequence[FanRow], a: Text, b: Text, draws: int, sheet: Sheet, ground: Ground) -> Text:
    """Draw the difference between two scenarios with its quantiles, a row a criterion.

    Parameters
    ----------
    rows
        Criteria in order, of which the first eighteen are drawn.
    a, b
        Names of the two scenarios; the difference is the first less the second.
    draws
        How many draws the quantiles are of.
    sheet
        The sheet to draw on; its language is that of the picture.
    ground
        For holders of data and its date.

    Returns
    -------
    Text
        The alt text.
    """
    pair = fill("ensemble_pair", a=a, b=b)
    y = title_lines(sheet, pair, fill("ensemble_fan_draws", title=t("ensemble_fan"), draws=f"{draws:,}"))
    shown = list(rows)[:MOST_FANS]
    high = min((FAN_NOTE_Y - 14 - y) / max(len(shown), 1), FAN_HIGHEST_ROW)
    said = []
    for row in shown:
        one, middle = row.criterion, y + high / 2
        low, _, centre, _, most = (signed(q, one.unit) for q in row.quantiles)
        better = t("more_better" if one.higher_is_better else "less_better")
        sheet.write(MARGIN, middle - 17, one.title, 15, width=FAN_NAME_WIDE, most=1)
        unit = fill("dot_between", a=term("unit", one.unit), b=better)
        sheet.write(MARGIN, middle + 3, unit, 11, colour=palette.QUIET, width=FAN_NAME_WIDE, most=1)
        drawing = fan(row.quantiles, row.extent, one.higher_is_better, pair, one.title, FAN_WIDE)
        top = middle - drawing.height * FAN_SCALE / 2
        sheet.draw(*drawing.marks, left=FAN_LEFT, top=top, scale=FAN_SCALE)
        span = Text(en=f"{centre} ({low} … {most})")
        sheet.write(FAN_FIGURES_LEFT, middle - 9, span, 14)
        said.append(fill("ensemble_fan_said", criterion=one.title, span=span, unit=term("unit", one.unit)))
        y += high
    sheet.write(MARGIN, FAN_NOTE_Y, t("ensemble_fan_picture"), 12, width=ROOM, most=3)
    foot(sheet, ground, y=FOOT_Y + 6)
    return sentences([fill("ensemble_fan_alt", pair=pair, draws=f"{draws:,}"), listed(said)])


def foot(sheet: Sheet, ground: Ground, *more: Text, y: float = 852.0, first: Sequence[Text] = ()) -> None:
    """Write what must stay beside every picture: the notice, holders of the data, its date.

    Parameters
    ----------
    sheet
        The sheet.
    ground
        The basemap, with holders and date.
    *more
        Sentences after the date.
    y
        Top of the foot in units of the sheet.
    first
        Sentences before the notice.
    """
    notes = sentences([*first, t("screening"), t("figure_modelled")])
    y = sheet.write(MARGIN, y, notes, 12, width=ROOM, most=1)
    names = fill("figure_data", names=joined(ground.attributions))
    data = sentences([names, fill("date_note", date=ground.date), *more])
    lines = max(1, int((HEIGHT - y) / 14.5))
    sheet.write(MARGIN, y, data, 10.5, colour=QUIET, width=ROOM, most=lines)


def _with_unit(value: float, unit: str, sign: bool = False) -> Text:
    number = (signed if sign else figure)(value, unit)
    return fill("figure_with_unit", number=number, unit=term("unit", unit))


def title_lines(sheet: Sheet, title: Text, below: Text) -> float:
    """Write title and the line below it; where the drawing may begin."""
    y = sheet.write(MARGIN, 22, title, 29, bold=True, width=ROOM, most=1)
    if below.en:
        y = sheet.write(MARGIN, y, below, 15, colour=QUIET, width=ROOM, most=1)
    return y + 14


def _fitted(sheet: Sheet, drawing: Drawing, top: float, floor: float) -> None:
    """A drawing as large as fits between two heights."""
    scale = min(ROOM / drawing.width, (floor - top) / drawing.height)
    sheet.draw(*drawing.marks, left=(WIDTH - drawing.width * scale) / 2, top=top, scale=scale)
