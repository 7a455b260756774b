"""`corridor compare`, `run`, `review` and `rerun`: compute, write a folder, print a summary."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridor.cli import options
from corridor.cli.terminal import echo, echo_parts, frame_table

if TYPE_CHECKING:
    from corridor.study.study import Study

_CSV = click.option("--csv", is_flag=True, help="Also write cells.csv, the cells for spreadsheets (43 MB).")


@click.command()
@click.argument("scenarios", nargs=-1)
@options.out_folder("maps/comparison")
@options.weights
@options.build_out
@click.option(
    "--prices", type=options.PATH, help="CSV of ways to pay for a line, with your prices or shares."
)
@click.option("--ensemble", type=options.PATH, help="Folder of 'corridor ensemble': adds how sure it is.")
@_CSV
@click.option("--why", is_flag=True, help="List which stages were kept, and why others were worked out.")
@options.output("quiet", "json", "open")
def compare(
    scenarios: tuple[str, ...], out: Path | None, weights: tuple[Path, ...], build_out: str, prices: Path | None,
    ensemble: Path | None, csv: bool, why: bool, to: options.Output,
) -> None:  # fmt: skip
    """Compare scenarios: pages, tables and data in one folder.

    SCENARIOS are ids or files; by default, those of comparison.yaml.
    """
    folder = out or options.maps_folder("comparison")
    compare_to(folder, scenarios, to, csv, weights, prices, why, build_out, ensemble)


@click.command()
@click.argument("scenario")
@options.out_folder("maps/SCENARIO")
@options.build_out
@_CSV
@options.output("quiet", "json", "open")
def run(scenario: str, out: Path | None, build_out: str, csv: bool, to: options.Output) -> None:
    """Compare one scenario with the do-minimum.

    SCENARIO is an id or a file.
    """
    compare_to(out or options.maps_folder(Path(scenario).stem), (scenario,), to, csv, build_out=build_out)


def compare_to(
    out: Path, scenarios: tuple[str, ...], to: options.Output, csv: bool = False, weights: tuple[Path, ...] = (),
    prices: Path | None = None, why: bool = False, build_out: str = "", ensemble: Path | None = None,
) -> Study:  # fmt: skip
    """Compare scenarios, write what is found to a folder, and print it; the study that was compared."""
    from corridor.cli.summary import of_comparison, of_stages
    from corridor.core.output import check_target
    from corridor.study.compare import compared, wanted
    from corridor.web import written

    check_target(out)
    study = options.open_study(build_out)
    ids = [options.scenario_id(study, s) for s in scenarios]
    asked = wanted(study, ids, weights, prices)
    found = written.find(study, asked, out, csv, ensemble)
    if found is None:
        from corridor.web.write import write_comparison

        drawn = None
        if ensemble:
            from corridor.study.ensemble.ensemble import reopen

            drawn = reopen(study, ensemble, weights, options.scenario_files(scenarios))
        with to.progress("scoring") as tell:
            comparison = compared(study, asked, tell)
        with to.progress("writing") as tell:
            write_comparison(study, comparison, out, tell, csv, drawn)
        found = written.remember(study, asked, out, csv, comparison, ensemble)
    page = out / "index.html"
    to.show(
        lambda: json.loads((out / "scores.json").read_text(encoding="utf-8")),
        lambda: (*of_comparison(found), f"\nOpen {page}"),
        True,
    )
    if why:
        echo_parts(of_stages(study.stages))
    to.open(page)
    return study


@click.command()
@click.argument("scenario")
@click.option("--against", metavar="SCENARIO", help="Compare with another scenario.")
@options.out_folder("maps/review-SCENARIO")
@options.output("quiet", "json", "open")
def review(scenario: str, against: str | None, out: Path | None, to: options.Output) -> None:
    """Ecological impact report for a scenario.

    Land take, disturbance, fragmentation, avoidance: a report, its tables, and every conflict as a map feature.
    SCENARIO is an id or a file.
    """
    from corridor.cli.summary import of_review
    from corridor.core.output import check_target
    from corridor.formats.tables import review_figures
    from corridor.study.review import review
    from corridor.web.write import write_review

    named = [Path(s).stem for s in (scenario, against) if s]
    out = out or options.maps_folder("review-" + "-against-".join(named))
    check_target(out)
    study = options.open_study()
    with to.progress("reviewing") as tell:
        other = options.scenario_id(study, against) if against else None
        done = review(study, options.scenario_id(study, scenario), other, tell)
    with to.progress("writing") as tell:
        write_review(study, done, out, tell)
    figures, page = review_figures(done), out / "review.html"
    to.show(lambda: figures, lambda: (*of_review(figures), f"\nOpen {page}"), True)
    to.open(page)


@click.command()
@click.argument("run_file", metavar="RUN.JSON", type=options.PATH)
@click.argument("files", nargs=-1, metavar="[SCENARIO.YAML]...", type=options.PATH)
@click.option("--out", type=options.PATH, help="Also write the new run to this folder.")
@options.output("quiet")
def rerun(run_file: Path, files: tuple[Path, ...], out: Path | None, to: options.Output) -> None:
    """Repeat a recorded run and list what changed.

    RUN.JSON is in the folder of a comparison or review. Give scenarios that were files again, after RUN.JSON.
    Exit code 1 if any figure differs.
    """
    from corridor.cli.rerun import rerun
    from corridor.core.output import check_target
    from corridor.study.compare import Comparison
    from corridor.web.write import write_comparison, write_review

    if out:
        check_target(out)
    study = options.open_study()
    for file in files:
        study.library.add_file(file)
    with to.progress("scoring") as tell:
        again = rerun(study, run_file, tell)
    if out:
        with to.progress("writing") as tell:
            if isinstance(again.done, Comparison):
                write_comparison(study, again.done, out, tell)
            else:
                write_review(study, again.done, out, tell)
    for line in again.changed:
        echo(f"changed: {line}")
    if len(again.differences):
        echo_parts(frame_table(again.differences, index=False))
        sys.exit(1)
    echo("the same numbers")
