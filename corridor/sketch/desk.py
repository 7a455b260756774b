"""Drawings of several browsers, each answered by its newest: a stale figure is never shown, and no two mix."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from corridor.core.errors import CorridorError
from corridor.core.in_memory import Kept
from corridor.core.stopping import CalledOffError, next_step, unless
from corridor.schema.text import Text
from corridor.sketch.answer import Group, figures, first_answer, idea_row, refined_answer
from corridor.sketch.drawing import Drawing, read_drawing
from corridor.sketch.page import Shared, ground
from corridor.sketch.refusal import said
from corridor.sketch.scored import First, Sketcher
from corridor.web.html import json_for_script

MOST_BROWSERS = 16
ROWS_KEPT = 200
NICE = 5
"""Added to the priority number of the slow parts: beside an answer they get a quarter of a processor. At 10 they would get a
tenth, and on a machine that is busy with other work they, and their end, would take minutes."""
QUIET_S = 0.8
"""How long a drawing must rest before its slow parts begin: while a hand still moves, processors belong to the first answer."""


@dataclass
class _Browser:
    """The newest drawing of a browser by its number, its answer, and the slow parts of it that are there."""

    number: int = -1
    shared: Shared | None = None
    groups: list[Group] = field(default_factory=list)
    done: bool = False


class Desk:
    """Answers drawings, one at a time, and refines the newest of each browser in a thread of its own.

    Parameters
    ----------
    sketcher
        The study in memory.
    """

    def __init__(self, sketcher: Sketcher):
        self.sketcher = sketcher
        self._browsers: OrderedDict[str, _Browser] = OrderedDict()
        self._one = threading.Lock()
        self._state = threading.Condition()  # on a lock that its owner may take again
        self._waiting: dict[str, tuple[int, First, str]] = {}
        self._ended = False
        self._rows: Kept[tuple[str, str], list[str]] = Kept(ROWS_KEPT)
        self._starting = ThreadPoolExecutor(1)
        self.ground: Future[str] = self._starting.submit(self._ground)
        """What the map shows, as JSON; the page waits for it."""
        self._worker = threading.Thread(target=self._refine, daemon=True, name="refining")
        self._worker.start()

    def _ground(self) -> str:
        return json_for_script(ground(self.sketcher))

    def warm(self, hour: str) -> Future[None]:
        """Work out what first answers start from, once the ground is there."""
        return self._starting.submit(self.sketcher.warm, hour)

    def end(self) -> None:
        """Stop refining, after the step that is under way."""
        with self._state:
            self._ended = True
            self._state.notify_all()
        self._worker.join()
        self._starting.shutdown(cancel_futures=True)

    def score(self, browser: str, number: int, drawing: object, hour: str) -> dict[str, Any]:
        """The first answer to a drawing.

        Parameters
        ----------
        browser
            Whose drawing it is.
        number
            Counts up with every change; the answer bears it.
        drawing, hour
            As :func:`corridor.sketch.drawing.read_drawing` and :meth:`corridor.sketch.scored.Sketcher.first` take them.

        Returns
        -------
        dict
            ``number`` and either the answer, ``problems`` in sentences of three scripts, or ``stale`` where a newer drawing came meanwhile.
        """
        self._begin(browser, number)
        with self._one:
            if not self._newest(browser, number):
                return {"number": number, "stale": True}
            try:
                read = read_drawing(drawing)
                found = self.sketcher.first(read, hour)
            except CorridorError as error:
                return {"number": number, "problems": said(error)}
            answer = first_answer(self.sketcher, found)
        with self._state:
            if mine := self._newest(browser, number):
                mine.shared = Shared(read, hour, answer)
                self._waiting[browser] = (number, found, hour)
                self._state.notify_all()
        return {"number": number, **answer}

    def row(self, drawing: Drawing, hour: str) -> list[str]:
        """The row of a saved idea beside the others (:func:`corridor.sketch.answer.idea_row`), scored once."""
        key = (drawing.model_dump_json(), hour)
        if (found := self._rows.get(key)) is None:
            with self._one:
                found = self._rows.known(key, lambda: idea_row(figures(self.sketcher.first(drawing, hour))))
        return found

    def shared(self, browser: str, number: int) -> Shared | None:
        """The newest drawing of a browser with all of its answer that is there; None where a newer one came meanwhile."""
        with self._state:
            mine = self._newest(browser, number)
            if mine is None or mine.shared is None:
                return None
            return replace(mine.shared, groups=tuple(mine.groups), done=mine.done)

    def refined(self, browser: str, number: int) -> dict[str, Any]:
        """The slow parts that are there of a drawing, and whether they are all."""
        with self._state:
            if (mine := self._newest(browser, number)) is None:
                return {"number": number, "stale": True}
            return {"number": number, "groups": list(mine.groups), "done": mine.done}

    def _begin(self, browser: str, number: int) -> None:
        with self._state:
            mine = self._browsers.setdefault(browser, _Browser())
            self._browsers.move_to_end(browser)
            while len(self._browsers) > MOST_BROWSERS:
                gone, _ = self._browsers.popitem(last=False)
                self._waiting.pop(gone, None)
            if number > mine.number:
                mine.number, mine.groups, mine.done, mine.shared = number, [], False, None
                self._waiting.pop(browser, None)

    def _newest(self, browser: str, number: int) -> _Browser | None:
        """What is known of a drawing; None where a newer one of the same browser came meanwhile."""
        with self._state:
            mine = self._browsers.get(browser)
            return mine if mine and mine.number == number else None

    # --- the slow parts ---

    def _refine(self) -> None:
        # Linux alone has a priority for each thread. Elsewhere the whole process would give way, first answers too.
        if sys.platform == "linux":
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICE)
        while (job := self._next()) is not None:
            self._refine_one(*job)

    def _next(self) -> tuple[str, int, First, str] | None:
        """The next drawing that has rested; None at the end."""
        with self._state:
            while not self._ended:
                if not self._waiting:
                    self._state.wait()
                    continue
                browser, (number, found, hour) = next(iter(self._waiting.items()))
                rests_until = time.monotonic() + QUIET_S
                while not self._ended and self._rests(browser, number):
                    left_s = rests_until - time.monotonic()
                    if left_s <= 0:
                        del self._waiting[browser]
                        return browser, number, found, hour
                    self._state.wait(left_s)
        return None

    def _rests(self, browser: str, number: int) -> bool:
        waiting = self._waiting.get(browser)
        return waiting is not None and waiting[0] == number

    def _refine_one(self, browser: str, number: int, found: First, hour: str) -> None:
        """Step by step, until a newer drawing of the same browser cancels what is left, also within a step."""
        faults: list[Group] = []
        try:
            with unless(lambda: self._ended or not self._newest(browser, number)):
                for part in self.sketcher.refined(found, hour):
                    group = refined_answer(self.sketcher, part)
                    with self._state:
                        next_step()
                        self._browsers[browser].groups.append(group)
        except CalledOffError:
            return
        except CorridorError as error:
            rows = [(text, list[str]()) for text in said(error)]
            faults.append(Group("problems", Text(en=""), [], rows))
        with self._state:
            if mine := self._newest(browser, number):
                mine.groups.extend(faults)
                mine.done = True
