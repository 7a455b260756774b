"""Cost of rail works: by hand, laws that always hold, and the two railways whose cost is published."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from corridor.ecology.works.profile import Part, Site, Work
from corridor.schema.catalog import Catalog
from corridor.schema.tables import CASES, COST_ITEMS
from corridor.schema.text import Text
from corridor.study import appraise
from corridor.study.appraisal.cost import beyond, priced, quantities, with_overrun
from corridor.study.study import Study

X, Y = 500_000.0, 2_490_000.0
ENDS = list(CASES)
LAND = box(X - 1_000, Y - 1_000, X + 6_000, Y + 1_000)


def work(
    *parts: tuple[str, float, float], boxes: tuple[float, ...] = (), stops: tuple[float, ...] = (), off_m: float = 0.0
) -> Work:  # fmt: skip
    """A straight line eastward from (X, Y), with parts by chainage and station boxes `off_m` beside it."""
    length = max(end for _, _, end in parts)
    return Work(
        "line", Text(en="Line"), "concept", False, LineString([(X, Y), (X + length, Y)]),
        {f"s{n}": at for n, at in enumerate(stops)},
        tuple(Part(f"p{n}", structure, start, end) for n, (structure, start, end) in enumerate(parts)),
        tuple(Site(f"b{n}", "station_box", Point(X + at, Y + off_m), 0.3, True) for n, at in enumerate(boxes)),
    )  # fmt: skip


def amounts(found: pd.DataFrame) -> dict[str, float]:
    return dict(zip(found["item"], found["quantity"], strict=True))


@cache
def unit_costs() -> pd.DataFrame:
    return Catalog.bundled().table("unit_costs")


@pytest.fixture(scope="module")
def rates() -> pd.DataFrame:
    return unit_costs()


def test_quantities_by_hand() -> None:
    """Drawn 8 km for 10 km published: 1.25 km a drawn km. Land ends at 6 km, so 2 of 5 km of tunnel are undersea."""
    one = work(
        ("viaduct", 0, 2_000),
        ("at_grade", 2_000, 3_000),
        ("bored_tunnel", 3_000, 8_000),
        boxes=(500, 2_500, 4_000),
    )
    assert amounts(quantities([one], {"line": 10.0}, LAND)) == pytest.approx(
        {
            "viaduct": 2.5, "at_grade": 1.25, "undersea_tunnel": 2.5, "bored_tunnel": 3.75,
            "station_above": 1, "station_at_grade": 1, "station_underground": 1,
        }
    )  # fmt: skip


def test_a_river_is_no_sea_and_a_line_without_a_length_builds_stations_alone() -> None:
    across = work(("bored_tunnel", 0, 6_400), boxes=(0, 6_400))  # 400 m off land
    assert amounts(quantities([across], {"line": 6.4}, LAND)) == pytest.approx(
        {"bored_tunnel": 6.4, "station_underground": 2}
    )
    assert amounts(quantities([across], {}, LAND)) == {"station_underground": 2}


def test_a_station_off_the_line_is_at_grade_and_stops_count_where_no_site_is_listed() -> None:
    assert amounts(quantities([work(("bored_tunnel", 0, 1_000), boxes=(500,), off_m=400)], {}, LAND)) == {
        "station_at_grade": 1
    }
    assert amounts(quantities([work(("bored_tunnel", 0, 1_000), stops=(0, 1_000))], {}, LAND)) == {
        "station_underground": 2
    }


def test_cost_by_hand(rates: pd.DataFrame) -> None:
    """2 km of tunnel at 2.5, 3.5, 5 and a station at 2, 3, 5: 7, 10, 15; with 0, 45 and 83 %: 7, 14.5, 27.45."""
    built = quantities([work(("bored_tunnel", 0, 2_000), boxes=(0,))], {"line": 2.0}, LAND)
    cost = priced(built, rates)[ENDS].sum()
    assert cost.tolist() == pytest.approx([7, 10, 15])
    assert with_overrun(cost, (0, 0.45, 0.83)).tolist() == pytest.approx([7, 14.5, 27.45])


def test_what_has_no_rate_is_unknown_not_nothing(rates: pd.DataFrame) -> None:
    built = quantities([work(("viaduct", 0, 1_000), boxes=(0,))], {"line": 1.0}, LAND)
    found = priced(built, rates[rates["item"] != "viaduct"])
    assert found.set_index("item")["central"].isna().to_dict() == {"viaduct": True, "station_above": False}


def test_only_lines_that_the_reference_lacks_or_builds_otherwise_are_beyond_it() -> None:
    def rows(**km: float) -> pd.DataFrame:
        return pd.DataFrame(
            [(i, "viaduct", "km", q) for i, q in km.items()], columns=["line_id", "item", "unit", "quantity"]
        )

    assert beyond(rows(a=1, b=2, c=3), rows(a=1, b=5)).tolist() == [False, True, True]
    assert not beyond(rows(a=1), rows(a=1, b=5)).any()


@given(
    st.sampled_from(("bored_tunnel", "viaduct", "at_grade", "bridge", "cut_and_cover", "embankment", "immersed_tunnel")),
    st.floats(1, 30), st.floats(0, 30),
)  # fmt: skip
def test_a_longer_line_never_costs_less_and_ends_keep_their_order(
    structure: str, km: float, more_km: float
) -> None:
    one = work((structure, 0, 3_000), boxes=(0, 3_000))
    short, long = (
        priced(quantities([one], {"line": k}, LAND), unit_costs())[ENDS].sum() for k in (km, km + more_km)
    )
    assert (long >= short).all()
    for cost in (short, with_overrun(short, (0, 0.45, 0.83))):
        assert cost["low"] <= cost["central"] <= cost["high"]


def test_every_item_has_a_unit_cost_and_tunnels_cost_more_than_what_is_in_the_open(
    rates: pd.DataFrame,
) -> None:
    by_item = rates.set_index("item")[ENDS]
    assert set(by_item.index) == set(COST_ITEMS)
    order = ["at_grade", "viaduct", "bored_tunnel", "undersea_tunnel"]
    assert (np.diff(by_item.loc[order], axis=0) > 0).all()


# --- what is published ---


def test_the_express_rail_is_inside_its_range(rates: pd.DataFrame) -> None:
    """M01: HK$84.4 bn for 26 km of tunnel with a terminus. What it cost holds its overrun, so none is added: 67 to 135."""
    built = pd.DataFrame([("xrl", "bored_tunnel", "km", 26.0), ("xrl", "station_underground", "station", 1.0)], columns=["line_id", "item", "unit", "quantity"])  # fmt: skip
    cost = priced(built, rates)[ENDS].sum()
    assert cost.tolist() == pytest.approx([67, 94, 135])
    assert cost["low"] < 84.4 < cost["high"]
    assert abs(cost["central"] / 84.4 - 1) < 0.15


def test_the_tuen_mun_south_extension_is_at_the_high_end(rates: pd.DataFrame) -> None:
    """M02: about HK$15.8 bn for 2.4 km of viaduct and two stations with reprovisioning: high without, inside with overrun."""
    built = pd.DataFrame([("tmse", "viaduct", "km", 2.4), ("tmse", "station_above", "station", 2.0)], columns=["line_id", "item", "unit", "quantity"])  # fmt: skip
    cost = with_overrun(priced(built, rates)[ENDS].sum(), (0, 0.45, 0.83))
    assert cost["central"] < 15.8 < cost["high"]


def test_the_first_part_of_the_northern_link_is_less_than_the_whole(rates: pd.DataFrame) -> None:
    """M03: HK$31.4 bn for two of four sections and the spur's design, mixed scope: below the whole line, above its two sections
    without a station at the low end."""
    study = Study.bundled()
    built = appraise.built_works(study, ["central-2035"], "committed-2030")
    line = built[built["line_id"] == "northern-link"]
    assert amounts(line) == pytest.approx({"bored_tunnel": 10.7, "station_underground": 5})
    whole = priced(line, rates)[ENDS].sum()
    sections_km = 10.7 * (1.802 + 3.8) / 10.921
    assert sections_km * 2.5 < 31.4 < whole["low"]


def test_the_western_line_is_5_4_km_undersea_as_published() -> None:
    """W04: 5.4 km; the drawn coast makes it 5 % more. A lever builds nothing."""
    study = Study.bundled()
    built = appraise.built_works(study, ["western-2035", "committed-2030+clearance-joint"], "committed-2030")
    line = built[(built["line_id"] == "hswrl")]
    assert amounts(line)["undersea_tunnel"] == pytest.approx(5.4, rel=0.06)
    assert line.loc[line["unit"] == "km", "quantity"].sum() == pytest.approx(18.1)
    assert not built.loc[built["scenario_id"].str.contains("joint"), "added"].any()
