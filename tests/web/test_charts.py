"""Charts and pictures of the pages to read: what they draw, from numbers worked out by hand."""

import dataclasses
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, box

from corridor.drawing.basemap import prepare
from corridor.drawing.canvas import Axis, Path, Words, short, ticks
from corridor.drawing.charts import Choice, beaten
from corridor.drawing.map_marks import View
from corridor.drawing.palette import GAIN, INK, LOSS, RANGE
from corridor.drawing.small_map import _joined
from corridor.drawing.svg import elements
from corridor.drawing.wrap import NARROW_EM, em, lines
from corridor.schema.text import Text
from corridor.study.compare import Comparison
from corridor.web import charts
from corridor.web.picture import pictures
from tests import web_factory as made


@pytest.fixture(scope="module")
def whole() -> Comparison:
    return made.comparison(made.HOSTILE)


# --- small parts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, [0, 25, 50, 75, 100]),  # 4 steps of 25
        (3.2e6, 3.6e6, [3.2e6, 3.3e6, 3.4e6, 3.5e6, 3.6e6]),
        (-3, 7, [-5, -2.5, 0, 2.5, 5, 7.5]),  # a span of 10 in steps of 2.5, outwards from the values
        (5, 5, [5]),
    ],
)
def test_ticks_are_round_and_hold_the_values(low: float, high: float, expected: list[float]) -> None:
    found = ticks(low, high)
    if low == high:
        assert len(found) >= 2 and found[0] <= low <= found[-1]
    else:
        assert found == expected


def test_numbers_of_an_axis_are_short() -> None:
    found = [short(v) for v in (0, 2.5, 999, 12_000, -250_000, 3_400_000)]
    assert found == ["0", "2.5", "999", "12k", "−250k", "3.4M"]


def test_lines_break_at_spaces_and_between_chinese_letters() -> None:
    # 0.56 em a letter: "Western line" is 6.72 em wide
    assert NARROW_EM == 0.56
    assert lines("Western line (tunnel)", 7.0, em, 2) == ["Western line", "(tunnel)"]
    assert lines("二〇三五年西線", 4.0, em, 2) == ["二〇三五", "年西線"]
    assert lines("一二三四五六七八九", 4.0, em, 2) == ["一二三四", "五六七…"]


def test_a_value_stands_where_its_axis_says() -> None:
    axis = Axis.over(0, 100, 50, 200)
    assert [axis.at(v) for v in (0, 50, 100)] == [50, 150, 250]
    tight = Axis.tight(-20, 80, 0, 100, 4)
    assert tight.at(-20) == 0 and tight.at(80) == 100
    assert all(-20 <= m <= 80 for m in tight.marks) and 0 in tight.marks


# --- gain against loss --------------------------------------------------------------------------------


def test_what_another_beats_in_one_and_equals_in_the_other_is_dominated() -> None:
    none, little, much = Choice("a", 0, 0, False), Choice("b", 10, 5, False), Choice("c", 10, 9, False)
    unreal = Choice("d", 99, 0, True)
    every = [none, little, much, unreal]
    assert beaten(every).tolist() == [False, False, True, False]
    # the same as another in both is not dominated by it
    assert not beaten([*every, Choice("e", 10, 5, False)])[-1]


def test_choices_are_changes_against_the_reference(whole: Comparison) -> None:
    head = pd.DataFrame(
        {charts.ACROSS: [100.0, 350.0, 300.0], charts.LOST: [0.5, 4.0, 9.0]}, index=list(made.SCENARIOS)
    )
    criteria = pd.DataFrame(
        {"title_en": ["a", "b"], "unit": ["jobs", "ha"], "direction": ["higher", "lower"], "state": "census"},
        index=[charts.ACROSS, charts.LOST],
    )
    from dataclasses import replace

    other = replace(whole, headline=head, headline_low=head, headline_high=head, criteria=criteria)
    found = charts.choices(other)
    assert [(c.gain, c.loss, c.counterfactual) for c in found] == [
        (0, 0.5, False),
        (250, 4, False),
        (200, 9, True),
    ]
    drawn = charts.pareto_chart(other)
    assert drawn.count("<circle") == 4 and drawn.count("l7 12h-14") == 2  # in the plot and in its key
    assert charts.pareto_chart(whole) == ""  # its criteria do not say what is lost


# --- drawings -----------------------------------------------------------------------------------------


def drawings(html: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(s) for s in re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)]


def test_every_drawing_is_well_formed_named_and_described_in_three_scripts(whole: Comparison) -> None:
    layers = made.layers(made.HOSTILE_IMAGE)
    unscored = dataclasses.replace(whole, value_points=pd.DataFrame())
    made_ = (
        charts.criteria_chart(unscored) + charts.hours_chart(whole) + charts.districts_chart(whole, layers)
    )
    found = drawings(made_)
    assert len(found) == 4  # access, nature, hours, districts
    for drawing in found:
        assert drawing.get("role") == "img"
        for name in ("title", "desc"):
            assert [e.get("lang") for e in drawing.iter(name)] == ["en", "zh-Hant", "zh-Hans"]
    assert "<script" not in made_ and "<img" not in made_


def test_only_scored_criteria_are_drawn_and_many_in_rows(
    whole: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored = charts.criteria_chart(whole)  # one of the three has an anchor
    assert len(drawings(scored)) == 1 and "Sea bed taken" not in scored
    unscored = dataclasses.replace(
        whole, value_points=pd.DataFrame(), criteria=whole.criteria.assign(group="access")
    )
    assert len(drawings(charts.criteria_chart(unscored))) == 1
    monkeypatch.setattr(charts, "MOST_PANELS", 1)
    assert len(drawings(charts.criteria_chart(unscored))) == 2  # the build-out is not drawn


def test_a_range_runs_from_the_low_to_the_high_case(whole: Comparison) -> None:
    # jobs: low 0.9, high 1.1 times the middle, so each bar is 0.2 times it and its tick in the middle
    drawing = drawings(charts.criteria_chart(whole))[0]
    bars = [r for r in drawing.iter("rect") if r.get("fill") == RANGE][:3]
    marks = [r for r in drawing.iter("rect") if r.get("fill") == INK][:3]
    for bar, mark in zip(bars, marks, strict=True):
        middle = float(bar.get("x", 0)) + float(bar.get("width", 0)) / 2
        assert float(mark.get("x", 0)) + 1.3 == pytest.approx(middle, abs=0.2)
    wide = [float(b.get("width", 0)) for b in bars]
    assert wide[1] / wide[0] == pytest.approx(861_000 / 812_345, rel=0.02)


def test_districts_that_do_not_change_have_no_bar(whole: Comparison) -> None:
    drawing = drawings(charts.districts_chart(whole, made.layers()))[0]
    bars = [r.get("fill") for r in drawing.iter("rect")]
    # two scenarios: Yuen Long and Nanshan gain, North loses, Luohu stays
    assert bars.count(GAIN) == 4 and bars.count(LOSS) == 2


# --- pictures -----------------------------------------------------------------------------------------


def test_pictures_are_small_linked_and_the_same_each_time(whole: Comparison) -> None:
    layers = made.layers()
    base = prepare(layers.coastline, layers.districts)
    made_ = pictures(whole, base)
    assert pictures(whole, base) == made_
    html = made_.opening + made_.others
    found = re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)
    assert len(found) == 1 + (1 + 1) + (
        2 + 1
    )  # what they share, the one that opens, the others, each with a legend
    assert all(len(d.encode()) < 40_000 for d in found)
    for scenario_id in made.SCENARIOS:
        assert f'href="compare.html#s={scenario_id}&amp;m=jobs_60' in html
    tunnel, _, reference, viaduct = (d for d in found[1:5])
    assert 'stroke-dasharray="12 5"' in tunnel and 'stroke-dasharray="5 5"' in viaduct
    assert "stroke-dasharray" not in reference
    assert "Lo Wu" in tunnel and "Lo Wu" not in viaduct  # names are on the large one


def test_squares_of_one_colour_become_one_shape() -> None:
    # three in a row and one above, one of them on both sides of the boundary: an L of area 4 with six corners
    squares = [box(x, y, x + 1, y + 1) for x, y in ((0, 0), (1, 0), (2, 0), (0, 1), (1, 0))]
    joined = _joined(np.array(squares))
    assert joined.area == 4 and len(joined.simplify(0).exterior.coords) == 7


def test_a_view_is_in_metres_with_north_up() -> None:
    # two points one km apart along the easting: at 10 pixels a km, 10 pixels to the right
    west, south = 500_000.0, 2_500_000.0
    seen = View(0, 0, 40, 40, west, south, 100.0)
    line = LineString([(west + 1_000, south + 2_000), (west + 2_000, south + 2_000)])
    assert elements([seen.stroke(line, "#000", 1)]) == '<path d="M10 20h10" fill="none" stroke="#000"/>'
    square = box(west, south, west + 1_000, south + 1_000)
    assert 'd="M0 40' in elements([seen.area(square, "#000")]) or 'z"' in elements(
        [seen.area(square, "#000")]
    )
    # what lies beyond the view is left out
    assert seen.stroke(LineString([(0, 0), (1, 1)]), "#000", 1).runs == []


def test_a_step_of_no_length_is_left_out() -> None:
    assert elements([Path((((0, 0), (0.01, 0), (2, 0), (2, 3)),), "#000")]).startswith('<path d="M0 0h2v3"')


def test_a_text_alike_in_every_script_stands_once() -> None:
    assert elements([Words(0, 0, "08:30")]).count("<text") == 1
    assert elements([Words(0, 0, Text(en="a", zh_hant="甲", zh_hans="乙"))]).count("<text") == 3
