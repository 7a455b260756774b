"""`corridor scenarios` and `corridor init`: scenario files, and a study of your own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridor.cli import options
from corridor.cli.program import Program
from corridor.cli.terminal import echo, echo_json, echo_yaml
from corridor.core.errors import CorridorError, Problems

if TYPE_CHECKING:
    from corridor.schema.scenario import ScenarioFile
    from corridor.study.files import StudyFiles
    from corridor.study.study import Study


@click.command()
@click.argument("folder", type=options.PATH)
def init(folder: Path) -> None:
    """Create a study of your own.

    FOLDER gets a catalogue, one scenario and one script; it runs at once.
    """
    from corridor.study.folder import init

    scenarios = ", ".join(f"scenarios/{i}.yaml" for i in init(folder))
    echo(f"{folder}: catalog.yaml, {scenarios}, compare.py")
    echo(f"Try it: corridor --study {folder} compare --out {folder}/maps/comparison")


@click.group(cls=Program)
def scenarios() -> None:
    """List, show, check and create scenario files."""


@scenarios.command("list")
@options.output("json")
def list_(to: options.Output) -> None:
    """List the scenarios, each with its question."""
    library = options.open_files().library
    files = {i: library.file(i)[0] for i in library.ids()}
    if to.as_json:
        echo_json({i: f.model_dump(mode="json", by_alias=True, exclude_unset=True) for i, f in files.items()})
        return
    for scenario, file in files.items():
        echo(f"{scenario}  ({_kind(file)})\n    {file.title.en}: {file.question.en}")


def _kind(file: ScenarioFile) -> str:
    if file.kind == "lever":
        return "lever, stacks with '+'"
    if file.counterfactual:
        return "counterfactual"
    return f"extends {file.extends}" if file.extends else "baseline"


@scenarios.command()
@click.argument("scenario")
def show(scenario: str) -> None:
    """Show a scenario resolved: everything it inherits and changes.

    The changes of SCENARIO in words, as comments, then all of it as YAML.
    """
    study = options.open_files()
    found = study.scenario(options.scenario_id(study, scenario))
    for words in (*found.words(), *(f"conflict: {said}" for said in found.overruled)):
        echo(f"# {words}")
    echo_yaml(found.model_dump(mode="json", by_alias=True, exclude_none=True))


@scenarios.command()
@click.option("--comparison", is_flag=True, help="The schema of a comparison file instead.")
def schema(comparison: bool) -> None:
    """Print the JSON schema of a scenario file, for editors."""
    from corridor.schema import comparison as of_comparison
    from corridor.schema import scenario as of_scenario

    click.echo((of_comparison if comparison else of_scenario).schema_text(), nl=False)


@scenarios.command()
@click.argument("name", metavar="ID|TITLE")
@click.option("--extends", metavar="SCENARIO", help="Scenario to extend [default: the do-minimum].")
def new(name: str, extends: str | None) -> None:
    """Write a scenario file to fill in.

    ID.yaml, in the scenarios of the study or in the current folder. The id of a TITLE is made from it.
    """
    from corridor.core.containment import inside
    from corridor.study.folder import new_scenario

    study = options.open_files()
    extends = extends or options.do_minimum(study)
    study.scenario(extends)
    folder = options.study_folder()
    path = new_scenario(inside(folder, "scenarios") if folder else Path(), name, extends)
    of_study = f" --study {folder}" if folder else ""
    echo(f"{path} written; check it with 'corridor{of_study} scenarios validate {path}'")


@scenarios.command()
@click.argument("files", nargs=-1, type=options.PATH)
def validate(files: tuple[Path, ...]) -> None:
    """Check scenario files; report every problem with file and line.

    FILES: all scenarios of the study by default.
    """
    study = options.open_files()

    @cache
    def computing() -> Study:
        """Loaded when the first scenario has to be built: what was in order is not built again."""
        from corridor.study.study import Study

        return Study.of(study)

    problems = Problems(CorridorError)
    ids: list[str] = [] if files else study.library.ids()
    for path in files:
        try:
            ids.append(options.with_file(study, path))
        except CorridorError as error:
            problems.extend(error)
    for scenario in ids:
        try:
            _try_out(study, scenario, computing)
            echo(f"{scenario}: in order")
        except CorridorError as error:
            problems.extend(error)
    problems.raise_all()


def _try_out(study: StudyFiles, name: str, computing: Callable[[], Study]) -> None:
    """Build a scenario; a lever is in order when it fits one of the scenarios."""
    candidates = [name]
    if study.library.file(name)[0].kind == "lever":
        kinds = {i: study.library.file(i)[0].kind for i in study.library.ids()}
        candidates = [f"{i}+{name}" for i, kind in kinds.items() if kind == "scenario"]
    first: CorridorError | None = None
    for candidate in candidates:
        try:
            stated = study.scenario(candidate).model_dump_json()
            study.known(str, "in order", [stated], partial(_built, computing, candidate))
            return
        except CorridorError as error:
            first = first or error
    if first:
        raise first


def _built(computing: Callable[[], Study], scenario: str) -> str:
    """Build the network and the works of a scenario."""
    study = computing()
    study.network(scenario)
    study.works(scenario)
    return "in order"
