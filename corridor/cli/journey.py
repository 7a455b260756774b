"""`corridor journey`, `times` and `hours`: journeys between places, a table of them, accessibility by hour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from corridor.cli.options import PATH, Output, at, open_study, out_file, output, scenario, scenario_id
from corridor.cli.terminal import echo, frame_table

if TYPE_CHECKING:
    import pandas as pd

GROUPS = ("e-channel-resident", "resident", "mainland-visitor", "visitor")
LEAST = click.Choice(["cost", "time"])


@click.command()
@click.argument("origin")
@click.argument("destination")
@scenario
@at
@click.option("--group", help=f"Traveller group: {', '.join(GROUPS)} [default: mean of all].")
@click.option("--load", default=1.0, show_default=True, help="Passengers, times the mean day of 2025.")
@click.option("--least", type=LEAST, default="cost", show_default=True, help="What to minimise.")
@click.option("--explain", is_flag=True, help="Explain the choice of control point, with the next best one.")
@click.option("--spread", is_flag=True, help="Add the 10th, 50th and 90th percentile of the journey time.")
@click.option("--choices", is_flag=True, help="Add the alternatives that are best in minutes or fare.")
@output("json")
def journey(
    origin: str, destination: str, scenario: str | None, at: str, group: str | None, load: float,
    least: Literal["cost", "time"], explain: bool, spread: bool, choices: bool, to: Output,
) -> None:  # fmt: skip
    """Expected journey between two places, leg by leg, with fares.

    ORIGIN and DESTINATION: a station, control point or hub by name, code or id, or lon,lat.
    """
    from corridor.cli import journey_text as text

    study = open_study()
    scenario = scenario_id(study, scenario)
    asked = (origin, destination, scenario, at)
    found = study.journey(*asked, group=group, load=load, least=least)
    data, parts = text.journey_data(found), text.journey_parts(found)
    if explain:
        from corridor.access.cost.explain import explanation

        why = explanation(found, study.network(scenario).network)
        data["explanation"] = asdict(why)
        parts.append(text.explanation_text(why))
    if spread:
        drawn = study.spread(*asked, group=group, load=load, least=least)
        data["spread"] = text.plain_data(asdict(drawn))
        parts.append(text.spread_text(drawn))
    if choices:
        ways = study.choices(*asked, group=group, load=load)
        cny_per_hkd = found.rates.cny_per_hkd if found.rates else math.nan
        data["choices"] = text.choices_data(ways, cny_per_hkd)
        parts += text.choices_parts(ways, cny_per_hkd)
    to.show(lambda: data, lambda: tuple(parts))


@click.command()
@click.option("--origins", type=PATH, required=True, help="CSV with columns id, lon, lat.")
@click.option("--destinations", type=PATH, required=True, help="CSV with columns id, lon, lat.")
@scenario
@at
@out_file("CSV to write: from, to, minutes.")
@output("quiet")
def times(origins: Path, destinations: Path, scenario: str | None, at: str, out: Path, to: Output) -> None:
    """Journey times for all pairs of origins and destinations.

    Minutes of the least expected time; blank for a pair without service.
    """
    from corridor.cli.points import read_points

    frames = read_points((origins, destinations))
    with to.progress("origins") as tell:
        study = open_study()
        table = study.times(frames[origins], frames[destinations], scenario_id(study, scenario), at, tell)
    _write_csv(table, out, "%.1f")
    missing, walked = int(table["minutes"].isna().sum()), table.attrs.get("without_train", 0)
    if not to.quiet:
        echo(
            f"{len(table)} pairs written to {out}"
            + (f", {missing} without service (blank)" if missing else "")
            + (f", {walked} on foot or by local bus alone" if walked else "")
        )


def _write_csv(table: pd.DataFrame, out: Path, float_format: str) -> None:
    from corridor.core.csv_tables import for_people
    from corridor.core.output import CHOOSE_FILE, write_whole, writing

    with writing(out, CHOOSE_FILE):
        write_whole(out, for_people(table, float_format).encode())


@click.command()
@click.argument("scenario")
@click.option("--hours", metavar="HH:MM,...", help="Departure times [default: 05:00 to 24:00, hourly].")
@out_file("CSV to write, with every column.", required=False)
@output("quiet", "json")
def hours(scenario: str, hours: str | None, out: Path | None, to: Output) -> None:
    """Accessibility by hour, and the effect of closing times.

    SCENARIO is an id or a file.
    """
    from corridor.study.hours import HOURS, what_closing_costs

    study = open_study()
    asked = [h.strip() for h in hours.split(",")] if hours is not None else HOURS
    scenario = scenario_id(study, scenario)
    from corridor.cli.journey_text import plain_data

    with to.progress("hours") as tell:
        table = what_closing_costs(study, scenario, asked, tell)
    if out:
        _write_csv(table, out, "%.2f")
    if to.as_json or not (to.quiet and out):
        Output(as_json=to.as_json).show(
            lambda: plain_data(table.to_dict("records")),
            lambda: _hours_parts(table, study.parameters.cutoffs_min),
        )


def _hours_parts(table: pd.DataFrame, cutoffs: Sequence[int]) -> tuple[Any, ...]:
    """The main columns for the cut-offs of the study (minutes), and what they mean."""
    most, cutoff = max(cutoffs), 60 if 60 in cutoffs else max(cutoffs)
    whole, tenths = "{:,.0f}".format, lambda v: f"{round(v, 1) + 0:.1f}"  # + 0: no minus before a zero
    columns = {
        "hour": ("hour", str),
        "jobs": (f"jobs_{cutoff}", whole),
        "residents": (f"residents_{cutoff}", whole),
        "jobs across": (f"jobs_across_{cutoff}", whole),
        "hub min": ("hub_minutes", tenths),
        "open": ("open_control_points", str),
        "lost jobs": (f"lost_jobs_{cutoff}", whole),
        f"lost across in {most}": (f"lost_jobs_across_{most}", whole),
        "hub min added": ("lost_hub_minutes", tenths),
    }
    columns = {name: c for name, c in columns.items() if not table[c[0]].isna().all()}  # no jobs given
    shown = table.assign(**{name: table[c].map(write) for name, (c, write) in columns.items()})[[*columns]]
    return frame_table(shown, index=False), (
        f"\nMeans of residents within {cutoff} min; open: control points that admit at that hour; lost: compared with "
        "every control point open all day, services unchanged."
    )
