"""The page inside a notebook: a server in a thread of the kernel, in a frame below the cell."""

from __future__ import annotations

import atexit
import threading
from dataclasses import replace
from pathlib import Path

from corridor.sketch.desk import Desk
from corridor.sketch.ideas import Ideas
from corridor.sketch.report import Reports
from corridor.sketch.scored import Sketcher
from corridor.sketch.server import application, listen, waiter
from corridor.study.study import Study
from corridor.web.html import esc

HEIGHT_PX = 720
_OPEN: dict[tuple[int, Path], Sketch] = {}
"""Running pages by study and folder of ideas: a cell that is run again shows the page that is there."""


class Sketch:
    """A page that is served on this machine until :meth:`stop`, or until the kernel ends.

    Parameters
    ----------
    sketcher
        The study in memory.
    ideas
        Folder of ideas.
    """

    def __init__(self, sketcher: Sketcher, ideas: Path):
        server = replace(listen(), framed=True)
        self.address = server.address
        """What a browser on this machine opens."""
        self._listening = server.listening
        self._desk = Desk(sketcher)
        self._reports = Reports(sketcher.study, Ideas(ideas))
        self._waiter = waiter(application(sketcher, self._desk, self._reports, server))
        self._desk.warm(sketcher.hours[0])
        self._thread = threading.Thread(
            target=self._waiter.run, kwargs={"sockets": [server.listening]}, daemon=True, name="sketch"
        )
        self._thread.start()
        atexit.register(self.stop)

    @property
    def runs(self) -> bool:
        """Whether the page is served."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Stop serving; saved ideas stay."""
        atexit.unregister(self.stop)
        self._waiter.should_exit = True
        self._thread.join()
        self._listening.close()
        self._reports.end()
        self._desk.end()

    def _repr_html_(self) -> str:
        style = "border: 1px solid #d8d9d6"
        return (
            f'<iframe src="{esc(self.address)}" width="100%" height="{HEIGHT_PX}" style="{style}"></iframe>'
        )


def opened(study: Study, ideas: Path) -> Sketch:
    """The page of a study and a folder of ideas: the one that runs, or a new one.

    Raises
    ------
    AssetError
        Where the server's libraries are not installed.
    """
    key = (id(study), ideas.absolute())
    if key not in _OPEN or not _OPEN[key].runs:
        _OPEN[key] = Sketch(Sketcher(study), key[1])
    return _OPEN[key]
