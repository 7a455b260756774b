"""Clock times as a user writes them."""

from __future__ import annotations

from collections.abc import Iterable

from corridor.core.errors import CorridorError, Problems, ScenarioError
from corridor.network.service import service_clock_s
from corridor.schema.line import clock_s


def service_clock(text: str) -> float:
    """Read a clock time "HH:MM", whose hours may pass 24, as seconds of the service day, which runs from 05:00 to 29:00.

    "00:30" is 24.5 hours: a last train past midnight belongs to the day on which its service began.

    Raises
    ------
    ScenarioError
        Where it is no clock time.
    """
    clock_problems([text]).raise_all()
    return service_clock_s(float(clock_s(text)))


def clock_problems(texts: Iterable[str], error: type[CorridorError] = ScenarioError) -> Problems:
    """Check clock times.

    Parameters
    ----------
    texts
        Clock times as a user wrote them.
    error
        The class of error that the problems make when they are raised.

    Returns
    -------
    Problems
        One for each text that is no clock time; the caller raises them.
    """
    problems = Problems(error)
    for text in texts:
        try:
            clock_s(text)
        except ValueError:
            expected = "a clock time HH:MM between 00:00 and 30:59"
            problems.add("hour", repr(text), expected, "write e.g. 08:30")
    return problems
