"""The declaration of the layers' columns: in step with the code that reads them and with the catalogue."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.network.compiled import BOARD_ALIGHT_S
from corridor.network.service import PERIODS
from corridor.schema.catalog import Catalog
from corridor.schema.line import clock_s
from corridor.schema.table_checks import RowChecks
from corridor.schema.tables import HALLS, PERIOD_NAMES, SYSTEMS, TABLES, Column, Table


def line(row: int) -> str:
    return f"x.csv line {row + 2}"


def told(table: Table, **columns: list[object]) -> list[str]:
    rows = RowChecks(pd.DataFrame(columns), line)
    rows.check_cells(table)
    return [str(p) for p in rows.faults]


def test_the_declaration_names_what_the_network_knows() -> None:
    assert tuple(name for name, _, _ in PERIODS) == PERIOD_NAMES
    assert set(BOARD_ALIGHT_S) == set(SYSTEMS)


@pytest.mark.parametrize("role", TABLES)
def test_a_declaration_is_whole(role: str) -> None:
    table = TABLES[role]
    names = [c.name for c in table.columns]
    assert len(set(names)) == len(names)
    named = [
        *table.key,
        *(c for pair in table.positions for c in pair),
        *(c for r in table.rising for c in r),
    ]
    assert set(named) <= set(table.required)
    for column in table.columns:
        assert set(column.refers) <= {*TABLES, HALLS}
        assert (column.kind == "choice") == bool(column.allowed)
        assert column.required or column.empty or column.kind != "id"


@pytest.mark.parametrize("entry", Catalog.bundled().entries, ids=lambda e: e.id)
def test_the_catalogue_names_the_columns_that_must_be_there(entry) -> None:
    """A reader of the catalogue learns of every column without which a file is refused."""
    if entry.role in TABLES:
        assert set(TABLES[entry.role].required) <= set(entry.fields)


def test_the_bundle_is_in_order() -> None:
    assert Catalog.bundled().check() == []


CLOCK = Table((Column("first", "clock"),))


@given(st.from_regex(r"[0-9]{1,2}:[0-9]{1,2}", fullmatch=True))
def test_a_clock_time_is_one_to_the_schema_when_it_is_one_to_the_scenarios(text: str) -> None:
    try:
        clock_s(text)
    except ValueError:
        assert told(CLOCK, first=[text])
    else:
        assert told(CLOCK, first=[text]) == []


@given(st.lists(st.one_of(st.none(), st.floats(), st.text(max_size=4)), min_size=1, max_size=30))
def test_what_passes_as_a_number_is_one_in_its_range(values: list[object]) -> None:
    table = Table((Column("x", "number", "m", 0, 9, empty=True),))
    rows = RowChecks(pd.DataFrame({"x": values}, dtype=object), line)
    frame = rows.check_cells(table)
    if not rows.faults:
        number = frame["x"].to_numpy(dtype=float, na_value=np.nan)
        assert ((number >= 0) & (number <= 9) | np.isnan(number)).all()
        assert list(np.isnan(number)) == list(pd.isna(pd.Series(values, dtype=object)))


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (Column("x", "number", "s", 0, above=True), 0, "x.csv line 2: x 0; expected a number (s) above 0; "),
        (Column("x", "number", "s", 0), -1, "expected a number (s) of 0 or more; "),
        (Column("x", "number", "s", 0, 9), 10, "expected a number (s) from 0 to 9; "),
        (Column("x", "number", "0 or 1", 0, 1), 0.5, "expected a number (0 or 1) from 0 to 1; "),
        (
            Column("x", "choice", allowed=("one", "two")),
            "tow",
            "expected one of one, two; did you mean 'two'",
        ),
        (Column("x", "id"), "a b", "expected an id without spaces; "),
        (Column("x", "text"), None, "x is empty; expected a text; fill it"),
        (Column("x", "text"), " ", "expected a text; write a text"),
        (Column("x", "date", empty=True), "2030-02-32", "YYYY-MM-DD, or an empty cell; "),
        (Column("x", "pairs"), "west-kowloon", "stop:checkpoint"),
    ],
)
def test_a_cell_is_told_with_its_value(column: Column, value: object, expected: str) -> None:
    (text,) = told(Table((column,)), x=[value])
    assert expected in text


def test_positions() -> None:
    """Row 2 is right, 3 swapped, 4 in Beijing, 5 in metres, 6 missing its latitude."""
    table = Table(
        (Column("lon", "number"), Column("lat", "number")),
        positions=(("lon", "lat"),),
        extent_deg=(111.0, 21.0, 117.0, 25.0),
    )
    text = told(table, lon=[114.1, 22.3, 116.4, 836694.0, 114.0], lat=[22.3, 114.1, 39.9, 819069.0, None])
    assert len(text) == 4
    assert "x.csv line 6: lat is empty" in text[0]
    assert "x.csv line 3: lon 22.3, lat 114.1: lon and lat look swapped" in text[1]
    assert "x.csv line 4: lon 116.4, lat 39.9: outside the region" in text[2]
    assert "x.csv line 5: lon 836694, lat 819069: coordinates are not degrees" in text[3]


def test_hours_may_pass_midnight_but_not_fall() -> None:
    table = Table((Column("first", "clock"), Column("last", "clock")), rising=(("first", "last"),))
    assert told(table, first=["05:30", "9:00"], last=["24:45", "10:00"]) == []
    (text,) = told(table, first=["05:30"], last=["00:45"])
    assert "first 05:30, last 00:45; expected first <= last" in text


def test_a_key_of_two_columns() -> None:
    table = Table((), key=("a", "b"))
    frame = pd.DataFrame({"a": ["x", "x", "x", None, None], "b": [1, 2, 1, 1, 1]})
    rows = RowChecks(frame, line)
    rows.check_key(table)
    (problem,) = rows.faults
    assert problem.where == "x.csv line 4"
    assert problem.what == "a 'x', b '1' occurs twice (first: x.csv line 2)"


def test_a_layer_that_cannot_be_asked_is_not_held_against() -> None:
    table = Table((Column("s", "id", refers=("stations", HALLS)),))
    frame = pd.DataFrame({"s": ["a", "b@hk", None, "c"]})
    ids = {"stations": frozenset({"a"}), HALLS: frozenset({"b@hk"})}
    rows = RowChecks(frame, line)
    rows.check_references(table, ids.get)
    (problem,) = rows.faults
    assert (problem.where, problem.what) == ("x.csv line 5", "Unknown s 'c'")
    unread = RowChecks(frame, line)
    unread.check_references(table, {HALLS: frozenset[str]()}.get)
    assert not unread.faults


def test_run_times_go_by_the_order_of_the_stops() -> None:
    """Pattern a ends at the row with seq 3 though it stands first; b lacks the run to its second stop."""
    frame = pd.DataFrame(
        {
            "pattern_id": ["a", "a", "a", "b", "b"],
            "seq": [3, 1, 2, 1, 2],
            "run_s": [None, 60.0, 70.0, 0.0, None],
        }
    )
    rows = RowChecks(frame, line)
    rows.check_run_times()
    (problem,) = rows.faults
    assert (problem.where, problem.what) == ("x.csv line 5", "run_s 0.0")
