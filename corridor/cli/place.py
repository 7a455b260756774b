"""`corridor place`: who is around a place, what it reaches, and the protected land near it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from corridor.cli.options import Output, build_out, open_study, output
from corridor.cli.terminal import frame_table

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
    from corridor.cli.options import scenario_id
    from corridor.study.location import locate
    from corridor.study.question import question

    study = open_study(build_out)
    ids = [scenario_id(study, s) for s in scenarios] or [question(study).file.do_minimum]
    found = locate(study, place, ids)
    share = study.region.build_out if build_out else None
    to.show(lambda: _data(found) | {"build_out": build_out}, lambda: _parts(found, share.en if share else ""))


def _data(found: Location) -> dict[str, Any]:
    from corridor.cli.journey_text import plain_data

    fields = {k: getattr(found, k) for k in found.__dataclass_fields__}
    return {k: plain_data(v.to_dict("records")) if hasattr(v, "to_dict") else v for k, v in fields.items()}


def _parts(found: Location, share: str) -> tuple[Any, ...]:
    number, minutes = (
        lambda v: "not given" if v != v else f"{v:,.0f}",
        lambda v: "–" if v != v else f"{v:.0f}",
    )
    mixes = ("mix", "land_use_mix")
    around = found.around.assign(
        **{c: found.around[c].map(number) for c in found.around.columns if c not in ("catchment", *mixes)},
        **{c: found.around[c].map(lambda v: "not assessed" if v != v else f"{v:.2f}") for c in mixes},
    )
    reach = found.reach.assign(
        **{c: found.reach[c].map(number) for c in ("jobs", "jobs_across", "residents")}
    )
    across = _by_scenario(found.control_points, "checkpoint_id").map(minutes)
    land = ", ".join(f"{r.group} {r.share:.0%}" for r in found.land_use.itertuples()) or "not assessed"
    kinds = ", ".join(
        f"{r.kind}: {'not assessed' if r.within_15_min_on_foot != r.within_15_min_on_foot else int(r.within_15_min_on_foot)}"
        for r in found.facilities.itertuples()
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
        frame_table(_by_scenario(found.hubs, "hub").map(minutes)),
        frame_table(across),
        f"\nFacilities within 15 min on foot: {kinds or 'not assessed'}",
        *_hospital(found),
        *_shared(found),
        "\nMinutes to this place from each district, mean of the residents who reach it, at the first hour:",
        frame_table(_from_districts(found)),
        f"\nLand use within 1 km: {land}",
        f"Protected land: {near or 'none in the layers'}",
        "\nPeople of today are counted in cells of 250 m; _planned: on the planned build-out. Screening aid.",
        *([f"Planned build-out means: {share}."] if share else []),
    )


def _hospital(found: Location) -> tuple[Any, ...]:
    said = found.hospital["minutes"].map(lambda v: "not assessed" if v != v else f"{v:.0f}")
    return "\nMinutes to the nearest public hospital:", frame_table(
        found.hospital.assign(minutes=said), index=False
    )


def _from_districts(found: Location) -> pd.DataFrame:
    """Minutes for each scenario, nearest first; in brackets the share of residents who reach the place, where not all do."""
    table = found.from_districts
    said = {
        (str(r.district_id), str(r.scenario_id)): f"{r.minutes:.0f}" + (f" ({r.share_reaching:.1%})" if r.share_reaching < 0.9995 else "")
        for r in table[table["minutes"].notna()].itertuples()
    }  # fmt: skip
    wide = _by_scenario(table, "district_id")
    rows = [[said.get((str(d), str(s)), "–") for s in wide.columns] for d in wide.index]
    return wide.__class__(rows, wide.index, wide.columns)


def _shared(found: Location) -> tuple[Any, ...]:
    """Facilities for those who share them, at the place and on average."""
    if not len(found.shared):
        return ("\nFacilities for 100,000 residents who share them: not assessed on this side",)
    rows = found.shared.assign(
        scenario_id=found.shared["scenario_id"].replace("", "on foot, any"),
        **{c: found.shared[c].map("{:.1f}".format) for c in ("per_100000", "mean_per_100000")},
    )
    return (
        "\nFacilities for 100,000 residents who share them (E2SFCA; each counts as one, an assumption), here and on average:",
        frame_table(rows, index=False),
    )


def _by_scenario(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """A column of minutes for each scenario, nearest first."""
    wide = frame.pivot_table("minutes", column, "scenario_id", dropna=False, sort=False)
    return wide.sort_values(wide.columns[-1]).rename_axis(None, axis=1).rename_axis(None)
