"""Clock times as a user writes them."""

from __future__ import annotations

from collections.abc import Iterable

from corridor.core.errors import CorridorError, Problems, ScenarioError
from corridor.network.service import service_clock_s
from corridor.schema.line import clock_s


def read_clock(text: str) -> float:
    """Seconds after midnight of "HH:MM"; raises :class:`ScenarioError` where it is no clock time."""
    clock_problems([text]).raise_all()
    return float(clock_s(text))


def service_clock(text: str) -> float:
    """The same in the day of service: after midnight it goes on from 24:00."""
    return service_clock_s(read_clock(text))


def clock_problems(texts: Iterable[str], error: type[CorridorError] = ScenarioError) -> Problems:
    """What is wrong with clock times, each named, to be raised as `error`."""
    problems = Problems(error)
    for text in texts:
        try:
            clock_s(text)
        except ValueError:
            expected = "a clock time HH:MM between 00:00 and 30:59"
            problems.add("hour", repr(text), expected, "write e.g. 08:30")
    return problems
