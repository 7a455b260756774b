"""Options that several commands share, and the study that a command is for."""

from __future__ import annotations

import os
import re
import sys
import webbrowser
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridor.cli import terminal
from corridor.core.progress import Progress

if TYPE_CHECKING:
    from corridor.study.files import StudyFiles
    from corridor.study.study import Study

Command = Callable[..., Any]
Decorator = Callable[[Command], Command]

PATH = click.Path(path_type=Path)
SCRIPTS = ("en", "zh-Hant", "zh-Hans")
"""What --lang takes: the languages and scripts of texts."""


def gathered(name: str, make: Callable[..., object], *options: Decorator) -> Decorator:
    """Options of one subject: the command gets what `make` makes of their values, as its argument `name`."""

    def carrier() -> None:
        """Hold the options until their names are known."""

    for option in reversed(options):
        option(carrier)
    names = {parameter.name for parameter in carrier.__click_params__}  # type: ignore[attr-defined]

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_made(**given: Any) -> Any:
            own = {n: given.pop(n) for n in names}
            return command(**given, **{name: make(**own)})

        for option in reversed(options):
            option(with_made)
        return with_made

    return decorate


@dataclass(frozen=True)
class Output:
    """How a command shows its results: with progress or quietly, as text or data, and in a browser."""

    quiet: bool = False
    as_json: bool = False
    open_page: bool = False

    def progress(self, label: str) -> AbstractContextManager[Progress]:
        """Report progress of one piece of work, unless quiet."""
        return terminal.progress(label, self.quiet)

    def show(
        self, data: Callable[[], Any], parts: Callable[[], tuple[object, ...]], sort_keys: bool = False
    ) -> None:
        """Print the results: as JSON if asked for, else as texts and tables, unless quiet."""
        if self.as_json:
            terminal.echo_json(data(), sort_keys)
        elif not self.quiet:
            terminal.echo_parts(*parts())

    def open(self, page: Path) -> None:
        """Open a written page in a browser if asked for."""
        if self.open_page:
            webbrowser.open(page.resolve().as_uri())


_FLAGS = {
    "quiet": click.option("--quiet", is_flag=True, help="Print results and errors only."),
    "json": click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    "open": click.option("--open", "open_page", is_flag=True, help="Open the page in a browser."),
}


def output(*flags: str) -> Decorator:
    """Add some of --quiet, --json and --open; the command gets an :class:`Output` as `to`."""
    return gathered("to", Output, *(_FLAGS[flag] for flag in flags))


def out_folder(default: str) -> Decorator:
    """Add --out, a folder to write; None where it is not given."""
    return click.option("--out", type=PATH, help=f"Output folder [default: {default}].")


def out_file(text: str, required: bool = True) -> Decorator:
    """Add --out, a file to write."""
    return click.option("--out", type=PATH, required=required, help=text)


weights = click.option(
    "--weights", multiple=True, type=PATH, help="CSV of weights, a row per judge; repeatable."
)
reference = click.option("--reference", help="Scenario to compare with [default: the do-minimum].")
scenario = click.option("--scenario", help="Id or file; levers follow with '+' [default: the baseline].")
build_out = click.option(
    "--build-out",
    default="",
    metavar="ID",
    help="Share of the planned build-out, such as half or jobs-late [default: all].",
)
at = click.option("--at", default="08:30", show_default=True, metavar="HH:MM", help="Departure time.")


def maps_folder(name: str) -> Path:
    """Return the default output folder: below the current folder, never through a link to elsewhere."""
    from corridor.core.containment import inside

    return inside(Path(), f"maps/{name}")


def study_folder() -> Path | None:
    """Return the folder of the study that the command is for; None for the shipped study.

    Raises
    ------
    CatalogError
        Where there is neither such a folder nor a study of that name that travels with the program.
    """
    from corridor.core import paths
    from corridor.core.errors import CatalogError, unknown

    context = click.get_current_context(silent=True)
    folder: Path | None = context.find_root().obj if context else None
    if folder is None or folder.exists():
        return folder
    shipped = paths.shipped_studies()
    if str(folder) not in shipped:
        use = "a folder that 'corridor init' made, or a study that is shipped: " + ", ".join(shipped)
        raise CatalogError([unknown("--study", "study", str(folder), use, shipped)])
    return shipped[str(folder)]


def open_study(build_out: str = "") -> Study:
    """Open the study that the command is for.

    Parameters
    ----------
    build_out
        How much of the planned build-out counts: one of the region's shares by id, or all of it.

    Raises
    ------
    ScenarioError
        Where the region has no such share.
    """
    from corridor.study.study import Study

    _say_what_a_first_run_takes()
    study = Study.of(open_files())
    if build_out:
        study.region.built_out(build_out)
        study.parameters = replace(study.parameters, build_out=build_out)
    return study


def _say_what_a_first_run_takes() -> None:
    """Explain the wait to whoever watches a terminal, where nothing has been compiled yet."""
    from corridor.core.cache import cache_folder

    quiet = click.get_current_context().params.get("quiet", False)
    if sys.stderr.isatty() and not quiet and not cache_folder("kernels").is_dir():
        said = "First run: compiling takes one to three minutes on two cores. Later runs start at once and reuse results."
        terminal.echo(said, err=True)


def open_files() -> StudyFiles:
    """Open the layers and scenario files of the study that the command is for, with nothing that computes.

    What the next command needs again is kept in the cache of the user.
    """
    from corridor.core.cache import Kept
    from corridor.study.files import StudyFiles

    folder, kept = study_folder(), Kept.of_user()
    return StudyFiles.open(folder, kept) if folder else StudyFiles.bundled(kept)


def scenario_id(study: StudyFiles, text: str | None) -> str:
    """Return a scenario id as given, that of a scenario file given by its path, or the study's baseline.

    Levers may follow an id or a path with '+'.
    """
    if text is None:
        return _baseline(study)
    file = re.match(r"(.*\.ya?ml)((?:\+[^+/\\]*)*)$", text)  # folders and files may have a '+' in their names
    return with_file(study, Path(file[1])) + file[2] if file else text


def scenario_files(scenarios: Iterable[str]) -> list[Path]:
    """Scenarios that were given as files, without their levers."""
    return [Path(s.split("+")[0]) for s in scenarios if s.split("+")[0].endswith((".yaml", ".yml"))]


def with_file(study: StudyFiles, path: Path) -> str:
    """Add a scenario file to those that the study knows; its id. A note says where the file is another study's."""
    home = path.resolve().parent.parent
    if study_folder() is None and path.parent.name == "scenarios" and (home / "catalog.yaml").is_file():
        shown = Path(os.path.relpath(home))
        terminal.echo(
            f"note: {path.name} is in the study {shown}; its layers count with --study {shown}", err=True
        )
    return study.library.add_file(path)


def do_minimum(study: StudyFiles) -> str:
    """Return the do-minimum scenario of the comparison file."""
    from corridor.core.cache import key_of
    from corridor.schema.catalog_kept import held_in

    path = study.comparison_path
    read = [path, *sorted(path.parent.rglob("*.csv"))]  # panels of weights are checked with it
    held = key_of(part for file in read for part in (str(file), held_in(file)))
    return study.known(str, "do-minimum", [held, *study.library.ids()], lambda: _do_minimum(study))


def _do_minimum(study: StudyFiles) -> str:
    """As the file says once all of it is checked, for which everything that criteria measure is loaded."""
    from corridor.study.question import question

    return question(study).file.do_minimum


def _baseline(study: StudyFiles) -> str:
    """The scenario that the do-minimum extends in the end."""
    found = do_minimum(study).partition("+")[0]
    while extended := study.library.file(found)[0].extends:
        found = extended
    return found
