"""A scenario's changes of lines that run: where they stop, how often and when they run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from corridor.core.errors import Problem, Problems, ScenarioError, nearest
from corridor.network.line_stops import concerns, unknown_stops, with_stops, without_closed, without_cut
from corridor.network.patterns import Route, directions, open_by
from corridor.network.service import Pattern
from corridor.network.stations import Station
from corridor.schema.changes import PERIOD_NAMES, LineChange, breadth, group_of
from corridor.schema.line import clock_s
from corridor.schema.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


def changed_patterns(
    routes: Sequence[Route], scenario: Scenario, lines: pd.DataFrame, stations: Mapping[str, Station]
) -> tuple[Pattern, ...]:
    """The patterns of routes, with all that the scenario changes of them: stops first, then closures, headways and hours,
    cuts last.

    Parameters
    ----------
    routes
        Of the tables and of the lines that the scenario adds.
    scenario
        What it changes.
    lines
        The table of lines, to say why one does not run.
    stations
        By id.

    Raises
    ------
    ScenarioError
        With every change that cannot be made.
    """
    unknown = dict(unknown_lines(scenario, lines, routes))
    known = tuple(c for c in scenario.line_changes if c.subject not in unknown)
    plan = scenario.model_copy(update={"line_changes": known})
    problems = Problems(ScenarioError)
    problems.extend((*unknown.values(), *unknown_stops(plan, stations)))
    problems.raise_all()
    changed = with_stops(routes, plan, stations, problems)
    patterns = without_closed([p for route in changed for p in directions(route)], plan, problems)
    whole = without_cut(with_times(patterns, plan, problems), plan, problems)
    problems.raise_all()
    return tuple(whole)


def unknown_lines(
    scenario: Scenario, lines: pd.DataFrame, routes: Sequence[Route]
) -> Iterator[tuple[str, Problem]]:
    """Changes of lines and patterns that the scenario does not run.

    Parameters
    ----------
    scenario
        Its changes, works and removals.
    lines
        The table of lines, to say why one does not run.
    routes
        Those that run.

    Yields
    ------
    tuple
        The subject of the change, and the problem with its reason.
    """
    patterns: dict[str, set[str]] = {}
    for route in routes:
        patterns.setdefault(route.line_id, set()).add(route.pattern_id)
    table = lines.set_index("line_id")
    for change in scenario.line_changes:
        where, own = scenario.place(change.subject), patterns.get(change.id)
        if own is None:
            yield change.subject, Problem(where, *_why_not(change.id, scenario, table, patterns))
        elif change.pattern and change.pattern.rstrip("<>") not in own:
            what, expected = f"pattern {change.pattern!r} is not one of the line", ", ".join(sorted(own))
            yield change.subject, Problem(where, what, f"one of {expected}", nearest(change.pattern, own))


def _why_not(
    line_id: str, scenario: Scenario, table: pd.DataFrame, running: Iterable[str]
) -> tuple[str, str, str]:
    if line_id in scenario.removed_lines:
        return "is removed", "a line that runs", "do not change what is removed"
    if any(work.id == line_id for work in scenario.works):
        return "has no service of its own", "a line with stops and headways", "change the lines it opens for"
    if line_id in table.index:
        opened, date = table.loc[line_id].get("opened"), scenario.date.isoformat()
        if not open_by(opened, date):
            what, expected = (
                f"does not run before {opened}",
                f"a line that runs on the scenario's date, {date}",
            )
            return what, expected, "choose a later date, or leave the line as it is"
        return "is not open", "a line that runs", "add a line of its own instead"
    return "does not run in this scenario", "a line that does", nearest(line_id, running)


def with_times(patterns: Sequence[Pattern], scenario: Scenario, problems: Problems) -> list[Pattern]:
    """Patterns with their changed headways and hours, which are assumptions unless the change names a source.

    What cannot be goes to `problems`.
    """
    changed = list(patterns)
    for change in sorted(scenario.line_changes, key=breadth):
        own = [i for i, p in enumerate(changed) if concerns(change, p)]
        running = {period for i in own for period in changed[i].headway_s}
        if own and change.headway_min and not _periods(change, running):
            what = f"headway in {', '.join(change.headway_min)}, when it does not run"
            expected = f"a period in which it runs: {', '.join(p for p in PERIOD_NAMES if p in running)}"
            remedy = "name the period for a new service in it"
            problems.add(scenario.place(change.subject), what, expected, remedy)
        for i in own:
            changed[i] = _at_times(changed[i], change, running)
    return changed


def _periods(change: LineChange, running: Iterable[str]) -> dict[str, float]:
    """Headways in minutes by period: a group gives it to each of its periods that run."""
    stated = change.headways
    grouped = {p: stated[group_of(p)] for p in running if group_of(p) in stated}
    return grouped | {p: minutes for p, minutes in stated.items() if p in PERIOD_NAMES}


def _at_times(pattern: Pattern, change: LineChange, running: set[str]) -> Pattern:
    """A pattern at other times; in a period in which others of the change run and it does not, it starts no service."""
    if not (change.headway_min or change.hours):
        return pattern
    stated = _periods(change, pattern.headway_s)
    new = {p: 60.0 * minutes for p, minutes in stated.items() if p in pattern.headway_s or p not in running}
    first, last = map(clock_s, change.hours) if change.hours else (pattern.first_s, pattern.last_s)
    return replace(
        pattern, headway_s={**pattern.headway_s, **new}, first_s=first, last_s=last, assumed=not change.source
    )
