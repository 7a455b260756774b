"""Charts of index.html as inline drawings: criteria with their ranges, gain and loss, hours, districts.

Each is drawn from the frame whose table stands beside it, in one colour for better (purple) and one for worse
(orange); sign, position and shape say the same, so that nothing rests on colour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from corridor.drawing import palette
from corridor.drawing.i18n import fill, t, term
from corridor.drawing.numbers import figure, signed, unit_of
from corridor.schema.rows import names, number_of, row_name, rows_of, text_of
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.study.dominance import dominates
from corridor.web.html import tag, tri
from corridor.web.layers import PageLayers
from corridor.web.svg import drawing, path, px, short, ticks, words_at
from corridor.web.titles import Asked

BETTER, WORSE, RANGE, INK, QUIET, RULE = (
    palette.BETTER[-1],
    palette.WORSE[-1],
    palette.BETTER[2],
    "#22262a",
    "#5b6268",
    "#d8d9d6",
)
LABEL, ROW, HEAD, FOOT = 178.0, 27.0, 76.0, 20.0
MOST_PANELS = 7
"""Criteria side by side; more follow below."""
LEAST_SPAN = 1e-6
"""Values closer than this are one, which rounding must not spread over an axis."""
MOST_COLUMNS, MOST_LINES = 9, 12
"""Scenarios drawn side by side, and as lines; the table has all of them."""
ACROSS, LOST = "other_side_jobs_gravity_0830", "construction_wetland_equivalent_ha"
LEAD = "jobs_60"


def chart(title: Text, drawn: str, *notes: Text) -> str:
    """A chart under its title, scrolled sideways where it is wider than the page, with its notes."""
    said = [tri(note) for note in notes]
    return tag(
        "figure",
        tag("figcaption", tag("h3", tri(title))),
        tag("div", drawn, class_="scroll", tabindex="0"),
        tag("p", " ".join(said), class_="note") if said else "",
        class_="chart-box",
    )


@dataclass(frozen=True)
class Axis:
    """A straight scale from values to pixels, with round marks inside it."""

    marks: list[float]
    low: float
    high: float
    start: float
    length: float

    @classmethod
    def over(cls, low: float, high: float, start: float, length: float, most: int = 4) -> Axis:
        """An axis whose round ends hold all values."""
        marks = ticks(low, high, most)
        return cls(marks, marks[0], marks[-1], start, length)

    @classmethod
    def tight(cls, low: float, high: float, start: float, length: float, most: int = 4) -> Axis:
        """An axis that ends at the values themselves."""
        return cls([m for m in ticks(low, high, most) if low <= m <= high], low, high, start, length)

    def at(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + self.length * (value - self.low) / (self.high - self.low)

    def grid(self, top: float, bottom: float) -> str:
        """Rules across the rows, numbers below; the outer numbers stand inwards, so that no column meets the next."""
        rules = "".join(
            f'<path d="M{px(self.at(m))} {px(top)}V{px(bottom)}" stroke="{"#8b9298" if m == 0 else RULE}"/>'
            for m in self.marks
        )
        every = 1 if self.length / len(self.marks) > 34 else 2
        written = self.marks[::every]
        anchors = ["middle"] * len(written)
        if self.length < 250:
            anchors[0] = "start" if self.at(written[0]) - self.start < 12 else "middle"
            anchors[-1] = "end" if self.start + self.length - self.at(written[-1]) < 12 else anchors[-1]
        return rules + "".join(
            words_at(self.at(m), bottom + 10, Text(en=short(m)), size=10, fill=QUIET, text_anchor=anchor)
            for m, anchor in zip(written, anchors, strict=True)
        )


# --- criteria ----------------------------------------------------------------------------------------


def criteria_chart(comparison: Comparison) -> str:
    """Every scored criterion in a column of its own scale, each scenario a bar from its low to its high case.

    Where nothing is scored, every criterion.
    """
    keys = [
        str(k)
        for k in comparison.criteria.index
        if str(k) in comparison.headline.columns and k not in comparison.on_buildout
    ]
    keys = [k for k in keys if k in comparison.value_points.columns] or keys
    groups: dict[str, list[str]] = {}
    for key in keys:
        groups.setdefault(text_of(comparison.criteria.loc[key].get("group")), []).append(key)
    shown = [i for i in Asked(comparison).ids if i in comparison.headline.index]
    return "".join(
        chart(
            fill("ranges_of", group=term("group", group)),
            "".join(
                _ranges(
                    comparison,
                    term("group", group),
                    some[at : at + MOST_PANELS],
                    shown,
                    min(len(some), MOST_PANELS),
                )
                for at in range(0, len(some), MOST_PANELS)
            ),
            t("ranges_note"),
        )
        for group, some in groups.items()
    )


def _ranges(
    comparison: Comparison, group: Text, keys: Sequence[str], shown: Sequence[str], columns: int
) -> str:
    wide = max(118.0, min(210.0, 994.0 / columns))
    bottom = HEAD + ROW * len(shown)
    width, height = LABEL + wide * len(keys), bottom + FOOT
    rules = "".join(
        f'<path d="M0 {px(HEAD + ROW * r)}H{px(width)}" stroke="#eceae4"/>' for r in range(len(shown))
    )
    parts = [rules, _labels(comparison, shown)]
    for number, key in enumerate(keys):
        parts.append(_range_column(comparison, key, shown, LABEL + wide * number, wide))
    return drawing(fill("ranges_of", group=group), t("ranges_note"), width, height, *parts)


def _labels(comparison: Comparison, shown: Sequence[str], width: float = LABEL - 8) -> str:
    named = Asked(comparison)
    parts = []
    for row, scenario_id in enumerate(shown):
        middle = HEAD + ROW * (row + 0.5)
        weight = "700" if scenario_id == comparison.reference_id else None
        parts.append(
            words_at(0, middle, named.said(scenario_id), size=10.5, width=width, fill=INK, font_weight=weight)
        )
    return "".join(parts)


def _case(comparison: Comparison, case: str, scenario_id: str, key: str) -> float | None:
    frame = getattr(comparison, case)
    known = frame is not None and key in frame.columns and scenario_id in frame.index
    return number_of(frame.loc[scenario_id, key]) if known else None


def _range_column(comparison: Comparison, key: str, shown: Sequence[str], left: float, wide: float) -> str:
    row = comparison.criteria.loc[key]
    spans: list[tuple[float, float, float] | None] = []
    for scenario_id in shown:
        middle, low, high = (
            _case(comparison, c, scenario_id, key) for c in ("headline", "headline_low", "headline_high")
        )
        whole = [v for v in (low, middle, high) if v is not None]
        spans.append(None if middle is None else (min(whole), middle, max(whole)))
    known = [s for s in spans if s is not None]
    if not known:
        return ""
    low, high = min(s[0] for s in known), max(s[2] for s in known)
    if high - low < LEAST_SPAN:
        high = low + 1
    axis = Axis.over(low, high, left + 10, wide - 24, 3)
    bottom = HEAD + ROW * len(shown)
    arrow = "→ " if row["direction"] == "higher" else "← "
    direction = t("more_better" if row["direction"] == "higher" else "less_better")
    parts = [
        words_at(left + 10, 29, row_name(dict(row), "title"), size=10.5, width=wide - 18, most=4, fill=INK, font_weight="600"),
        words_at(left + 10, 66, Text(en=arrow + unit_of(row).en + ", " + direction.en,
                                     zh_hant=arrow + unit_of(row).in_script("zh-Hant") + "，" + direction.in_script("zh-Hant"),
                                     zh_hans=arrow + unit_of(row).in_script("zh-Hans") + "，" + direction.in_script("zh-Hans")),
                 size=9.5, width=wide - 12, most=1, fill=QUIET),
        axis.grid(HEAD, bottom),
    ]  # fmt: skip
    for number, span in enumerate(spans):
        if span is None:
            continue
        y = HEAD + ROW * (number + 0.5)
        a, b, c = (axis.at(v) for v in span)
        parts.append(
            f'<rect x="{px(a)}" y="{px(y + 1)}" width="{px(max(c - a, 0.8))}" height="8" fill="{RANGE}"/>'
        )
        parts.append(f'<rect x="{px(b - 1.3)}" y="{px(y - 1)}" width="2.6" height="12" fill="{INK}"/>')
        anchor = "start" if b < left + wide * 0.6 else "end"
        parts.append(
            words_at(
                b - 2 if anchor == "start" else b + 2,
                y - 6.5,
                Text(en=figure(span[1], row.get("unit"))),
                size=9.5,
                fill=INK,
                text_anchor=anchor,
            )
        )
    return "".join(parts)


# --- gain against loss -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """A scenario as a point: what it gains (more is better) and what it takes from nature (less is better)."""

    scenario_id: str
    gain: float
    loss: float
    counterfactual: bool


def dominated(choice: Choice, others: Sequence[Choice]) -> bool:
    """Whether another one, which somebody proposes, dominates it in the two (:func:`corridor.study.dominance.dominates`)."""
    rivals = [choice, *(o for o in others if not o.counterfactual)]
    return bool(dominates(np.array([(o.gain, -o.loss) for o in rivals]))[:, 0].any())


def choices(comparison: Comparison) -> list[Choice]:
    """The scenarios that the ranking compares, as points; none where a criterion is missing."""
    table = comparison.headline
    if ACROSS not in table.columns or LOST not in table.columns:
        return []
    ranked = set(comparison.ranking["scenario_id"]) if len(comparison.ranking) else set(table.index)
    base = float(table.loc[comparison.reference_id, ACROSS])
    return [
        Choice(i, float(table.loc[i, ACROSS]) - base, float(table.loc[i, LOST]), bool(r.counterfactual))
        for i, r in comparison.results.items()
        if i in table.index and i in ranked
    ]


def pareto_chart(comparison: Comparison) -> str:
    """Gain across the boundary against wetland disturbed; what another scenario beats in both is hollow."""
    points = choices(comparison)
    if len(points) < 3:
        return ""
    width, height, left, top, right, bottom = 1100.0, 400.0, 64.0, 30.0, 660.0, 350.0
    x = Axis.over(0, max(max(p.loss for p in points), 0.01), left, right - left, 5)
    low, high = min(p.gain for p in points), max(p.gain for p in points)
    up = Axis.over(min(low, 0), max(high, 1), 0, 1, 5)

    def y_of(gain: float) -> float:
        return bottom - up.at(gain) * (bottom - top)

    grid = "".join(
        f'<path d="M{px(left)} {px(y_of(m))}H{px(right)}" stroke="{"#8b9298" if m == 0 else RULE}"/>'
        + words_at(
            left - 6,
            y_of(m),
            Text(en=("+" if m > 0 else "") + short(m)),
            size=10,
            fill=QUIET,
            text_anchor="end",
        )
        for m in up.marks
    )
    best = sorted(
        (p for p in points if not p.counterfactual and not dominated(p, points)),
        key=lambda p: (p.loss, p.gain),
    )
    stairs: list[tuple[float, float]] = []
    for p in best:
        if stairs:
            stairs.append((x.at(p.loss), stairs[-1][1]))
        stairs.append((x.at(p.loss), y_of(p.gain)))
    edge = (
        f'<path d="{path(stairs)}" fill="none" stroke="{BETTER}" stroke-width="1.4" stroke-dasharray="5 3"/>'
        if len(stairs) > 1
        else ""
    )
    unit_y, unit_x = comparison.criteria.loc[ACROSS], comparison.criteria.loc[LOST]
    axes = words_at(left, 10, fill("pareto_y", unit=unit_of(unit_y)), size=11, fill=INK) + words_at(
        (left + right) / 2,
        bottom + 32,
        fill("pareto_x", unit=unit_of(unit_x)),
        size=11,
        fill=INK,
        text_anchor="middle",
    )
    taken: list[tuple[float, float]] = [(x.at(p.loss), y_of(p.gain)) for p in points]
    marks, key = [], []
    for number, p in enumerate(points, 1):
        at = x.at(p.loss), y_of(p.gain)
        marks.append(_mark(at, p, dominated(p, points)) + _numbered(number, at, taken))
        key.append(
            _key_row(
                comparison, number, p, dominated(p, points), right + 34, top + 12 + 31 * (number - 1), width
            )
        )
    height = max(height, top + 31 * len(points) + 12)
    drawn = drawing(
        t("pareto_title"),
        t("pareto_note"),
        width,
        height,
        x.grid(top, bottom),
        grid,
        edge,
        axes,
        *marks,
        *key,
    )
    return chart(t("pareto_title"), drawn, t("pareto_note"))


def _mark(at: tuple[float, float], choice: Choice, beaten: bool) -> str:
    x, y = at
    if choice.counterfactual:
        return f'<path d="M{px(x)} {px(y - 7)}l7 12h-14z" fill="#fff" stroke="{WORSE}" stroke-width="2"/>'
    if beaten:
        return f'<circle cx="{px(x)}" cy="{px(y)}" r="5.5" fill="#fff" stroke="{QUIET}" stroke-width="2"/>'
    return f'<circle cx="{px(x)}" cy="{px(y)}" r="6" fill="{BETTER}" stroke="#fff"/>'


def _numbered(number: int, at: tuple[float, float], taken: list[tuple[float, float]]) -> str:
    """The number of a point, in the first place around it that is free."""
    x, y = at
    around = [
        (12, -8),
        (12, 10),
        (-12, -8),
        (-12, 10),
        (16, 1),
        (-16, 1),
        (0, -15),
        (0, 17),
        (24, -14),
        (-24, -14),
        (26, 14),
    ]
    free = (
        (x + dx, y + dy)
        for dx, dy in around
        if all(abs(x + dx - a) > 11 or abs(y + dy - b) > 11 for a, b in taken)
    )
    spot = next(free, (x + 12, y - 8))
    taken.append(spot)
    return words_at(*spot, Text(en=str(number)), size=11, fill=INK, text_anchor="middle", font_weight="700")


def _key_row(
    comparison: Comparison, number: int, choice: Choice, beaten: bool, left: float, y: float, width: float
) -> str:
    name = Asked(comparison).said(choice.scenario_id)
    figures = f"{signed(choice.gain, 'jobs')} · {figure(choice.loss)} ha"
    state = t("pareto_beaten") if beaten else t("pareto_best")
    tail = f" · {figures}"
    small = Text(
        en=state.en + tail,
        zh_hant=state.in_script("zh-Hant") + tail,
        zh_hans=state.in_script("zh-Hans") + tail,
    )
    return (
        _mark((left, y), choice, beaten)
        + words_at(left + 14, y, Text(en=f"{number}"), size=11, font_weight="700", fill=INK)
        + words_at(left + 32, y - 5, name, size=11, width=width - left - 34, most=1, fill=INK)
        + words_at(left + 32, y + 8, small, size=9.5, fill=QUIET)
    )


# --- hours -------------------------------------------------------------------------------------------


def hours_chart(comparison: Comparison) -> str:
    """Jobs within an hour by departure: lines over the day where hours are many, two dots where there are two."""
    rows = {m.hour: i for i, m in enumerate(comparison.measures) if m.base_id == LEAD}
    if len(rows) < 2:
        return ""
    weight = comparison.zones["residents"].to_numpy(dtype=float)
    if not weight.sum():
        return ""
    means = {
        i: [
            float(np.average(np.nan_to_num(np.asarray(v, dtype=float)[row]), weights=weight))
            for row in rows.values()
        ]
        for i, v in ((i, comparison.zone_values[i]) for i in comparison.results)
    }
    measure = comparison.measures[next(iter(rows.values()))]
    title = fill("hours_of", measure=measure.name, unit=measure.unit)
    draw: Callable[[Comparison, list[str], dict[str, list[float]], Text], str] = (
        _dumbbells if len(rows) == 2 else _day
    )
    return chart(t("hours_title"), draw(comparison, list(rows), means, title), title, t("hours_note"))


def _dumbbells(comparison: Comparison, hours: list[str], means: dict[str, list[float]], title: Text) -> str:
    shown, top = list(means), 30.0
    every = [v for values in means.values() for v in values]
    axis = Axis.over(min(every), max(every), LABEL + 20, 560, 5)
    shift = HEAD - top
    bottom = top + ROW * len(shown)
    parts = [
        f'<g transform="translate(0 {px(-shift)})">{_labels(comparison, shown)}</g>',
        axis.grid(top, bottom),
    ]
    for row, scenario_id in enumerate(shown):
        y = top + ROW * (row + 0.5)
        first, last = means[scenario_id]
        a, b = axis.at(first), axis.at(last)
        parts.append(f'<path d="M{px(b)} {px(y)}H{px(a)}" stroke="{RANGE}" stroke-width="3"/>')
        parts.append(f'<circle cx="{px(a)}" cy="{px(y)}" r="5.5" fill="{BETTER}"/>')
        parts.append(f'<circle cx="{px(b)}" cy="{px(y)}" r="5" fill="#fff" stroke="{INK}" stroke-width="2"/>')
        for at, value, side in ((a, first, a >= b), (b, last, b > a)):
            parts.append(
                words_at(
                    at + (10 if side else -10),
                    y,
                    Text(en=figure(value, "jobs")),
                    size=10,
                    fill=INK,
                    text_anchor="start" if side else "end",
                )
            )
    legend = (
        f'<circle cx="{px(LABEL + 26)}" cy="12" r="5.5" fill="{BETTER}"/>'
        + words_at(LABEL + 38, 12, Text(en=hours[0]), size=11, fill=INK)
        + f'<circle cx="{px(LABEL + 106)}" cy="12" r="5" fill="#fff" stroke="{INK}" stroke-width="2"/>'
        + words_at(LABEL + 118, 12, Text(en=hours[1]), size=11, fill=INK)
    )
    return drawing(t("hours_title"), title, LABEL + 660, bottom + FOOT, legend, *parts)


def _day(comparison: Comparison, hours: list[str], means: dict[str, list[float]], title: Text) -> str:
    shown, left, right, top, bottom = list(means)[:MOST_LINES], 60.0, 560.0, 16.0, 300.0
    every = [v for i in shown for v in means[i]]
    up = Axis.over(min(every), max(every), 0, 1, 5)
    clock = [int(h[:2]) + int(h[3:5]) / 60 for h in hours]
    order = np.argsort(clock)
    across = Axis([], min(clock), max(clock), left, right - left)
    grid = "".join(
        f'<path d="M{px(left)} {px(bottom - up.at(m) * (bottom - top))}H{px(right)}" stroke="{RULE}"/>'
        + words_at(
            left - 6,
            bottom - up.at(m) * (bottom - top),
            Text(en=short(m)),
            size=10,
            fill=QUIET,
            text_anchor="end",
        )
        for m in up.marks
    ) + "".join(
        words_at(
            across.at(clock[k]), bottom + 12, Text(en=hours[k]), size=10, fill=QUIET, text_anchor="middle"
        )
        for k in order
    )
    dashes = ("", "7 3", "2 3", "9 3 2 3")
    colours = (BETTER, palette.AXES["western"], palette.AXES["central"], INK)
    lines, ends = [], []
    for number, i in enumerate(shown):
        style = f'stroke="{colours[number % 4]}" stroke-dasharray="{dashes[number // 4 % 4]}"'
        points = [(across.at(clock[k]), bottom - up.at(means[i][k]) * (bottom - top)) for k in order]
        lines.append(f'<path d="{path(points)}" fill="none" stroke-width="2" {style}/>')
        y = top + 6 + 22 * number
        ends.append(
            f'<path d="M{px(right + 20)} {px(y)}h26" stroke-width="2" {style}/>'
            + words_at(right + 52, y, Asked(comparison).said(i), size=10.5, width=230, most=1, fill=INK)
        )
    return drawing(t("hours_title"), title, right + 290, bottom + 26, grid, *lines, *ends)


# --- districts ---------------------------------------------------------------------------------------


def districts_chart(comparison: Comparison, layers: PageLayers) -> str:
    """Mean gain of each district, a column for each scenario, all on one scale."""
    frame = comparison.district_gains
    measures = [m for m in comparison.measures if m.base_id == LEAD] or list(comparison.measures)
    if not len(frame) or not measures:
        return ""
    measure = measures[0]
    frame = frame[frame["measure"] == measure.measure_id]
    shown = [i for i in Asked(comparison).others if (frame["scenario_id"] == i).any()][:MOST_COLUMNS]
    if not shown:
        return ""
    table = frame.pivot_table(index="district_id", columns="scenario_id", values="gain", sort=False)[shown]
    named = names(frame if "name_en" in frame.columns else layers.districts, "district_id")
    region = {text_of(r["district_id"]): text_of(r.get("region")) for r in rows_of(frame)}
    most, sides = table.abs().max(axis=1), {side: at for at, side in enumerate(layers.region.sides)}
    order = sorted(table.index, key=lambda d: (sides.get(region[str(d)], 2), -float(most[d]), str(d)))
    title = fill("districts_of", measure=measure.title, unit=measure.unit)
    left_out = len(Asked(comparison).others) - len(shown)
    notes = [title, t("districts_note")] + ([fill("charts_left_out", count=left_out)] if left_out else [])
    return chart(
        t("districts_title"),
        _district_grid(comparison, layers, table.loc[order], named.by_id, region, measure.unit.en, title),
        *notes,
    )


def _district_grid(
    comparison: Comparison, layers: PageLayers, table: pd.DataFrame, named: object, region: dict[str, str], unit: str, title: Text
) -> str:  # fmt: skip
    texts = dict(named)  # type: ignore[call-overload]
    label, high, head = 138.0, 17.0, 44.0
    wide = max(118.0, min(170.0, 1010.0 / len(table.columns)))
    low, top_value = min(float(table.min().min()), 0.0), max(float(table.max().max()), 1.0)
    parts: list[str] = []
    y = head
    rows: list[tuple[float, str]] = []
    last = ""
    for district in table.index:
        if region[str(district)] != last:
            last = region[str(district)]
            parts.append(
                words_at(
                    0,
                    y + 9,
                    layers.region.names.get(last) or Text(en=last),
                    size=10.5,
                    font_weight="700",
                    fill=INK,
                )
            )
            y += 18
        parts.append(
            words_at(
                4,
                y + high / 2,
                texts.get(str(district), Text(en=str(district))),
                size=10.5,
                width=label - 8,
                most=1,
                fill=INK,
            )
        )
        rows.append((y + high / 2, district))
        y += high
    for number, scenario_id in enumerate(table.columns):
        axis = Axis.tight(low, top_value, label + wide * number + 6, wide - 50, 4)
        parts.append(
            words_at(
                axis.start,
                18,
                Asked(comparison).said(scenario_id),
                size=10.5,
                width=wide - 22,
                most=3,
                fill=INK,
                font_weight="600",
            )
        )
        parts.append(axis.grid(head, y))
        zero = axis.at(0)
        for middle, district in rows:
            gain = float(table.loc[district, scenario_id])
            end = axis.at(gain)
            words = signed(gain, unit)
            if words not in {"0", "≈ 0"}:
                colour = BETTER if gain > 0 else WORSE
                parts.append(
                    f'<rect x="{px(min(zero, end))}" y="{px(middle - 5)}" width="{px(max(abs(end - zero), 0.7))}" height="10" fill="{colour}"/>'
                )
            tail = max(zero, end) + 3
            parts.append(
                words_at(
                    tail,
                    middle,
                    Text(en=_brief(gain, words)),
                    size=9.5,
                    fill=QUIET if words in {"0", "≈ 0"} else INK,
                )
            )
    return drawing(t("districts_title"), title, label + wide * len(table.columns), y + FOOT, *parts)


def _brief(gain: float, words: str) -> str:
    """A change short enough to stand at the end of its bar."""
    if words in {"0", "≈ 0"} or abs(gain) < 10_000:
        return words
    return ("+" if gain > 0 else "−") + f"{abs(gain) / 1000:,.0f}k"
