"""Fares of lines and pairs, what they weigh in time, and what is said of tables that are wrong."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from corridor.core.errors import LayerError, NetworkError
from corridor.network.bus import BusNetwork
from corridor.network.fares import CostParameters, Fares, LineFare, Tariff
from corridor.network.service import Network
from corridor.schema.catalog import Catalog
from corridor.schema.line import FareSpec, LineSpec
from corridor.schema.role_checks import check_fare_steps
from corridor.schema.table_checks import RowChecks
from tests.network_factory import network, pattern, station

COST = CostParameters(
    boarding_penalty_s=180,
    cny_per_hkd=0.8,
    feeder_fare_cny=2,
    value_of_time_hkd_h={"all": 48, "resident": 60},
)


def tariff(tariff_id: str = "rail", **changes: object) -> Tariff:
    """5 + 2 a km, from 6 to 40, 20 more at the boundary; a and b are published at 7.5 and b to c is not sold."""
    fares = np.array([[0, 7.5, 9], [7.5, 0, np.nan], [9, np.nan, 0]])
    values: dict[str, object] = {
        "tariff_id": tariff_id, "currency": "HKD", "flat": False, "base": 5.0, "per_km": 2.0,
        "least": 6.0, "most": 40.0, "boundary_premium": 20.0, "boundary_stations": frozenset({"wall"}),
        "default_for": frozenset({"metro@hk"}), "assumed": False,
        "index": {"a": 0, "b": 1, "c": 2}, "fares": fares, "by_rule": frozenset({"c"}),
    }  # fmt: skip
    return Tariff(**{**values, **changes})  # type: ignore[arg-type]


A, B, C = station("a", 0), station("b", 1000), station("c", 4000)
NEW, WALL, OVER = station("new", 6000), station("wall", 6000), station("over", 6000, "sz")


def test_a_published_fare_stands_and_the_formula_fills_the_rest() -> None:
    fares = tariff().matrix([A, B, C, NEW])
    assert fares[0, 1] == fares[1, 0] == 7.5  # published
    assert fares[1, 2] == 5 + 2 * 3  # not sold: by formula
    assert fares[0, 3] == 5 + 2 * 6 and fares[2, 3] == 5 + 2 * 2  # 6 and 2 km
    assert (np.diag(fares) == 0).all()
    assert tariff().matrix([A, station("near", 100)])[0, 1] == 6  # 5.2 is below the least
    assert tariff().matrix([A, station("far", 90_000)])[0, 1] == 40


def test_the_premium_at_the_boundary() -> None:
    fares = tariff().matrix([A, WALL, OVER, station("beyond", 7000, "sz")])
    assert fares[0, 1] == 5 + 12 + 20  # a boundary station
    assert fares[0, 2] == 5 + 12 + 20  # on the other side
    assert fares[2, 3] == 5 + 2  # both on the other side


def test_what_is_assumed() -> None:
    assert not tariff().is_assumed("a", "b")
    assert tariff().is_assumed("b", "c")  # not sold
    assert tariff().is_assumed("a", "c")  # c by rule
    assert tariff().is_assumed("a", "new")
    assert tariff(assumed=True).is_assumed("a", "b")


@given(st.lists(st.tuples(st.floats(-1e5, 1e5), st.sampled_from(["hk", "sz"])), min_size=1, max_size=9))
def test_any_stations_have_fares_in_the_range(places: list[tuple[float, str]]) -> None:
    stations = [station(f"s{i}", x, side) for i, (x, side) in enumerate(places)]
    fares = Fares({"rail": tariff(currency="CNY")}, {}, COST).matrix_hkd("rail", stations)
    assert fares.shape == (len(stations),) * 2 and fares.dtype == np.float32
    assert np.array_equal(fares, fares.T)
    others = fares[~np.eye(len(stations), dtype=bool)]
    assert ((others >= np.float32(6 / 0.8)) & (others <= np.float32(40 / 0.8))).all()


def test_money_as_time() -> None:
    # HK$12 at 48 an hour is a quarter of an hour, at 60 twelve minutes
    assert 3_600 * 12 / COST.of(None) == 900
    assert 3_600 * 12 / COST.of("resident") == 720
    assert COST.of("visitor") == 48  # none of its own
    assert COST.in_hkd(8, "CNY") == 10 and COST.in_hkd(8, "HKD") == 8
    assert Fares({}, {}, COST).feeder_hkd == 2.5
    assert CostParameters().of(None) == math.inf  # no value of time: money does not count


def line(line_id: str, stops: tuple[str, ...], **keys: object) -> LineSpec:
    return LineSpec.model_validate(
        {
            "id": line_id, "name": {"en": line_id}, "status": "concept", "stops": stops, "length_km": 1,
            "run_time_min": 1, "headway_min": {"peak": 5, "off_peak": 5}, "hours": ["06:00", "24:00"], **keys,
        }
    )  # fmt: skip


def of_three_lines() -> tuple[Fares, Network]:
    flat = tariff("bus", flat=True, base=8.0, default_for=frozenset({"metro@both"}))
    fares = Fares(
        {"rail": tariff(), "bus": flat},
        {"old": LineFare("rail", math.nan, 600.0, assumed=False)},
        COST,
    )
    stops = (("old", ("a", "b")), ("south", ("a", "c")), ("across", ("a", "over")))
    return fares, network([A, B, C, OVER], [pattern(p, s, [60.0], 300) for p, s in stops])


def test_a_line_without_a_fare_takes_the_default_of_its_mode_and_side() -> None:
    fares, net = of_three_lines()
    found = fares.on(net.line_kinds, [])
    assert {k: fare.tariff_id for k, fare in found.lines.items()} == {
        "old": "rail",
        "south": "rail",
        "across": "bus",
    }
    assert found.flat_hkd("across") == 8 and math.isnan(found.flat_hkd("south"))
    assert found.ticketing_s == {"old": 600, "south": 600}  # as the other lines of its tariff
    assert not found.lines["old"].assumed and found.lines["south"].assumed


def test_a_work_states_its_fare() -> None:
    fares, net = of_three_lines()
    works = [
        line("south", ("a", "c"), fare={"flat": 30, "currency": "HKD"}, ticketing_min=2),
        line("across", ("a", "over"), fare={"tariff": "rail"}),
    ]
    found = fares.on(net.line_kinds, works)
    assert found.lines["south"].tariff_id == "bus" and found.flat_hkd("south") == 30
    assert found.ticketing_s["south"] == 120
    assert found.lines["across"].tariff_id == "rail"


def test_works_with_fares_that_nobody_knows_are_all_told() -> None:
    fares, net = of_three_lines()
    works = [
        line("south", ("a", "c"), fare={"tariff": "rial"}),
        line("across", ("a", "over"), fare={"flat": 3, "currency": "CNY"}),
    ]
    with pytest.raises(NetworkError) as error:
        fares.on(net.line_kinds, works)
    text = str(error.value)
    assert "line south: Unknown tariff 'rial'. Did you mean 'rail'" in text
    assert "line across: fare in CNY" in text
    nothing = Fares({"bus": tariff("bus", default_for=frozenset())}, {}, COST)
    with pytest.raises(NetworkError, match="no tariff for metro@both"):
        nothing.on(net.line_kinds, [])


@pytest.mark.parametrize("fare", [{}, {"tariff": "mtr", "flat": 3, "currency": "HKD"}, {"flat": 3}, {"tariff": "mtr", "currency": "HKD"}, {"flat": -1, "currency": "HKD"}, {"flat": 1, "currency": "EUR"}])  # fmt: skip
def test_a_fare_is_one_or_the_other(fare: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FareSpec.model_validate(fare)


def test_bus_fares_step_down_where_one_boards() -> None:
    """Stop 2 is closed to the street: the places of the steps are those of the row, not of what is left."""
    stops = pd.DataFrame({"stop_id": list("1234"), "lon": [114.1, 114.11, 114.12, 114.13], "lat": [22.4] * 4, "name_en": "s", "street_access": [1, 0, 1, 1]})  # fmt: skip
    row = {"stops": "1 2 3 4", "run_s": 900, "first": "06:00", "last": "23:00", "operator": "T", "route": "1"}
    headways = {f"headway_{p}_s": 600 for p in ("early", "am_peak", "midday", "pm_peak", "evening", "late", "night")}  # fmt: skip
    rows = pd.DataFrame([{**row, **headways, "fare_hkd": f, "fare_steps": s} for f, s in ((9, "3:5 4:2"), (7, None), (None, None))])  # fmt: skip
    net = BusNetwork.from_tables(stops, rows)
    assert net.fare_hkd.tolist() == [9, 5, 2, 7, 7, 7, 8, 8, 8]  # none stated: the middle of 9 and 7
    free = BusNetwork.from_tables(stops, rows.drop(columns=["fare_hkd", "fare_steps"]))
    assert not free.fare_hkd.any() and free.fare_hkd.size == net.stop.size


# --- the shipped tables ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Fares:
    fares = Fares.load(Catalog.bundled())
    assert fares is not None
    return fares


def test_the_shipped_fares(shipped: Fares) -> None:
    assert shipped.lines["east-rail"].tariff_id == "mtr" and shipped.lines["xrl"].tariff_id == "express-rail"
    assert shipped.flat_hkd("yellow-bus") == 10
    assert shipped.ticketing_s == {"xrl": 900}
    a, b = station("sz-luohu"), station("sz-airport-east", 30_000)
    assert shipped.matrix_hkd("sz-metro", [a, b])[0, 1] == pytest.approx(9 / 0.92)  # CNY 9
    assert not shipped.is_assumed("mtr", "admiralty", "lo-wu")
    assert shipped.is_assumed("mtr", "admiralty", "kwu-tung")
    assert shipped.is_assumed("express-rail", "west-kowloon", "hsr-futian")
    assert shipped.is_assumed("sz-metro", "sz-luohu", "sz-shenzhen-bay-checkpoint")


def test_a_catalogue_without_tariffs_has_no_fares() -> None:
    bundled = Catalog.bundled()
    roles = {"tariffs", "fare_matrix", "line_fares", "cost_parameters", "value_of_time"}
    without = Catalog(bundled.folder, tuple(e for e in bundled.entries if e.role not in roles))
    assert Fares.load(without) is None and CostParameters.load(without) == CostParameters()


# --- tables that are wrong ---------------------------------------------------------------------

Spoil = Callable[[str, str, str], str]
ROLES = ("tariffs", "fare_matrix", "line_fares", "cost_parameters", "value_of_time", "stations", "lines")


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The shipped tables of fares, and those they name, where they may be changed."""
    bundled, folder = Catalog.bundled(), tmp_path_factory.mktemp("layers")
    entries = tuple(e.model_copy(update={"sha256": ""}) for e in bundled.entries if e.role in ROLES)
    for entry in entries:
        (folder / entry.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(bundled.file_of(entry), folder / entry.path)
    return Catalog(folder, entries)


@pytest.fixture
def spoilt(copied: Catalog) -> Spoil:
    """Replace a text once in a file of the fares, and return all that is said of it."""

    def change(name: str, before: str, after: str) -> str:
        path = copied.folder / "network" / "fares" / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        try:
            path.write_text(text.replace(before, after, 1), encoding="utf-8")
            with pytest.raises((LayerError, NetworkError)) as error:
                Fares.load(Catalog(copied.folder, copied.entries))
        finally:
            path.write_text(text, encoding="utf-8")
        return str(error.value)

    return change


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("fares_express_rail.csv", "west-kowloon,0,", "west-kowlon,0,", ("fares_express_rail.csv line 4: Unknown station_id 'west-kowlon'", "Did you mean 'west-kowloon'", "column 'west-kowloon' has no row")),
        ("fares_express_rail.csv", "hsr-futian,0,", "west-kowloon,0,", ("station_id 'west-kowloon' occurs twice",)),
        ("fares_express_rail.csv", ",90,", ",-90,", ("fare to hsr-shenzhen-north: -90", "expected a number of 0 or more")),
        ("fares_express_rail.csv", ",90,", ",,", ("fare to hsr-shenzhen-north: is empty", "a fare, as the other way has one")),
        ("fares_express_rail.csv", ",90,", ",x,", ("fare to hsr-shenzhen-north: x", "expected a number of 0 or more")),
        ("line_fares.csv", "east-rail,mtr", "east-rial,mtr", ("Unknown line_id 'east-rial'", "Did you mean 'east-rail'")),
        ("line_fares.csv", "east-rail,mtr", "east-rail,mtrr", ("Unknown tariff_id 'mtrr'", "Did you mean 'mtr'")),
        ("line_fares.csv", "yellow-bus,coach,10", "yellow-bus,coach,-10", ("flat_fare -10",)),
        ("line_fares.csv", "xrl,express-rail,,15,5", "xrl,express-rail,,15,16", ("ticketing_low_min 16",)),
        ("tariffs.csv", "港鐵,港铁,HKD", "港鐵,港铁,HKG", ("tariffs.csv line 2: currency HKG", "one of HKD, CNY")),
        ("tariffs.csv", "lo-wu lok-ma-chau", "lo-woo lok-ma-chau", ("Unknown boundary station 'lo-woo'", "lo-wu")),
        ("tariffs.csv", "matrix,fares_mtr", "matrix,fares_mrt", ("Unknown matrix_layer 'fares_mrt'", "fares_mtr")),
        ("tariffs.csv", "light_rail@hk", "metro@hk", ("default_for 'metro@hk', as mtr",)),
        ("cost_parameters.csv", "cny_per_hkd,0.92,0.86", "cny_per_hkd,0,0", ("cny_per_hkd 0", "above 0")),
        ("cost_parameters.csv", "cny_per_hkd,0.92", "cny_per_hkd,0.99", ("low 0.86, value 0.99, high 0.95",)),
        ("cost_parameters.csv", "wait_weight", "weight_of_wait", ("parameter weight_of_wait",)),
        ("value_of_time.csv", "resident,50", "resident,-50", ("hkd_per_hour -50", "above 0")),
        ("value_of_time.csv", "resident,50", "resident,0", ("hkd_per_hour 0", "above 0")),
        ("value_of_time.csv", "mainland-visitor", "mainlander", ("group_id mainlander", "did you mean 'mainland-visitor'")),
        ("value_of_time.csv", "all,48", "visitor,48", ("group_id 'visitor' occurs twice",)),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(
    spoilt: Spoil, name: str, before: str, after: str, told: tuple[str, ...]
) -> None:
    text = spoilt(name, before, after)
    assert f"network/fares/{name} line " in text
    for words in told:
        assert words in text


def test_a_parameter_that_is_missing(spoilt: Spoil) -> None:
    line = next(
        x
        for x in (Catalog.bundled().folder / "network/fares/cost_parameters.csv")
        .read_text(encoding="utf-8")
        .splitlines()
        if x.startswith("walk_weight")
    )
    assert "cost_parameters: row 'walk_weight' is missing" in spoilt("cost_parameters.csv", line + "\n", "")


def test_all_that_is_wrong_in_a_file_is_told_at_once(spoilt: Spoil) -> None:
    text = spoilt("value_of_time.csv", "50,40,132", "-50,-40,132")
    assert "hkd_per_hour -50" in text and "low -40" in text


@pytest.mark.parametrize("steps", ["5.8", "0:5.8", "4:5.8", "2:5.8 2:4", "3:4 2:3", "x:5", "2:-5"])
def test_steps_of_a_bus_fare(steps: str) -> None:
    frame = pd.DataFrame({"stops": ["1 2 3", "1 2 3"], "fare_steps": ["2:5.8 3:4", steps]})
    rows = RowChecks(frame, lambda row: f"patterns.csv line {row + 2}")
    check_fare_steps(rows)
    (told,) = rows.faults.found
    assert str(told[1]).startswith(f"patterns.csv line 3: fare_steps {steps!r}")
