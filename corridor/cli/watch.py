"""The watch command: a scenario file is compared again at each save, and an open page follows."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable
from pathlib import Path

import click

from corridor.cli import options
from corridor.cli.compare import compare_to
from corridor.cli.terminal import echo, echo_error
from corridor.core.errors import CorridorError

POLL_S = 0.4

Stamp = dict[Path, tuple[int, int]]
"""When each file was last written (nanoseconds), and its size in bytes."""


@click.command()
@click.argument("scenario", type=options.PATH)
@options.out_folder("maps/watch")
@options.output("quiet", "open")
def watch(scenario: Path, out: Path | None, to: options.Output) -> None:
    """Compare a scenario file with the do-minimum at each save.

    The page watch.html in the output folder shows the newest result while it is open. Stop with Ctrl+C.
    """
    from corridor.core.output import check_target
    from corridor.web.watch import write_watch

    if not scenario.is_file():  # an id or a missing file is refused before anything is written
        study = options.open_files()
        study.scenario(options.scenario_id(study, str(scenario)))
    out = out or options.maps_folder("watch")
    comparison = out / "comparison"
    check_target(comparison)
    page = write_watch(out, comparison.name)
    echo(f"Open {page}; stop with Ctrl+C")
    to.open(page)
    # a script that starts it in the background has the system ignore Ctrl+C, which is how it is stopped
    signal.signal(signal.SIGINT, signal.default_int_handler)
    seen: Stamp = {}
    files: set[Path] = {scenario}
    run = 0
    try:
        while True:
            if (now := _stamp(files)) != seen:
                run += 1
                files |= _rescored(scenario, out, comparison, run, to)
                # files that are known since are taken as they are; one saved meanwhile is noticed
                seen = {**_stamp(files - now.keys()), **now}
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        echo("stopped")


def _rescored(scenario: Path, out: Path, comparison: Path, run: int, to: options.Output) -> set[Path]:
    """Compare, tell the page, and say which files the result rests on."""
    from corridor.web.watch import tell_watch

    tell_watch(out, run, "working")
    try:
        study = compare_to(comparison, (str(scenario),), options.Output(quiet=to.quiet))
    except CorridorError as error:
        echo_error(error)
        tell_watch(out, run, "failed", error.problems)
        return set()
    tell_watch(out, run, "done")
    layers = (study.catalog.file_of(entry) for entry in study.catalog.entries)
    scenarios = (path for folder in study.scenario_folders for path in folder.glob("*.yaml"))
    return {*layers, *scenarios, study.comparison_path}


def _stamp(files: Iterable[Path]) -> Stamp:
    found: Stamp = {}
    for path in files:
        try:
            about = path.stat()
        except OSError:  # an editor replaces a file by renaming: for a moment it may be missing
            found[path] = (0, 0)
        else:
            found[path] = (about.st_mtime_ns, about.st_size)
    return found
