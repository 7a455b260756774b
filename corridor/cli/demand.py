"""`corridor demand`: who crosses where in a scenario, and what changes against the do-minimum."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridor.cli import options
from corridor.cli.options import Output, do_minimum, open_study, output, scenario_id
from corridor.cli.terminal import cells, echo, frame_table

if TYPE_CHECKING:
    import pandas as pd

    from corridor.study.demand_report import DemandReport

DAYS = ("all", "weekday", "friday", "weekend", "holiday")
STATES = ("census", "buildout-2035")


@click.command()
@click.argument("scenario")
@options.reference
@click.option("--day", type=click.Choice(DAYS), default="all", show_default=True, help="Type of day.")
@click.option(
    "--land", type=click.Choice(STATES), default="census", show_default=True, help="Residents and jobs."
)
@options.build_out
@click.option("--period", default="2025", show_default=True, help="Counted period that the model reproduces.")
@options.gathered(
    "own",
    dict,
    click.option("--counts", type=options.PATH, help="CSV of your own counts in place of the shipped ones."),
    click.option(
        "--trips",
        type=options.PATH,
        help="Your own trips between zones in place of modelled ones: CSV or OMX.",
    ),
    click.option("--zones", type=options.PATH, help="CSV of your own zones, if --trips has them."),
    click.option("--shares", type=options.PATH, help="CSV of your own shares of groups and purposes."),
)
@click.option(
    "--out", type=options.PATH, help="Folder to write: a page, CSV tables, GeoPackage, OMX matrices."
)
@click.option(
    "--ranges", is_flag=True, help="Main figures at both ends of each assumption; takes some three minutes."
)
@output("quiet", "json", "open")
def demand(
    scenario: str, reference: str | None, day: str, land: str, build_out: str, period: str,
    own: dict[str, Path | None], out: Path | None, ranges: bool, to: Output,
) -> None:  # fmt: skip
    """Crossings by control point, relief and time saved.

    SCENARIO is an id or a file. A screening aid: what it leaves out is in docs/demand.md.
    """
    from corridor.core.output import check_target

    if to.open_page and not out:
        raise click.UsageError("--open needs --out: there is no page without a folder")
    if build_out and land == "census":
        raise click.UsageError("--build-out needs --land buildout-2035: today's people have no share of it")
    if out:
        check_target(out)
    study = open_study(build_out)
    ids = scenario_id(study, scenario), scenario_id(study, reference or do_minimum(study))
    found = study.demand(ids[0], ids[1], period=period, day=day, state=land, **own)
    found = replace(found, with_ranges=ranges)
    from corridor.formats.demand import has_omx, summary

    if out:
        from corridor.web.write import write_demand

        write_demand(found, out)
        if not to.quiet and not to.as_json:
            omx = "" if has_omx() else "; for trips.omx: pip install 'corridor[omx]'"
            echo(f"Written to {out}{omx}\n")
    to.show(lambda: summary(found), lambda: _parts(found))
    if out:
        to.open(out / "demand.html")


def _parts(found: DemandReport) -> tuple[Any, ...]:
    benefit = found.benefit[["saved_h", "saved_hkd", "trips_new", "trips_moved"]].sum()
    same, before = found.travellers.same_third_share
    share = f" ({found.build_out})" if found.build_out else ""
    return (
        f"{found.scenario_id} against {found.reference_id}; counts of {found.counted}, day type {found.day}, land "
        f"{found.state}{share}: crossings a day, both directions",
        frame_table(_crossing_rows(found), index=False),
        f"\nAll control points: {found.demand.total:,.0f} a day ({benefit.trips_new:+,.0f}); "
        f"{benefit.trips_moved:,.0f} more use another control point, net.",
        *_own_trips(found),
        *_new_lines(found),
        f"Saved: {benefit.saved_h:,.0f} equivalent hours a day, worth HKD {benefit.saved_hkd:,.0f} (waiting and walking count "
        "twice, fares and choice count too; these are not clock hours).",
        f"Trips with both ends in one third of the boundary that cross in it: {same:.1%} ({before:.1%} in the reference).",
        *_range_lines(found),
        "\nAssumed: a new control point has the constant of its site, else that of the mean hall; shares of the day's spells. Trips "
        "within one side are not modelled. A screening aid, not a forecast (docs/demand.md).",
    )


def _own_trips(found: DemandReport) -> tuple[str, ...]:
    if (trips := found.given_trips) is None:
        return ()
    lost = (
        f"; {trips.lost:,.0f} are between zones that no counted control point joins, and are left out"
        if trips.lost >= 1
        else ""
    )
    return (
        f"Your own trips: {trips.total:,.0f} a day{lost}. They pass the control points in the shares of the "
        f"{trips.counted:,.0f} passengers counted.",
    )


def _new_lines(found: DemandReport) -> tuple[str, ...]:
    if found.new_crossings is None:
        return ()
    low, _, high = found.demand_study.parameters.ends("new_line_constant_min")
    fewest, central, most = found.new_crossings
    return (
        f"New control points: {central:,.0f} a day ({fewest:,.0f} to {most:,.0f} if they cost {high:g} min more or "
        f"{-low:g} min less than assumed).",
    )


def _range_lines(found: DemandReport) -> tuple[str, ...]:
    """How far assumptions move the main figures, one at a time."""
    if not found.with_ranges:
        base = found.demand.base
        said = f"Calibrated in {base.rounds} rounds to {base.largest_miss_per_day:.1f} passengers a day at the worst count."
        return (said, "One central run: --ranges shows how far the assumptions move it.")
    from corridor.study.demand_ranges import NEW, SAVED, extremes

    lines, names = ["\nOne assumption at a time at either end of its range:"], found.checkpoints
    for row in extremes(found.ranges).to_dict("records"):
        what = {NEW: "crossings on new lines", SAVED: "equivalent hours saved"}.get(row["measure"])
        what = what or f"relief of {names[row['checkpoint_id']].names.en}"
        low, central, high = (f"{row[end]:,.0f}" for end in ("low", "central", "high"))
        lines.append(f"  {what}: {central} a day ({low} to {high}; depends most on {row['parameter']})")
    return tuple(lines)


def _crossing_rows(found: DemandReport) -> pd.DataFrame:
    """Texts of a row for each control point, the busiest first."""
    import pandas as pd

    rows, points = found.travellers.by_control_point.reset_index(), found.checkpoints
    return pd.DataFrame(
        {
            "control point": [points[i].names.en for i in rows["checkpoint_id"]],
            "reference": rows["reference_per_day"].map("{:,.0f}".format),
            "scenario": rows["trips_per_day"].map("{:,.0f}".format),
            "change": rows["change_per_day"].map("{:+,.0f}".format),
            "of highest day": cells(rows["load_of_capacity"], "{:.0%}", "unknown"),
            "queue, min": cells(rows["queue_min"], "{:+.1f}", "not modelled"),
        }
    )
