"""The command line: parses, calls, prints."""

from __future__ import annotations

import re
import sys
import webbrowser
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any

import click
import pandas as pd

import corridor
from corridor.cli.terminal import echo, echo_json, echo_yaml, shown
from corridor.core.errors import CorridorError, LayerError, MissingColumnError, Problem
from corridor.core.progress import Progress

DEFAULT_SCENARIO = "baseline-2024"


def _plain_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Input errors as a list of bullets and exit code 1; never a traceback."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except CorridorError as error:
            echo(f"{type(error).__name__}:", err=True)
            for problem in error.problems:
                echo(f"- {problem}", err=True)
            sys.exit(1)

    return guarded


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(corridor.__version__, prog_name="corridor")
@click.option(
    "--study",
    "folder",
    type=click.Path(path_type=Path),
    envvar="CORRIDOR_STUDY",
    help="A study of your own, made with 'corridor init', or 'precedent', the back-test that travels with the"
    " program [default: the shipped study].",
)
@click.pass_context
def main(context: click.Context, folder: Path | None) -> None:
    """Compare scenarios of transport corridors across a boundary: who reaches what, and what nature pays."""
    context.obj = folder


def _folder() -> Path | None:
    """The folder of the study that the command is for; None for the bundled one."""
    from corridor.core import paths

    folder: Path | None = click.get_current_context().find_root().obj
    shipped = paths.layers_dir() / folder if folder else None
    if folder and shipped and not folder.exists() and (shipped / "scenarios").is_dir():
        return shipped  # a study that travels with the program, by its name: precedent
    return folder


def _study() -> Any:
    from corridor.study.study import Study  # the heavy imports wait until a command needs them

    folder = _folder()
    return Study.open(folder) if folder else Study.bundled()


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@_plain_errors
def init(folder: Path) -> None:
    """Make FOLDER a study of your own: catalogue, one scenario, one script. It runs at once."""
    from corridor.study.folder import init as make

    scenarios = ", ".join(f"scenarios/{i}.yaml" for i in make(folder))
    echo(f"{folder}: catalog.yaml, {scenarios}, compare.py")
    echo(f"Try it: corridor --study {folder} compare --out {folder}/maps/comparison")


def _scenario_id(study: Any, text: str) -> str:
    """A scenario id as given, or that of a scenario file given by its path; levers may follow with '+'."""
    file = re.match(r"(.*\.ya?ml)((?:\+[^+/\\]*)*)$", text)  # folders and files may have a '+' in their names
    return study.library.add_file(Path(file[1])) + file[2] if file else text


def _maps(name: str) -> Path:
    """Where output goes when nobody says where: below the present folder, never through a link to elsewhere."""
    from corridor.core.containment import inside

    return inside(Path(), f"maps/{name}")


@contextmanager
def _bar(label: str, quiet: bool) -> Iterator[Progress]:
    """A progress bar on a terminal, one line a step elsewhere, nothing when quiet."""
    width = 24

    def tell(step: str, done: int, total: int) -> None:
        if quiet:
            return
        if sys.stderr.isatty():
            filled = width * done // max(total, 1)
            click.echo(
                f"\r{label} [{'#' * filled}{'.' * (width - filled)}] {done}/{total} {shown(step):<40.40}",
                err=True,
                nl=False,
            )
        elif total <= 100 or done % (total // 20) == 0:
            echo(f"{label} {done + 1}/{total} {step}", err=True)

    yield tell
    if not quiet and sys.stderr.isatty():
        click.echo(f"\r{label} done{' ' * 72}", err=True)


_quiet = click.option("--quiet", is_flag=True, help="Print nothing but results and errors.")
_json_flag = click.option("--json", "as_json", is_flag=True, help="Print plain data.")
_scenario = click.option(
    "--scenario",
    default=DEFAULT_SCENARIO,
    show_default=True,
    help="A scenario id or file; stack levers with '+'.",
)
_at = click.option("--at", default="08:30", show_default=True, metavar="HH:MM", help="When to leave.")


@main.command()
@click.argument("scenarios", nargs=-1)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    help="Output folder [default: maps/comparison].",
)
@click.option(
    "--weights",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A CSV of weights, one row a judge, beside those of comparison.yaml; may be repeated.",
)
@_quiet
@_json_flag
@click.option("--open", "open_page", is_flag=True, help="Open the result in a browser.")
@_plain_errors
def compare(
    scenarios: tuple[str, ...],
    out: Path | None,
    weights: tuple[Path, ...],
    quiet: bool,
    as_json: bool,
    open_page: bool,
) -> None:
    """Compare SCENARIOS (ids or files; those of comparison.yaml by default): pages, tables and data in one folder."""
    _compare(scenarios, out or _maps("comparison"), quiet, as_json, open_page, weights)


@main.command()
@click.argument("scenario")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Output folder [default: maps/SCENARIO]."
)
@_quiet
@_json_flag
@click.option("--open", "open_page", is_flag=True, help="Open the result in a browser.")
@_plain_errors
def run(scenario: str, out: Path | None, quiet: bool, as_json: bool, open_page: bool) -> None:
    """Score one SCENARIO (an id or a file) against the do-minimum."""
    _compare((scenario,), out or _maps(Path(scenario).stem), quiet, as_json, open_page)


def _compare(
    scenarios: tuple[str, ...],
    out: Path,
    quiet: bool,
    as_json: bool,
    open_page: bool,
    weights: tuple[Path, ...] = (),
) -> None:
    from corridor.core.cache import Kept
    from corridor.core.output import check_target
    from corridor.formats.tables import scores
    from corridor.study.compare import compare as run_comparison
    from corridor.web.write import write_comparison

    check_target(out)
    study = _study()
    with _bar("scoring", quiet) as tell:
        ids = [_scenario_id(study, s) for s in scenarios]
        comparison = run_comparison(study, ids, tell, Kept.of_user(), weights)
    with _bar("writing", quiet) as tell:
        write_comparison(study, comparison, out, tell)
    if as_json:
        echo_json(scores(comparison), sort_keys=True)
    elif not quiet:
        echo(_summary(comparison))
        echo(f"\nOpen {out / 'index.html'}")
    if open_page:
        webbrowser.open((out / "index.html").resolve().as_uri())


@main.command()
@click.argument("story_file", metavar="STORY.YAML", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("story.html"),
    show_default=True,
    help="Output file.",
)
@_quiet
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@_plain_errors
def story(story_file: Path, out: Path, quiet: bool, open_page: bool) -> None:
    """Make a presentation of map views from STORY.YAML: scenarios, measures, places and captions in order."""
    from corridor.core.cache import Kept
    from corridor.study.compare import compare as run_comparison
    from corridor.web.story import read_story
    from corridor.web.write import write_story_page

    told = read_story(story_file)
    study = _study()
    with _bar("scoring", quiet) as tell:
        comparison = run_comparison(study, told.scenario_ids, tell, Kept.of_user())
    write_story_page(study, comparison, told, out)
    if not quiet:
        echo(f"Open {out}")
    if open_page:
        webbrowser.open(out.resolve().as_uri())


@main.command()
@click.argument("run_file", metavar="RUN.JSON", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, metavar="[SCENARIO.YAML]...", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Write the new run to this folder too."
)
@_quiet
@_plain_errors
def rerun(run_file: Path, files: tuple[Path, ...], out: Path | None, quiet: bool) -> None:
    """Do the comparison or review of RUN.JSON again: the same numbers, or what changed.

    Scenarios that were given to it as files are given again, after RUN.JSON.
    """
    from corridor.cli.rerun import rerun as again
    from corridor.core.output import check_target
    from corridor.study.compare import Comparison
    from corridor.web.write import write_comparison, write_review

    if out:
        check_target(out)
    study = _study()
    for file in files:
        study.library.add_file(file)
    with _bar("scoring", quiet) as tell:
        done = again(study, run_file, tell)
    if out:
        with _bar("writing", quiet) as tell:
            if isinstance(done.done, Comparison):
                write_comparison(study, done.done, out, tell)
            else:
                write_review(study, done.done, out, tell)
    for line in done.changed:
        echo(f"changed: {line}")
    if len(done.differences):
        echo(done.differences.to_string(index=False))
        sys.exit(1)
    echo("the same numbers")


@main.command()
@click.argument("scenario")
@click.option("--against", default=None, metavar="SCENARIO", help="Set it against another scenario.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    help="Output folder [default: maps/review-SCENARIO].",
)
@_quiet
@_json_flag
@click.option("--open", "open_page", is_flag=True, help="Open the result in a browser.")
@_plain_errors
def review(
    scenario: str, against: str | None, out: Path | None, quiet: bool, as_json: bool, open_page: bool
) -> None:
    """What SCENARIO takes, disturbs, cuts and spares: the ecology report, tables and every conflict as a feature."""
    from corridor.core.output import check_target
    from corridor.formats.provenance import NOTICE
    from corridor.formats.tables import review_figures
    from corridor.study.review import review as run_review
    from corridor.web.write import write_review

    named = [Path(s).stem for s in (scenario, against) if s]
    out = out or _maps("review-" + "-against-".join(named))
    check_target(out)
    study = _study()
    with _bar("reviewing", quiet) as tell:
        other = _scenario_id(study, against) if against else None
        done = run_review(study, _scenario_id(study, scenario), other, tell)
    with _bar("writing", quiet) as tell:
        write_review(study, done, out, tell)
    figures = review_figures(done)
    if as_json:
        echo_json(figures, sort_keys=True)
    elif not quiet:
        echo(_figures_text(figures))
        echo(f"\n{NOTICE}\n\nOpen {out / 'review.html'}")
    if open_page:
        webbrowser.open((out / "review.html").resolve().as_uri())


def _figures_text(figures: dict[str, Any]) -> str:
    """Headline figures side by side, zeros throughout left out."""
    table = pd.DataFrame(figures["values"]).T
    table.index = [f"{i} (counterfactual)" if i in figures["counterfactual"] else i for i in table.index]
    shown = table.loc[:, (table != 0).any()]
    if not len(shown.columns):
        return "Nothing is taken."
    units = {c: c.rsplit("_", 1)[-1] for c in shown}
    return str(shown.apply(lambda c: c.map(lambda v: _figure(v, units[c.name]))).T.to_string())


def _summary(comparison: Any) -> str:
    from corridor.formats.provenance import NOTICE

    wanted = (
        "jobs_gravity_0830",
        "other_side_jobs_gravity_0830",
        "hub_cost_0830",
        "commuting_circle_75_0830",
        "hospital_minutes_0830",
        "permanent_wetland_ha",
        "permanent_marine_ha",
        "operation_wetland_equivalent_ha",
        "corridors_crossed_open_m",
    )
    shown = [c for c in wanted if c in comparison.headline] or list(comparison.headline)[:7]
    unit = comparison.criteria["unit"]
    table = comparison.headline[shown].apply(lambda c: c.map(lambda v: _figure(v, unit[c.name])))
    table.columns = [f"{c} [{unit[c]}]" for c in shown]
    table.index = [
        f"{i} (counterfactual)" if comparison.results[i].counterfactual else i for i in table.index
    ]
    return f"{table.T.to_string()}\n\n{_verdict(comparison)}\n\n{NOTICE}"


def _verdict(comparison: Any) -> str:
    """Dominance, then the score of each scenario under each panel."""
    from corridor.drawing.i18n import term

    states = (("", comparison.dominance), ("on the planned build-out, ", comparison.dominance_buildout))
    said = [line for state, frame in states if len(frame) for line in _dominated(state, frame)]
    if not len(comparison.ranking):
        return "\n".join(said)
    scores = comparison.ranking.pivot_table(index="scenario_id", columns="profile", values="score")
    order = comparison.ranking["profile"].unique()
    scores = scores.loc[comparison.dominance["scenario_id"], order].rename(
        columns=lambda p: term("profile", p).en
    )
    head = f"Score ({comparison.reference_id} is 0; 1 is the anchor of every criterion):"
    return "\n".join([*said, "", head, scores.to_string(index_names=False, float_format="%+.3f")])


def _figure(value: float, unit: str) -> str:
    """A figure to as many places as its unit bears."""
    return f"{value:,.{ {'ha': 2, 'min': 1, '%': 1}.get(unit, 0) }f}"


def _dominated(state: str, frame: pd.DataFrame) -> list[str]:
    """A line a dominated scenario, on one land state."""
    return [
        f"{state}{row.scenario_id}{' (counterfactual)' if row.counterfactual else ''} is dominated by {row.dominated_by}"
        for row in frame[frame["dominated"].astype(bool)].itertuples()
    ] or [f"{state}no scenario is dominated"]


@main.command("map")
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "--only",
    type=click.Choice(["compare", "pair", "criteria", "district", "pareto", "hours", "all"]),
    default="compare",
    show_default=True,
    help="Maps by scenario, before and after, or a chart.",
)
@click.option("--scenario", "scenario_ids", multiple=True, help="A scenario of RESULT [default: all].")
@click.option("--measure", "measures", multiple=True, help="A measure of RESULT [default: jobs_60_0830].")
@click.option("--show", type=click.Choice(["change", "value"]), default="change", show_default=True)
@click.option("--lang", "langs", multiple=True, type=click.Choice(["en", "zh-Hant", "zh-Hans"]), default=("en",), show_default=True)  # fmt: skip
@click.option("--png", "formats", flag_value="png", multiple=True, help="Write PNG, 16:9 (the default).")
@click.option("--svg", "formats", flag_value="svg", multiple=True, help="Write SVG.")
@click.option("--pdf", "formats", flag_value="pdf", multiple=True, help="Write PDF.")
@click.option("--width", type=click.Choice(["1600", "3840"]), default="1600", show_default=True, help="Pixels of a PNG.")  # fmt: skip
@click.option("--hours", "hours_table", type=click.Path(path_type=Path), help="The table of 'corridor hours --out', to be drawn.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Output folder [default: RESULT/figures].")  # fmt: skip
@_quiet
@_plain_errors
def map_command(
    result: Path, only: str, scenario_ids: tuple[str, ...], measures: tuple[str, ...], show: str,
    langs: tuple[str, ...], formats: tuple[str, ...], width: str, hours_table: Path | None, out: Path | None, quiet: bool,
) -> None:  # fmt: skip
    """Draw pictures of RESULT, a folder that 'corridor compare' wrote: maps and charts with their alt text."""
    from corridor.core.containment import inside
    from corridor.drawing.write import KINDS, Wanted, draw_figures

    kinds: Any = KINDS if only == "all" else (only,)
    if only == "hours" and hours_table is None:
        raise click.UsageError(
            "--only hours draws a table: name it with --hours FILE ('corridor hours SCENARIO --out FILE')."
        )
    asked: Any = {"langs": langs, "formats": formats or ("png",), "show": show}
    wanted = Wanted(
        kinds=kinds, scenarios=scenario_ids, measures=measures, width=int(width), hours=hours_table, **asked
    )
    with _bar("drawing", quiet) as tell:
        paths = draw_figures(result, out or inside(result, "figures"), wanted, _catalog(), tell)
    for path in paths:
        echo(path)


def _catalog() -> Any:
    from corridor.core.containment import inside
    from corridor.schema.catalog import Catalog

    folder = _folder()
    return Catalog.open(inside(folder, "catalog.yaml")) if folder else Catalog.bundled()


@main.group()
def scenarios() -> None:
    """List, show and check scenario files."""


@scenarios.command("list")
@_json_flag
@_plain_errors
def scenarios_list(as_json: bool) -> None:
    """Every scenario, with its question."""
    library = _study().library
    rows = [(i, library.file(i)[0]) for i in library.ids()]
    if as_json:
        echo_json({i: f.model_dump(mode="json", by_alias=True, exclude_unset=True) for i, f in rows})
        return
    for scenario_id, file in rows:
        kind = (
            "lever, stacks with '+'"
            if file.kind == "lever"
            else "counterfactual"
            if file.counterfactual
            else f"extends {file.extends}"
            if file.extends
            else "baseline"
        )
        echo(f"{scenario_id}  ({kind})\n    {file.title.en}: {file.question.en}")


@scenarios.command("show")
@click.argument("scenario")
@_plain_errors
def scenarios_show(scenario: str) -> None:
    """SCENARIO resolved: everything it inherits and changes, in words and as YAML."""
    study = _study()
    found = study.scenario(_scenario_id(study, scenario))
    for words in (*found.words(), *(f"conflict: {said}" for said in found.overruled)):
        echo(f"# {words}")
    echo_yaml(found.model_dump(mode="json", by_alias=True, exclude_none=True))


@scenarios.command("schema")
@click.option("--comparison", is_flag=True, help="That of a comparison file instead.")
def scenarios_schema(comparison: bool) -> None:
    """The JSON schema of a scenario file, for editors that complete and check YAML."""
    from corridor.schema import comparison as of_comparison
    from corridor.schema import scenario as of_scenario

    click.echo((of_comparison if comparison else of_scenario).schema_text(), nl=False)


@scenarios.command("new")
@click.argument("scenario_id", metavar="ID")
@click.option(
    "--extends", default=None, metavar="SCENARIO", help="[default: the do-minimum of the comparison file]"
)
@_plain_errors
def scenarios_new(scenario_id: str, extends: str | None) -> None:
    """Write a scenario file to fill in: ID.yaml, in the study's scenarios or the present folder."""
    from corridor.core.containment import inside
    from corridor.study.folder import new_scenario
    from corridor.study.question import question

    study = _study()
    extends = extends or question(study).file.do_minimum
    study.scenario(extends)
    folder = _folder()
    path = new_scenario(inside(folder, "scenarios") if folder else Path(), scenario_id, extends)
    echo(f"{path} written; check it with 'corridor scenarios validate {path}'")


@scenarios.command("validate")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@_plain_errors
def scenarios_validate(files: tuple[Path, ...]) -> None:
    """Check scenario FILES (all shipped ones by default); every problem with file and line."""
    study = _study()
    problems: list[Problem] = []
    ids: list[str] = [] if files else study.library.ids()
    for path in files:
        try:
            ids.append(study.library.add_file(path))
        except CorridorError as error:
            problems += error.problems
    for scenario_id in ids:
        try:
            file, _ = study.library.file(scenario_id)
            _try_out(study, scenario_id if file.kind == "scenario" else None, scenario_id)
            echo(f"{scenario_id}: in order")
        except CorridorError as error:
            problems += error.problems
    if problems:
        raise CorridorError(problems)


def _try_out(study: Any, scenario_id: str | None, name: str) -> None:
    """Build a scenario; a lever is in order when it fits on any of the scenarios."""
    known = [i for i in study.library.ids() if study.library.file(i)[0].kind == "scenario"]
    first: CorridorError | None = None
    for candidate in [scenario_id] if scenario_id else [f"{i}+{name}" for i in known]:
        try:
            study.network(candidate)
            study.works(candidate)
            return
        except CorridorError as error:
            first = first or error
    if first:
        raise first


@main.group()
def layers() -> None:
    """List and check the layers."""


@layers.command("list")
@_json_flag
@_plain_errors
def layers_list(as_json: bool) -> None:
    """Every layer: what it is, when, from whom."""
    catalog = _study().catalog
    if as_json:
        echo_json([e.model_dump(by_alias=True) for e in catalog.entries])
        return
    for entry in catalog.entries:
        accuracy = f", {entry.accuracy_m:.0f} m" if entry.accuracy_m is not None else ""
        echo(
            f"{entry.id}  [{entry.kind}, {entry.date}{accuracy}]  {entry.title.en}\n    {entry.source}\n    {entry.licence}"
        )


@layers.command("check")
@click.option(
    "--seal",
    "sealing",
    is_flag=True,
    help="First write the hashes of the files as they are into the catalogue.",
)
@_plain_errors
def layers_check(sealing: bool) -> None:
    """Check every layer against its entry: hash, columns, ids, coordinates, geometry."""
    from corridor.core import paths
    from corridor.network.overlay import NetworkTables
    from corridor.schema.catalog import seal

    if sealing:
        echo(f"{seal((_folder() or paths.layers_dir()) / 'catalog.yaml')} hashes changed")

    catalog = _study().catalog
    problems = catalog.check()
    if not problems:
        NetworkTables.load(catalog)
    if _folder():
        from corridor.importers.osm.graphs import check_graphs
        from corridor.importers.vectors import shifted_layers

        problems += shifted_layers(catalog) + check_graphs(catalog)
    if problems:
        raise LayerError(problems)
    echo(f"{len(catalog.entries)} layers in order")


@layers.group("add")
def layers_add() -> None:
    """Add a layer of your own."""


def _osm_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where OpenStreetMap data are from, beside a file that holds a graph."""
    options = [
        click.option("--place", help="A place OpenStreetMap knows (needs a network)."),
        click.option("--bbox", metavar="W,S,E,N", help="A box in degrees (needs a network)."),
        click.option(
            "--polygon",
            type=click.Path(path_type=Path),
            help="Areas of any vector file (needs a network).",
        ),
        click.option("--xml", type=click.Path(path_type=Path), help="An OSM XML file."),
        click.option("--crs", default="", help="Coordinate system of --polygon, where its file states none."),
        click.option("--overpass", default="", metavar="URL", help="Overpass server [default: OSMnx's]."),
        click.option("--again", is_flag=True, help="Ask anew, whatever answers are kept."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _osm_query(graphml: Path | None, said: dict[str, Any]) -> Any:
    from corridor.importers.osm.query import Query, parse_bbox
    from corridor.importers.osm.street_graphs import outline_of

    bbox, polygon = said["bbox"], said["polygon"]
    return Query(
        graphml,
        said["place"],
        parse_bbox(bbox) if bbox is not None else None,
        said["xml"],
        outline_of(polygon, said["crs"], _say) if polygon is not None else None,
        said["overpass"],
        said["again"],
    )


def _add_graph(kind_name: str, graphml: Path | None, out: Path | None, said: dict[str, Any]) -> None:
    """Into the study that is named, or into a folder of layers."""
    from corridor.importers.osm.graphs import ROAD, WALK, add_graph
    from corridor.importers.osm.street_graphs import enter_graph

    kind, query = {"walk": WALK, "road": ROAD}[kind_name], _osm_query(graphml, said)
    if out is None and _folder() is not None:
        echo(enter_graph(_folder(), query, kind, tell=_say))
    else:
        echo(add_graph(query, out or Path("layers"), kind, _say))


_graphml_option = click.option(
    "--graphml", type=click.Path(path_type=Path), help="A graph saved by osmnx.save_graphml."
)
_graph_out = click.option(
    "--out", type=click.Path(path_type=Path), help="Layer folder [default: the study's, else layers]."
)


@layers_add.command("walk")
@_graphml_option
@_osm_options
@_graph_out
@_plain_errors
def layers_add_walk(graphml: Path | None, out: Path | None, **said: Any) -> None:
    """Walk on a street graph: enter it as GraphML in the study of --study, or beside the layers of --out."""
    _add_graph("walk", graphml, out, said)


@layers_add.command("road")
@_graphml_option
@_osm_options
@_graph_out
@_plain_errors
def layers_add_road(graphml: Path | None, out: Path | None, **said: Any) -> None:
    """Keep a road graph for driving: checked, measured against the detour of feeders, not used by journeys."""
    _add_graph("road", graphml, out, said)


@layers_add.command("osm")
@click.argument("kind", type=click.Choice(["stations", "tracks", "land-use", "habitat", "features"]))
@_osm_options
@click.option(
    "--tags", multiple=True, metavar="KEY=VALUE", help="Only what is tagged so; KEY alone for any value."
)
@click.option("--mapping", default="", help="CSV from tags to classes [default: the one shipped].")
@click.option("--id", "entry_id", default="", help="Id in the catalogue [default: made from the role].")
@click.option("--replace", "replacing", is_flag=True, help="In the place of the study's own layer.")
@_plain_errors
def layers_add_osm(
    kind: str, tags: tuple[str, ...], mapping: str, entry_id: str, replacing: bool, **said: Any
) -> None:
    """Add rail stations or tracks, land use, habitat, or any tagged features of OpenStreetMap."""
    from corridor.importers.osm.layers import add_osm
    from corridor.importers.osm.query import parse_tags

    query = _osm_query(None, said)
    echo(add_osm(_folder(), kind, query, parse_tags(tags), mapping, entry_id, replacing, _say))


def _own_layer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What can be said about a file of one's own, whatever its kind."""
    options = [
        click.option(
            "--id", "entry_id", default="", help="Id in the catalogue [default: made from the role]."
        ),
        click.option(
            "--map",
            "mapped",
            multiple=True,
            metavar="THEIRS=OURS",
            help="A column of the file is called otherwise here.",
        ),
        click.option(
            "--set", "constants", multiple=True, metavar="OURS=VALUE", help="A column with one value for all."
        ),
        click.option(
            "--crs", default="", help="Coordinate system, where the file states none, e.g. EPSG:2326."
        ),
        click.option(
            "--datum",
            type=click.Choice(["wgs84", "gcj02", "bd09"]),
            help="Shifted coordinates of mainland web maps.",
        ),
        click.option("--layer", default="", help="Layer of a file that has several."),
        click.option("--encoding", default="", help="Encoding of names, e.g. gb18030 or big5hkscs."),
        click.option("--title", default="", help="What the layer is called on maps."),
        click.option("--source", "source_text", default="", help="Who made it."),
        click.option("--licence", default="not stated", help="Under which terms."),
        click.option("--attribution", default="", help="What maps must print."),
        click.option("--date", default="", help="Of what day it is [default: today]."),
        click.option("--accuracy", "accuracy_m", type=float, help="How far off positions are, metres."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _wishes(said: dict[str, Any]) -> Any:
    from corridor.importers.entries import Origin
    from corridor.importers.vectors import Wishes, parse_pairs

    origin = Origin(
        said["title"],
        said["date"],
        said["source_text"],
        said["licence"],
        said["attribution"],
        said["accuracy_m"],
    )
    columns, constants = parse_pairs(said["mapped"], "--map"), parse_pairs(said["constants"], "--set")
    return Wishes(
        said["crs"],
        said["datum"],
        columns,
        constants,
        said["layer"],
        said["encoding"],
        origin,
        said["entry_id"],
    )


@layers_add.command("vector")
@click.argument("source", metavar="FILE|URL")
@click.option(
    "--role", required=True, help="What it is in a study, e.g. facilities, designations, stations, other."
)
@click.option("--table", default="", help="Table of a postgresql:// URL.")
@click.option("--query", default="", help="SELECT of a postgresql:// URL.")
@_own_layer_options
@_plain_errors
def layers_add_vector(source: str, role: str, table: str, query: str, **said: Any) -> None:
    """Add points, lines or areas: GeoPackage, Shapefile, GeoJSON, FlatGeobuf, CSV, GeoParquet, PostGIS."""
    from corridor.importers.add import add_vector

    echo(add_vector(_folder(), source, role, _wishes(said), table, query, tell=_say))


def _raster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option(
            "--nodata",
            type=float,
            help="Value that means no data, where the file states none or a wrong one.",
        ),
        click.option(
            "--nodata-means",
            type=click.Choice(["zero", "keep"]),
            help="No data is nobody, or the study's figure stays.",
        ),
        click.option("--mapping", default="", help="CSV with code and to, or worldcover."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _raster_wishes(said: dict[str, Any]) -> Any:
    from corridor.importers.add import RasterWishes

    return RasterWishes(said["nodata"], said["nodata_means"], said["mapping"])


@layers_add.command("raster")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--role", required=True, help="population, land_cover, habitat or land_use.")
@_raster_options
@_own_layer_options
@_plain_errors
def layers_add_raster(source: Path, role: str, **said: Any) -> None:
    """Add a GeoTIFF: people for the study's cells, or land cover for its grid."""
    from corridor.importers.add import add_raster

    echo(add_raster(_folder(), source, role, _wishes(said), _raster_wishes(said), tell=_say))


@layers.command("replace")
@click.argument("role")
@click.argument("source", metavar="FILE|URL")
@_raster_options
@_own_layer_options
@_plain_errors
def layers_replace(role: str, source: str, **said: Any) -> None:
    """Put a file of your own in the place of the study's layer of a role."""
    from corridor.importers.add import replace_layer

    echo(replace_layer(_folder(), role, source, _wishes(said), _raster_wishes(said), tell=_say))


@layers.command("fetch")
@click.argument("name", required=False)
@click.option(
    "--part", "parts", multiple=True, help="Tile of a source in tiles [default: those of the shipped study]."
)
@click.option("--bbox", metavar="W,S,E,N", help="A box in degrees, for osm-walk.")
@click.option("--place", help="A place OpenStreetMap knows, for osm-walk.")
@click.option("--again", is_flag=True, help="Fetch anew what is here already.")
@_plain_errors
def layers_fetch(
    name: str | None, parts: tuple[str, ...], bbox: str | None, place: str | None, again: bool
) -> None:
    """Fetch a public source into the study's downloads (needs a network); without a name, list them."""
    from corridor.importers.entries import study_catalog
    from corridor.importers.fetch import OSM, fetch, listing, source_named, sources

    known = sources()
    if name is None:
        echo("\n".join(listing(known)))
        return
    source = source_named(name, known)
    folder = study_catalog(_folder(), "layers fetch").folder
    if source.url == OSM:
        from corridor.importers.osm.graphs import Query, parse_bbox
        from corridor.importers.osm.street_graphs import enter_graph

        if bool(place) == bool(bbox) or parts:
            wanted = "one of --bbox and --place, and no --part"
            raise CorridorError(
                Problem(f"layers fetch {name}", "which area is not clear", wanted, "say which area")
            )
        query = Query(place=place, bbox=parse_bbox(bbox) if bbox else None, again=again)
        echo(enter_graph(folder, query, tell=_say))
        return
    if bbox or place:
        raise CorridorError(
            Problem("--bbox, --place", f"given for {name}", "only for osm-walk", "leave them out")
        )
    for path in fetch(folder, source, parts, again, _say):
        echo(f"{path} ({source.licence}; {source.attribution})")
        if source.then:
            echo(f"  next: corridor --study {folder} {source.then.replace('{file}', str(path))}")


def _say(text: str) -> None:
    echo(text, err=True)


@layers_add.command("gtfs")
@click.argument("feed", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("layers"),
    show_default=True,
    help="Inside the study.",
)
@click.option("--id", "feed_id", default="", help="Prefix of the new ids [default: from the feed's name].")
@click.option("--date", default=None, metavar="YYYY-MM-DD", help="Service day [default: a full working day].")
@click.option("--clearance", multiple=True, metavar="STOP=CHECKPOINT", help="Where passengers clear.")
@click.option("--side", multiple=True, metavar="STOP=SIDE", help="The side a stop is on (its id).")
@click.option("--mode", multiple=True, metavar="TYPE=MODE", help="Mode of a route_type or route_id.")
@click.option("--route", "routes", multiple=True, metavar="ROUTE_ID", help="Only these routes.")
@click.option("--source", default="", help="Where the feed is from.")
@click.option("--licence", default="", help="Its licence.")
@click.option("--attribution", default="", help="What maps must print.")
@click.option("--confidence", type=click.Choice(["A", "B", "C", "M"]), default="C", show_default=True)
@_plain_errors
def layers_add_gtfs(
    feed: Path,
    out: Path,
    feed_id: str,
    date: str | None,
    clearance: tuple[str, ...],
    side: tuple[str, ...],
    mode: tuple[str, ...],
    routes: tuple[str, ...],
    source: str,
    licence: str,
    attribution: str,
    confidence: str,
) -> None:
    """Ride the lines of a GTFS FEED (zip or folder): write them into the study and enter them in its catalogue."""
    from corridor.importers.gtfs.add import Origin, add_gtfs
    from corridor.importers.gtfs.options import pairs, study_of, wishes_of

    folder = study_of(_folder())
    modes, cleared, sides = pairs("--mode", mode), pairs("--clearance", clearance), pairs("--side", side)
    wishes = wishes_of(feed_id, date, modes, cleared, sides, routes, confidence)
    echo(add_gtfs(feed, _study(), folder, out, wishes, Origin(source, licence, attribution)))


@main.command()
@click.argument("scenario")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Zip to write.")
@_plain_errors
def gtfs(scenario: str, out: Path) -> None:
    """The network of SCENARIO as a GTFS feed that other programs can route on."""
    from corridor.formats.gtfs import write_feed

    study = _study()
    echo(write_feed(study, _scenario_id(study, scenario), out))


@main.command()
@click.argument("origin")
@click.argument("destination")
@_scenario
@_at
@click.option(
    "--group",
    default=None,
    metavar="GROUP",
    help="Traveller group: e-channel-resident, resident, mainland-visitor or visitor. [default: the mean of all]",
)
@click.option(
    "--load",
    default=1.0,
    show_default=True,
    help="Passengers at the control points, times the mean day of 2025.",
)
@click.option(
    "--least",
    type=click.Choice(["cost", "time"]),
    default="cost",
    show_default=True,
    help="Least generalised cost (minutes, waiting and walking weighted, and the fare over the value of time),"
    " or least expected time.",
)
@click.option("--explain", is_flag=True, help="Say why this control point, and what the next best one costs.")
@click.option("--spread", is_flag=True, help="Add the 10th, 50th and 90th percentile of the time.")
@click.option("--choices", is_flag=True, help="Add the ways that no other beats in both minutes and fare.")
@_json_flag
@_plain_errors
def journey(
    origin: str,
    destination: str,
    scenario: str,
    at: str,
    group: str | None,
    load: float,
    least: Any,
    explain: bool,
    spread: bool,
    choices: bool,
    as_json: bool,
) -> None:
    """The expected journey from ORIGIN to DESTINATION (station, hub, or lon,lat), leg by leg, with fares."""
    from corridor.access.cost.explain import explanation, explanation_text
    from corridor.cli.journey_text import (
        choices_data,
        choices_text,
        journey_data,
        journey_text,
        spread_data,
        spread_text,
    )

    study = _study()
    scenario_id = _scenario_id(study, scenario)
    asked = (origin, destination, scenario_id, at)
    found = study.journey(*asked, group=group, load=load, least=least)
    data, text = journey_data(found), journey_text(found)
    if explain:
        why = explanation(found, study.network(scenario_id).network)
        data["explanation"] = asdict(why)
        text += "\n" + explanation_text(why)
    if spread:
        drawn = study.spread(*asked, group=group, load=load, least=least)
        data["spread"] = spread_data(drawn)
        text += "\n" + spread_text(drawn)
    if choices:
        ways, cny_per_hkd = study.choices(*asked, group=group, load=load), found.rates.cny_per_hkd
        data["choices"] = choices_data(ways, cny_per_hkd)
        text += "\n" + choices_text(ways, cny_per_hkd)
    if as_json:
        echo_json(data)
    else:
        echo(text)


@main.command()
@click.option(
    "--origins", type=click.Path(path_type=Path), required=True, help="CSV with columns id, lon, lat."
)
@click.option(
    "--destinations", type=click.Path(path_type=Path), required=True, help="CSV with columns id, lon, lat."
)
@_scenario
@_at
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="CSV to write: from, to, minutes."
)
@_quiet
@_plain_errors
def times(origins: Path, destinations: Path, scenario: str, at: str, out: Path, quiet: bool) -> None:
    """Minutes of the least expected time from every origin to every destination; blank where there is no way."""
    frames = _read_all_points(dict.fromkeys((origins, destinations)))
    with _bar("origins", quiet) as tell:
        study = _study()
        table = study.times(frames[origins], frames[destinations], _scenario_id(study, scenario), at, tell)
    _write_csv(table, out, "%.1f")
    if not quiet:
        missing = int(table["minutes"].isna().sum())
        walked = table.attrs.get("without_train", 0)
        echo(
            f"{len(table)} pairs written to {out}"
            + (f", {missing} without a way (blank)" if missing else "")
            + (f", {walked} on foot or by local bus alone" if walked else "")
        )


def _write_csv(table: pd.DataFrame, out: Path, float_format: str) -> None:
    from corridor.core.csv_tables import for_people
    from corridor.core.output import write_whole

    try:
        write_whole(out, for_people(table, float_format).encode())
    except OSError as error:
        raise CorridorError(
            Problem(
                str(out),
                f"cannot be written ({error.strerror})",
                "a file in a folder that exists",
                "choose another --out",
            )
        ) from None


@main.command()
@click.argument("scenario")
@click.option(
    "--hours",
    default=None,
    metavar="HH:MM,...",
    help="Hours to leave at. [default: 05:00 to 24:00, every hour; some minutes of computing]",
)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="CSV to write: every column.")
@_quiet
@_json_flag
@_plain_errors
def hours(scenario: str, hours: str | None, out: Path | None, quiet: bool, as_json: bool) -> None:
    """Access of SCENARIO hour by hour, and what the closing times of control points cost."""
    from corridor.study.hours import HOURS, text_table, what_closing_costs

    asked = [h.strip() for h in hours.split(",")] if hours is not None else HOURS
    study = _study()
    scenario_id = _scenario_id(study, scenario)
    with _bar("hours", quiet) as tell:
        table = what_closing_costs(study, scenario_id, asked, tell)
    if out:
        _write_csv(table, out, "%.2f")
    if as_json:
        echo_json(table.to_dict("records"))
    elif not (quiet and out):
        echo(text_table(table, study.parameters.cutoffs_min))


def _read_all_points(files: Iterable[Path]) -> dict[Path, pd.DataFrame]:
    """Lists of places by file; the problems of all of them at once."""
    frames, errors = {}, list[LayerError]()
    for path in files:
        try:
            frames[path] = _read_points(path)
        except LayerError as error:
            errors.append(error)
    if errors:
        raise type(errors[0])(problem for error in errors for problem in error.problems)
    return frames


def _read_points(path: Path) -> pd.DataFrame:
    """A CSV with id, lon, lat, its index the file and line of each place; all problems at once."""
    from corridor.schema.catalog import read_csv

    try:
        frame = read_csv(path, {"id": str})
    except (OSError, ValueError, Warning) as error:
        raise LayerError(
            Problem(
                str(path), f"cannot be read ({error})", "a CSV with columns id, lon, lat", "mend the file"
            )
        ) from None
    missing = [c for c in ("id", "lon", "lat") if c not in frame]
    if missing:
        raise MissingColumnError(
            [
                Problem(
                    f"{path.name}:1",
                    f"column {c!r} is missing",
                    "columns id, lon, lat",
                    f"there are: {', '.join(map(str, frame.columns))}",
                )
                for c in missing
            ]
        )
    problems = []
    if frame.empty:
        problems.append(Problem(path.name, "has no rows", "one at least", "add places"))
    frame.index = pd.Index([f"{path.name}:{i + 2}" for i in frame.index])
    problems += [Problem(i, "id is empty", "an id", "fill it") for i in frame.index[frame["id"].isna()]]
    lon, lat = (pd.to_numeric(frame[c], errors="coerce") for c in ("lon", "lat"))
    for i in frame.index[lon.isna() | lat.isna() | ~lat.between(-90, 90) | ~lon.between(-180, 180)]:
        hint = "swap lon and lat" if abs(lat[i]) > 90 >= abs(lon[i]) else "correct them"
        problems.append(Problem(i, f"lon {frame['lon'][i]}, lat {frame['lat'][i]}", "WGS84 degrees", hint))
    if problems:
        raise LayerError(problems)
    return frame.assign(lon=lon, lat=lat)
