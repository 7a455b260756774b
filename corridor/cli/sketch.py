"""`corridor sketch`: a page on this machine on which lines are drawn and scored."""

from __future__ import annotations

import threading
import webbrowser
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import click

from corridor.cli import options
from corridor.cli.terminal import echo, echo_error
from corridor.core.errors import CorridorError


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Port [default: any that is free].")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--token", default="", help="Secret part of the address; required with --host.")
@click.option("--ideas", type=options.PATH, default=Path("ideas"), show_default=True, help="Folder of ideas.")
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
def sketch(port: int, host: str, token: str, ideas: Path, no_open: bool) -> None:
    """Draw a line on a map and see access, nature and cost at once.

    A page served on this machine alone. Ideas are saved as scenario files, which 'corridor compare' scores to the same
    figures. Stop with Ctrl+C.
    """
    from corridor.sketch.desk import Desk
    from corridor.sketch.ideas import Ideas
    from corridor.sketch.report import Reports
    from corridor.sketch.scored import Sketcher
    from corridor.sketch.server import application, listen, serve

    server = listen(host, port, token)
    sketcher = Sketcher(options.open_study())
    desk = Desk(sketcher)
    reports = Reports(sketcher.study, Ideas(ideas))
    app = application(sketcher, desk, reports, server)
    for started in (desk.ground, desk.warm(sketcher.hours[0])):  # the page is there meanwhile
        started.add_done_callback(_say_what_failed)
    echo(f"Open {server.address}; stop with Ctrl+C")
    if not no_open:
        threading.Timer(0.5, webbrowser.open, [server.address]).start()
    serve(app, server)
    reports.end()
    echo("stopped")


def _say_what_failed(started: Future[Any]) -> None:
    """Say what is wrong with the study's layers, which are read while the page is open already."""
    error = None if started.cancelled() else started.exception()
    if isinstance(error, CorridorError):
        echo_error(error)
    elif error:
        raise error
