"""Charts of a comparison: criteria with their ranges, gain by district, access against habitat, access by hour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from corridor.core.errors import MissingColumnError, Problem, ScenarioError
from corridor.drawing import palette
from corridor.drawing.fonts import font
from corridor.drawing.ground import Ground
from corridor.drawing.i18n import fill, joined, listed, sentences, t, term
from corridor.drawing.labels import Box, Label, Room, ordered
from corridor.drawing.numbers import figure, marked, signed
from corridor.drawing.sheet import INK, PAPER, POINTS, QUIET, RULE, Sheet
from corridor.drawing.written import Criterion, Scenario, Written
from corridor.schema.text import Text
from corridor.study.dominance import dominates

MOST = 12
"""Scenarios in one chart, so that each can be read."""
BLUE = palette.AXES["western"]
HABITAT = "operation_wetland_equivalent_ha"
"""The habitat of the plot of access against habitat: wetland disturbed in operation, weighted by distance."""
ACCESS = "jobs_gravity_0830"
LOST = palette.WORSE[3]
LEAST_SPAN = {"ha": 0.1, "m": 10.0, "sites": 1.0, "min": 1.0}
"""The least that an axis of such a unit covers, so that what is next to nothing looks so."""
PANEL_HEAD, PANEL_FOOT = 56.0, 44.0


def named(scenario: Scenario) -> Text:
    """The title, with the mark of a counterfactual."""
    return marked(scenario.title, "counterfactual_short") if scenario.counterfactual else scenario.title


def criteria_chart(written: Written, sheet: Sheet, ids: Sequence[str], ground: Ground) -> Text:
    """Every scored criterion (each, where none is) as a row of dots with range bars, a panel each; the alt text."""
    shown = list(ids)[:MOST]
    criteria = [c for c in written.criteria if c.scored] or list(written.criteria)
    reference = written.scenarios[written.reference_id]
    y = _title(sheet, t("figure_criteria"), fill("figure_criteria_key", reference=reference.title))
    if len(shown) < len(ids):
        sheet.write(
            1576,
            34,
            sheet.say(fill("figure_some", shown=len(shown), all=len(ids))),
            13,
            colour=QUIET,
            across="right",
        )
    columns = 5
    rows = -(-len(criteria) // columns)
    left, right, floor = 282.0, 1590.0, 846.0
    width, height = (right - left) / columns, (floor - y) / rows
    for number, criterion in enumerate(criteria):
        column, row = number % columns, number // columns
        box = (left + column * width, y + row * height, width - 42, height)
        _criterion(written, sheet, criterion, shown, box, names=column == 0)
    _foot(sheet, ground)
    return _criteria_words(written, criteria, shown)


def _criterion(
    written: Written, sheet: Sheet, criterion: Criterion, shown: Sequence[str], box: Box, names: bool
) -> None:
    left, top, width, height = box
    unit = sheet.say(term("unit", criterion.unit))
    sheet.write(left, top, f"{sheet.say(criterion.title)} [{unit}]", 12.5, bold=True, width=width, most=3)
    tall = height - PANEL_HEAD - PANEL_FOOT
    axes = sheet.frame(left, top + PANEL_HEAD, width, tall)
    _quiet(axes, sheet)
    _ticks(axes, sheet, criterion.unit, narrow=True)
    for place, scenario_id in enumerate(shown):
        value, low, high = (
            side.get(scenario_id, np.nan) for side in (criterion.value, criterion.low, criterion.high)
        )
        hollow = written.scenarios[scenario_id].counterfactual
        axes.plot(
            [low, high], [place, place], color=BLUE, alpha=0.45, linewidth=5 * POINTS, solid_capstyle="butt"
        )
        _dot(axes, value, place, 8, hollow)
    axes.axvline(criterion.value[written.reference_id], color=INK, linewidth=1.0 * POINTS, zorder=0.5)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    low, high = axes.get_xlim()
    if criterion.unit in LEAST_SPAN and (
        not criterion.higher_is_better or high - low < LEAST_SPAN[criterion.unit]
    ):
        axes.set_xlim(-0.04 * max(high, LEAST_SPAN[criterion.unit]), max(high, LEAST_SPAN[criterion.unit]))
    words = sheet.say(t("better"))
    better = f"{words} →" if criterion.higher_is_better else f"← {words}"
    end = left + (width if criterion.higher_is_better else 0)
    sheet.write(
        end,
        top + height - 20,
        better,
        11,
        colour=QUIET,
        across="right" if criterion.higher_is_better else "left",
    )
    if names:
        step = tall / len(shown)
        titles = [sheet.say(named(written.scenarios[i])) for i in shown]
        widest = max(sheet.width_of(title, 13, bold=True) for title in titles)
        size = max(
            min(13.0, step * 0.78, 13 * (left - 36) / widest), 9.0
        )  # smaller rather than cut: the mark stands last
        for place, (scenario_id, title) in enumerate(zip(shown, titles, strict=True)):
            y = top + PANEL_HEAD + (place + 0.5) * step - size * 0.68
            words = sheet.cut(title, size, left - 14)
            sheet.write(left - 12, y, words, size, across="right", bold=scenario_id == written.reference_id)


def _dot(axes: Axes, x: float, y: float, size: float, hollow: bool) -> None:
    """A value; that of a counterfactual is hollow."""
    axes.plot(
        [x], [y], "o", markersize=size * POINTS, markerfacecolor=PAPER if hollow else BLUE, markeredgecolor=BLUE,
        markeredgewidth=1.6 * POINTS, zorder=3,
    )  # fmt: skip


def _criteria_words(written: Written, criteria: Sequence[Criterion], shown: Sequence[str]) -> Text:
    said = []
    for criterion in [*criteria[:2], *(c for c in criteria if c.criterion_id == HABITAT)]:
        order = sorted(shown, key=lambda i: criterion.value[i], reverse=criterion.higher_is_better)
        unit = criterion.unit
        said.append(
            fill(
                "figure_alt_criterion", criterion=criterion.title, best=named(written.scenarios[order[0]]), least=named(written.scenarios[order[-1]]),
                high=_with_unit(criterion.value[order[0]], unit), low=_with_unit(criterion.value[order[-1]], unit),
            )
        )  # fmt: skip
    return fill("figure_alt_criteria", count=len(criteria), scenarios=len(shown), facts=sentences(said))


def _with_unit(value: float, unit: str, sign: bool = False) -> Text:
    words = term("unit", unit)
    number = (signed if sign else figure)(value, unit)
    return Text(
        en=f"{number} {words.en}", zh_hant=f"{number} {words.zh_hant}", zh_hans=f"{number} {words.zh_hans}"
    )


def district_chart(written: Written, sheet: Sheet, scenario_id: str, row: int, ground: Ground) -> Text:
    """Bars of the mean change of each district, a panel for each city; the alt text."""
    scenario, measure = written.scenarios[scenario_id], written.measures[row]
    means = written.district_means(measure.measure_id)
    gains = means.sub(means[written.reference_id], axis=0)
    known = gains.index.isin(list(ground.districts))
    gains = gains[known]
    words = fill("figure_at", measure=measure.name, hour=measure.hour)
    against = fill("figure_change", reference=written.scenarios[written.reference_id].title)
    line = f"{sheet.say(words)} [{sheet.say(measure.unit)}] · {sheet.say(against)}"
    y = _title(
        sheet,
        Text(
            en=f"{t('figure_district').en}: {named(scenario).en}",
            zh_hant=f"{t('figure_district').zh_hant}：{sheet.say(named(scenario))}",
            zh_hans=f"{t('figure_district').zh_hans}：{sheet.say(named(scenario))}",
        ),
        Text(en=line),
    )
    extent = gains[[i for i in gains.columns if i in {*written.ranked, scenario_id}]].to_numpy()
    low, high = min(float(np.nanmin(extent)), 0.0), max(float(np.nanmax(extent)), 0.0)
    room, floor = (high - low or 1.0) * 0.16, 802.0
    for spot, (region, name) in enumerate(ground.region.names.items()):
        here = [d for d in gains.index if ground.districts[d][1] == region]
        rows = gains.loc[here, scenario_id].sort_values(ascending=False, kind="stable")
        left = 200.0 + spot * 790
        sheet.write(left, y, sheet.say(name), 17, bold=True)
        axes = sheet.frame(left, y + 30, 570, floor - y - 30)
        _quiet(axes, sheet)
        _ticks(axes, sheet, measure.unit.en, sign=True)
        axes.axvline(0, color=INK, linewidth=1.0 * POINTS)
        axes.set_xlim(low - (room if low < 0 else 0), high + room)
        tall = max(
            len(gains.index[[ground.districts[d][1] == r for d in gains.index]]) for r in ground.region.sides
        )
        axes.set_ylim(tall - 0.5, -0.5)
        axes.barh(
            range(len(rows)),
            rows.to_numpy(),
            height=0.68,
            color=[palette.BETTER[3] if v >= 0 else palette.WORSE[3] for v in rows],
        )
        step = (floor - y - 30) / tall
        left_data, right_data = axes.get_xlim()
        for place, (district_id, value) in enumerate(rows.items()):
            top = y + 30 + (place + 0.5) * step - 9
            sheet.write(
                left - 10,
                top,
                sheet.cut(sheet.say(ground.districts[str(district_id)][0]), 13, 172),
                13,
                across="right",
            )
            end = left + (max(value, 0.0) - left_data) / (right_data - left_data) * 570
            sheet.write(end + 6, top, signed(value, measure.unit.en), 13, colour=INK, halo=True)
    sheet.write(24, 832, sheet.say(t("figure_district_note")), 12.5)
    _foot(sheet, ground)
    flat = gains[scenario_id].dropna().sort_values(kind="stable")
    most, least = str(flat.index[-1]), str(flat.index[0])
    return fill(
        "figure_alt_district", scenario=named(scenario), measure=words, most=ground.districts[most][0], least=ground.districts[least][0],
        high=_with_unit(float(flat.iloc[-1]), measure.opportunity, sign=True), low=_with_unit(float(flat.iloc[0]), measure.opportunity, sign=True),
    )  # fmt: skip


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Which points (loss, gain) no other dominates, from the least loss on; less loss and more gain are better."""
    beaten = dominates(np.array([(gain, -loss) for loss, gain in points]).reshape(-1, 2)).any(axis=0)
    return sorted(np.flatnonzero(~beaten).tolist(), key=lambda i: points[i])


def pareto_chart(written: Written, sheet: Sheet, ids: Sequence[str], ground: Ground) -> Text:
    """Access gained against habitat lost, both as changes against the reference; the alt text."""
    by_id = {c.criterion_id: c for c in written.criteria}
    missing = [c for c in (ACCESS, HABITAT) if c not in by_id]
    if missing:
        raise MissingColumnError(
            Problem(
                str(written.folder / "results.csv"),
                f"has no criterion {', '.join(missing)}",
                "",
                "write the folder again",
            )
        )
    access, habitat = by_id[ACCESS], by_id[HABITAT]
    reference = written.scenarios[written.reference_id]
    y = _title(sheet, t("figure_pareto"), fill("figure_change", reference=reference.title)) + 16
    left, width, height = 130.0, 1400.0, 712 - y
    axes = sheet.frame(left, y + 6, width, height)
    _quiet(axes, sheet, both=True)
    points = {i: _change(habitat, access, i, written.reference_id) for i in ids}
    for scenario_id, (x, gain) in points.items():
        hollow = written.scenarios[scenario_id].counterfactual
        xs = [
            habitat.low[scenario_id] - habitat.value[written.reference_id],
            habitat.high[scenario_id] - habitat.value[written.reference_id],
        ]
        ys = [
            access.low[scenario_id] - access.low[written.reference_id],
            access.high[scenario_id] - access.high[written.reference_id],
        ]
        axes.plot(xs, [gain, gain], color=BLUE, alpha=0.4, linewidth=4 * POINTS, solid_capstyle="butt")
        axes.plot(
            [x, x],
            sorted([*ys, gain])[::2],
            color=BLUE,
            alpha=0.4,
            linewidth=4 * POINTS,
            solid_capstyle="butt",
        )
        _dot(axes, x, gain, 13, hollow)
    proposed = [i for i in ids if not written.scenarios[i].counterfactual]
    front = [proposed[k] for k in pareto_front([points[i] for i in proposed])]
    axes.plot(
        [points[i][0] for i in front],
        [points[i][1] for i in front],
        color=INK,
        linewidth=1.4 * POINTS,
        linestyle=(0, (4, 3)),
        zorder=1,
    )
    axes.margins(0.08, 0.12)
    _widen(axes)
    axes.axhline(0, color=RULE, linewidth=1 * POINTS, zorder=0.4)
    axes.axvline(0, color=RULE, linewidth=1 * POINTS, zorder=0.4)
    for axis, unit in ((axes.xaxis, "ha"), (axes.yaxis, access.unit)):
        axis.set_major_locator(MaxNLocator(7))
        axis.set_major_formatter(FuncFormatter(lambda v, _, unit=unit: signed(v, unit)))
    _tick_letters(axes, sheet)
    sheet.write(left + width / 2, y + height + 36, sheet.say(_axis(habitat)) + " →", 14, across="center")
    sheet.write(left, y - 16, "↑ " + sheet.say(_axis(access)), 14)
    _point_names(written, sheet, axes, points, (left, y + 6, width, height))
    sheet.write(24, 796, sheet.say(t("figure_pareto_note")), 13, width=1552, most=2)
    _foot(sheet, ground)
    said = [
        fill(
            "figure_alt_point",
            scenario=named(written.scenarios[i]),
            access=_with_unit(gain, access.unit, sign=True),
            habitat=_with_unit(x, habitat.unit, sign=True),
        )
        for i, (x, gain) in points.items()
    ]
    return fill("figure_alt_pareto", access=access.title, habitat=habitat.title, facts=listed(said))


def _widen(axes: Axes) -> None:
    """No less than the least span of habitat, so that what is next to nothing is not drawn as much."""
    low, high = axes.get_xlim()
    if high - low < LEAST_SPAN["ha"]:
        axes.set_xlim(low - LEAST_SPAN["ha"] / 10, low + LEAST_SPAN["ha"])


def _axis(criterion: Criterion) -> Text:
    return fill("figure_pareto_x", criterion=criterion.title, unit=term("unit", criterion.unit))


def _change(
    habitat: Criterion, access: Criterion, scenario_id: str, reference_id: str
) -> tuple[float, float]:
    return (
        habitat.value[scenario_id] - habitat.value[reference_id],
        access.value[scenario_id] - access.value[reference_id],
    )


def _point_names(
    written: Written, sheet: Sheet, axes: Axes, points: dict[str, tuple[float, float]], box: Box
) -> None:
    left, top, width, height = box
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    room = Room((left + 4, top + 4, left + width - 4, top + height - 4))
    labels = []
    for rank, (scenario_id, (x, gain)) in enumerate(points.items()):
        at = (left + (x - x0) / (x1 - x0) * width, top + height - (gain - y0) / (y1 - y0) * height)
        room.taken.append((at[0] - 8, at[1] - 8, at[0] + 8, at[1] + 8))
        labels.append(Label(sheet.say(named(written.scenarios[scenario_id])), (at,), 14, rank, INK, gap=12))
    for label in ordered(labels):
        spot = room.place(label, sheet.width_of(label.words, label.size))
        if spot:
            sheet.write(spot[0], spot[1], label.words, label.size, halo=True)


HOUR_COLUMNS = (
    "hour",
    "jobs_60",
    "lost_jobs_60",
    "jobs_across_60",
    "lost_jobs_across_60",
    "open_control_points",
)


def read_hours(path: object) -> pd.DataFrame:
    """The table that ``corridor hours --out`` writes."""
    try:
        table = pd.read_csv(str(path), dtype={"hour": str})
    except (OSError, ValueError) as error:
        raise ScenarioError(
            Problem(
                str(path),
                f"cannot be read ({error})",
                "the table of 'corridor hours --out FILE'",
                "write it first",
            )
        ) from None
    missing = [c for c in HOUR_COLUMNS if c not in table.columns]
    if missing:
        raise MissingColumnError(
            Problem(
                str(path),
                f"has no column {', '.join(missing)}",
                ", ".join(HOUR_COLUMNS),
                "write it with 'corridor hours --out FILE'",
            )
        )
    return table


def hours_chart(table: pd.DataFrame, name: Text, sheet: Sheet, ground: Ground) -> Text:
    """Access hour by hour, what closed control points take, and how many are open; the alt text."""
    y = _title(sheet, fill("figure_hours", scenario=name), Text(en=""))
    spots = np.arange(len(table))
    panels = (("jobs_60", "figure_measure_jobs"), ("jobs_across_60", "figure_measure_other_side_jobs"))
    high = (690 - y) / 2
    for number, (column, key) in enumerate(panels):
        top = y + number * (high + 34)
        title = f"{sheet.say(fill(key, minutes='60'))} [{sheet.say(t('unit_jobs'))}]"
        sheet.write(130, top, title, 15, bold=True)
        axes = sheet.frame(130, top + 24, 1430, high - 24)
        _quiet(axes, sheet, both=True)
        values, lost = table[column].to_numpy(float), table[f"lost_{column}"].to_numpy(float)
        axes.bar(spots, values, width=0.72, color=palette.BETTER[3])
        gone = lost > 0.002 * float((values + lost).max())
        axes.bar(
            spots[gone],
            lost[gone],
            bottom=values[gone],
            width=0.72,
            facecolor=PAPER,
            edgecolor=LOST,
            hatch="////",
            linewidth=1 * POINTS,
        )
        axes.set_ylim(0, float((values + lost).max()) * 1.08)
        axes.set_xlim(-0.6, len(table) - 0.4)
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: figure(v, "jobs")))
        axes.set_xticks(spots, list(table["hour"]))
        _tick_letters(axes, sheet)
    strip = y + 2 * (high + 34) + 4
    sheet.write(130, strip, sheet.say(t("figure_hours_open")), 13, bold=True)
    for place, count in enumerate(table["open_control_points"]):
        x = 130 + (place + 0.6) / (len(table) + 0.2) * 1430
        sheet.write(x, strip + 20, figure(count), 13, across="center")
    words = sheet.say(t("figure_hours_lost"))
    wide = sheet.width_of(words, 13)
    sheet.box(1560 - wide - 36, y + 4, 28, 14, PAPER, LOST, "////")
    sheet.write(1560, y + 2, words, 13, across="right")
    _foot(sheet, ground)
    shown, gone = table["jobs_across_60"].to_numpy(float), table["lost_jobs_across_60"].to_numpy(float)
    best, least, worst = int(shown.argmax()), int(shown.argmin()), int(gone.argmax())
    hour = [str(h) for h in table["hour"]]
    return fill(
        "figure_alt_hours", scenario=name, measure=fill("figure_measure_other_side_jobs", minutes="60"), most=hour[best], high=_with_unit(shown[best], "jobs"),
        least=hour[least], low=_with_unit(shown[least], "jobs"), worst=hour[worst], lost=_with_unit(gone[worst], "jobs"),
    )  # fmt: skip


def _title(sheet: Sheet, title: Text, below: Text) -> float:
    y = sheet.write(24, 22, sheet.say(title), 29, bold=True, width=1200, most=1)
    if sheet.say(below):
        y = sheet.write(24, y, sheet.say(below), 15, colour=QUIET, width=1552, most=1)
    return y + 14


def _quiet(axes: Axes, sheet: Sheet, both: bool = False) -> None:
    """Light rules, no frame, letters of the sheet."""
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom" or (both and name == "left"))
        spine.set_color(QUIET)
        spine.set_linewidth(0.8 * POINTS)
    axes.grid(axis="both" if both else "x", color=RULE, linewidth=0.8 * POINTS)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=4, labelleft=both)


def _ticks(axes: Axes, sheet: Sheet, unit: str, sign: bool = False, narrow: bool = False) -> None:
    """Figures under an axis; in a narrow panel a long one near its end is left out, for it would reach the next."""

    def words(value: float, _: object) -> str:
        said = (signed if sign else figure)(value, unit)
        low, high = axes.get_xlim()
        end = min(value - low, high - value) < 0.1 * (high - low)
        return "" if narrow and end and len(said) > 6 else said

    axes.xaxis.set_major_locator(MaxNLocator(3 if narrow else 5))
    axes.xaxis.set_major_formatter(FuncFormatter(words))
    _tick_letters(axes, sheet)


def _tick_letters(axes: Axes, sheet: Sheet) -> None:
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(font(sheet.lang, 12))
        label.set_color(QUIET)
        label.set_parse_math(False)


def _foot(sheet: Sheet, ground: Ground) -> None:
    """Notice, date and holders of the data."""
    notes = sentences([t("screening"), t("figure_modelled")])
    y = sheet.write(24, 852, sheet.say(notes), 12, width=1552, most=1)
    data = sentences(
        [
            fill("figure_data", names=joined([*ground.attributions])),
            fill("date_note", date=ground.date),
        ]
    )
    sheet.write(24, y, sheet.say(data), 10.5, colour=QUIET, width=1552, most=2)
