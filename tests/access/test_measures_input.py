"""A matrix of the user's own: every fault at once, and what is unreachable counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from corridor.access.measures.catchment import enhanced_two_step, two_step
from corridor.access.measures.impedance import Exponential, Gaussian, Logistic, Power, Steps, Within
from corridor.access.measures.matrix import travel_matrix
from corridor.access.measures.opportunity import cumulative, dual, gravity
from corridor.access.measures.saved import person_minutes_saved, spread_trips
from corridor.core.errors import CorridorError, Problem

TABLE = pd.DataFrame({"from": list("aabb"), "to": list("xyxy"), "minutes": [5.0, np.nan, np.inf, 10.0]})


def problems(*args: object, call: object = travel_matrix, **options: object) -> tuple[Problem, ...]:
    with pytest.raises(CorridorError) as caught:
        call(*args, **options)  # type: ignore[operator]
    return caught.value.problems


def test_nan_and_infinity_are_the_same_and_counted() -> None:
    for times in (TABLE, [[5, np.nan], [np.inf, 10]]):
        matrix = travel_matrix(times)
        assert matrix.minutes.tolist() == [[5, np.inf], [np.inf, 10]]
        assert matrix.unreachable == 2
        assert [n.what for n in matrix.notes] == [
            "2 of 4 pairs are unreachable (1 of them given as NaN); 0 origins reach nothing"
        ]


def test_nothing_to_say_is_said_by_no_note() -> None:
    assert travel_matrix([[1, 2]]).notes == ()


def test_the_input_is_left_as_it_was() -> None:
    times = np.array([[5, np.nan]])
    travel_matrix(times)
    assert np.isnan(times[0, 1])


def test_an_origin_that_reaches_nothing_is_counted() -> None:
    assert travel_matrix([[np.inf, np.nan], [1, 2]]).notes[-1].what.endswith("1 origins reach nothing")


def test_floats_of_32_bits_stay_so() -> None:
    assert travel_matrix(np.ones((2, 2), dtype=np.float32)).minutes.dtype == np.float32


def test_every_fault_of_one_call_at_once() -> None:
    found = problems([[1, -2], [-3, 4]], [1, -1, np.nan], [30, 30], call=cumulative)
    assert [p.where for p in found] == ["times", "opportunities", "cutoffs_min"]
    assert found[0].what == "2 negative times, the first -2 at [0, 1]"
    assert found[1].what == "has shape (3,)" and found[1].expected == "2 values"
    found = problems([[1, 2]], [-1, np.inf], [np.nan], 30, call=two_step)
    assert [(p.where, p.what.split(",")[0]) for p in found] == [
        ("supply", "1 negative values"),
        ("supply", "1 infinite values"),
        ("demand", "1 missing values"),
    ]


def test_every_fault_of_a_table_at_once() -> None:
    table = pd.DataFrame({"from": list("aab"), "to": list("xxy"), "minutes": [1, -2, 3]})
    found = problems(table)
    assert [p.what for p in found] == [
        "1 negative times, the first -2 at a to x",
        "1 rows repeat a pair, the first a to x",
        "2 of 2 x 2 pairs have no row",
    ]


def test_missing_pairs_are_unreachable_only_where_you_say_so() -> None:
    table = TABLE.iloc[[0, 3]]
    assert "missing='unreachable'" in problems(table)[0].remedy
    matrix = travel_matrix(table, missing="unreachable")
    assert matrix.minutes.tolist() == [[5, np.inf], [np.inf, 10]]
    assert matrix.notes[0].what == "2 pairs without a row are taken as unreachable"


@pytest.mark.parametrize(
    ("times", "what"),
    [
        ([1, 2, 3], "has shape (3,)"),
        (np.zeros((0, 3)), "has shape (0, 3)"),
        ([["a", "b"]], "holds what is no number, or rows of unequal length"),
        ([[1, 2], [3]], "holds what is no number, or rows of unequal length"),
        (TABLE.drop(columns="minutes"), "has no column minutes"),
        (TABLE.iloc[:0], "has no rows"),
        (TABLE.assign(to=["x", None, "x", "y"]), "1 rows name no place in from or to"),
        (TABLE.assign(minutes="soon"), "holds what is no number, or rows of unequal length"),
    ],
)
def test_what_is_no_matrix(times: object, what: str) -> None:
    assert [p.what for p in problems(times)] == [what]


def test_named_places_need_names() -> None:
    (found,) = problems(TABLE, [1, 2], [30], call=cumulative)
    assert found.expected == "a pandas Series with the names as index"
    found = problems(TABLE, pd.Series([1, 2, 3], index=["x", "z", "z"]), [30], call=cumulative)  # type: ignore[assignment]
    assert [p.what for p in found] == [
        "1 names repeat, the first z",
        "1 places have no value, the first y",
        "1 values are of places the times do not have, the first z",
    ]


def test_a_matrix_is_read_once() -> None:
    matrix = travel_matrix(TABLE)
    assert travel_matrix(matrix) is matrix
    assert dual(matrix, pd.Series({"x": 1, "y": 1}), [1])[1].to_dict() == {"a": 5, "b": 10}


@pytest.mark.parametrize(
    "make",
    [
        lambda: Exponential(0),
        lambda: Power(-1),
        lambda: Power(1, 0),
        lambda: Logistic(30, np.nan),
        lambda: Gaussian(np.inf),
        lambda: Within(0),
        lambda: Steps((10, 5), (1, 0.5)),
        lambda: Steps((10, 20), (1,)),
        lambda: Steps((), ()),
        lambda: Steps((10,), (-1,)),
    ],
)
def test_an_impedance_that_cannot_be(make: object) -> None:
    problems(call=make)


def test_an_impedance_of_your_own_is_checked() -> None:
    assert gravity([[10.0, np.inf]], [2, 5], lambda t: 1 / t).tolist() == [0.2]
    (found,) = problems([[5.0, 50.0]], [1, 1], lambda t: 30 - t, call=gravity)
    assert found.what == "gives -20.0 at 50 min"
    (found,) = problems([[5.0, 50.0]], [1, 1], lambda t: t.sum(axis=1), call=gravity)
    assert found.what == "gives shape (1,)"
    problems([[5.0]], [1], [1], lambda t: np.full_like(t, np.nan), call=enhanced_two_step)


def test_saved_needs_the_same_places() -> None:
    assert problems([[1, 2]], [[1], [2]], [[1, 1]], call=person_minutes_saved)[0].where == "after"
    assert problems([[1, 2]], [[1, 2]], [1, 1], call=person_minutes_saved)[0].where == "trips"
    assert problems([[1, 2]], [[1, 2]], [[1, np.nan]], call=person_minutes_saved)[0].where == "trips"
    assert problems(TABLE, [[1, 2], [3, 4]], np.ones((2, 2)), call=person_minutes_saved)[0].where == "after"
    other = TABLE.replace({"to": {"y": "z"}})
    found = problems(TABLE, other, np.ones((2, 2)), call=person_minutes_saved)
    assert found[0].what == "2 destinations are in only one of the two, the first y"
    assert problems([1], [0], call=spread_trips)[0].where == "opportunities"
