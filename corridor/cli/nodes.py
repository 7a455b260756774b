"""`corridor nodes`: what is around the nodes of the lines, how near they are, and the sums of circles and thirds."""

from __future__ import annotations

from pathlib import Path

import click

from corridor.cli import options
from corridor.cli.terminal import frame_table


@click.command()
@click.argument("scenario")
@options.reference
@click.option("--demand", "with_demand", is_flag=True, help="Also cross-boundary trips; takes some minutes.")
@options.build_out
@options.out_folder("maps/nodes")
@options.output("quiet", "json", "open")
def nodes(
    scenario: str, reference: str | None, with_demand: bool, build_out: str, out: Path | None, to: options.Output
) -> None:  # fmt: skip
    """People, jobs and minutes at the nodes of each line.

    SCENARIO is an id or a file. Writes nodes.html and its tables as CSV and JSON.
    """
    from corridor.core.output import check_target
    from corridor.study.groups import group_table
    from corridor.study.nodes import at_nodes
    from corridor.web.write import write_node_folder

    folder = out or options.maps_folder("nodes")
    check_target(folder)
    study = options.open_study(build_out)
    last = options.scenario_id(study, scenario)
    first = options.scenario_id(study, reference or options.do_minimum(study))
    ids = list(dict.fromkeys([first, last]))
    found = at_nodes(study, ids)
    report = study.demand(last, first) if with_demand else None
    ends = report.by_zone if report else None
    by_zone = {last: ends["trips_per_day"], first: ends["reference_per_day"]} if ends is not None else {}
    groups = group_table(study, ids, by_zone)
    trips = found.trips({last: report.node_trips}) if report else None
    write_node_folder(found, groups, trips, folder)
    shown = found.times.pivot_table(index="from", columns=["scenario_id", "to"], values="minutes")
    to.show(
        lambda: {
            "build_out": build_out,
            "nodes": found.table.to_dict("records"),
            "groups": groups.to_dict("records"),
        },
        lambda: (
            f"Minutes between nodes at 08:30, {last}",
            frame_table(shown[last].map("{:.0f}".format)),
            f"Open {folder / 'nodes.html'}",
        ),
    )
    to.open(folder / "nodes.html")
