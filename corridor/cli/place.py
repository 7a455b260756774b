"""`corridor place`: who is around a place, what it reaches, and the protected land near it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from corridor.cli.options import Output, build_out, do_minimum, open_study, output, scenario_id
from corridor.cli.terminal import cells, frame_table

if TYPE_CHECKING:
    import pandas as pd

    from corridor.study.location import Location


@click.command()
@click.argument("place")
@click.option(
    "--scenario", "scenarios", multiple=True, help="Id or file; repeatable [default: the do-minimum]."
)
@build_out
@output("quiet", "json")
def place(place: str, scenarios: tuple[str, ...], build_out: str, to: Output) -> None:
    """People, access, facilities and nature around a place.

    PLACE: a station, control point or hub by name, code or id, or lon,lat.
    """
    from corridor.study.location import locate

    study = open_study(build_out)
    ids = [scenario_id(study, s) for s in scenarios] or [do_minimum(study)]
    found = locate(study, place, ids)
    share = study.region.build_out if build_out else None
    to.show(lambda: _data(found) | {"build_out": build_out}, lambda: _parts(found, share.en if share else ""))


def _data(found: Location) -> dict[str, Any]:
    from corridor.cli.journey_text import plain_data

    fields = {k: getattr(found, k) for k in found.__dataclass_fields__}
    return {k: plain_data(v.to_dict("records")) if hasattr(v, "to_dict") else v for k, v in fields.items()}


def _parts(found: Location, share: str) -> tuple[Any, ...]:
    around, reach, mixes = found.around, found.reach, ["mix", "land_use_mix"]
    counted = around.columns.difference(["catchment", *mixes])
    around = around.assign(
        **cells(around[counted], "{:,.0f}", "not given"), **cells(around[mixes], "{:.2f}", "not assessed")
    )
    reach = reach.assign(**cells(reach[["jobs", "jobs_across", "residents"]], "{:,.0f}", "not given"))
    hospital = found.hospital.assign(minutes=cells(found.hospital["minutes"], "{:.0f}", "not assessed"))
    land = ", ".join(f"{r.group} {r.share:.0%}" for r in found.land_use.itertuples()) or "not assessed"
    on_foot = cells(found.facilities["within_15_min_on_foot"], "{:.0f}", "not assessed")
    kinds = ", ".join(
        f"{kind}: {number}" for kind, number in zip(found.facilities["kind"], on_foot, strict=True)
    )
    near = "; ".join(
        f"{r.name_en} ({r.designation}) at {r.distance_m:,.0f} m, {r.within_1km_ha:,.1f} ha within 1 km"
        for r in found.protected.itertuples()
    )
    return (
        f"{found.name} ({found.lon:.4f}, {found.lat:.4f}; side {found.side})",
        frame_table(around, index=False),
        f"\nReached from its cell, whose centre is {found.cell_m:,.0f} m away:",
        frame_table(reach, index=False),
        "\nMinutes to hubs and to halls of control points on this side, at the first hour:",
        frame_table(cells(_by_scenario(found.hubs, "hub"), "{:.0f}", "–")),
        frame_table(cells(_by_scenario(found.control_points, "checkpoint_id"), "{:.0f}", "–")),
        f"\nFacilities within 15 min on foot: {kinds or 'not assessed'}",
        "\nMinutes to the nearest public hospital:",
        frame_table(hospital, index=False),
        *_shared(found),
        "\nMinutes to this place from each district, mean of the residents who reach it, at the first hour:",
        frame_table(_from_districts(found)),
        f"\nLand use within 1 km: {land}",
        f"Protected land: {near or 'none in the layers'}",
        "\nPeople of today are counted in cells of 250 m; _planned: on the planned build-out. Screening aid.",
        *([f"Planned build-out means: {share}."] if share else []),
    )


def _from_districts(found: Location) -> pd.DataFrame:
    """Minutes for each scenario, nearest first; in brackets the share of residents who reach the place, where not all do."""
    table = found.from_districts
    some = table["share_reaching"].where(table["minutes"].notna() & (table["share_reaching"] < 0.9995))
    said = table.assign(said=cells(table["minutes"], "{:.0f}", "–") + cells(some, " ({:.1%})", ""))
    wide = said.pivot_table("said", "district_id", "scenario_id", aggfunc="first")
    return wide.reindex_like(_by_scenario(table, "district_id")).fillna("–")


def _shared(found: Location) -> tuple[Any, ...]:
    """Facilities for those who share them, at the place and on average."""
    if not len(found.shared):
        return ("\nFacilities for 100,000 residents who share them: not assessed on this side",)
    rows = found.shared.assign(
        scenario_id=found.shared["scenario_id"].replace("", "on foot, any"),
        **found.shared[["per_100000", "mean_per_100000"]].map("{:.1f}".format),
    )
    return (
        "\nFacilities for 100,000 residents who share them (E2SFCA; each counts as one, an assumption), here and on average:",
        frame_table(rows, index=False),
    )


def _by_scenario(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """A column of minutes for each scenario, nearest first."""
    wide = frame.pivot_table("minutes", column, "scenario_id", dropna=False, sort=False)
    return wide.sort_values(wide.columns[-1]).rename_axis(None, axis=1).rename_axis(None)
