"""Fifty drags through the page in Chromium: no stale figure, no error, and memory that stays as it is.

How long they take is measured by tests/benchmarks/sketch.py: a test that fails on a busy machine says nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corridor.sketch import desk as desk_of
from corridor.sketch.desk import Desk
from corridor.sketch.scored import Sketcher
from corridor.sketch.server import Server
from tests.sketch.test_sketch_browser import drag, opened, scored, serving
from tests.waiting import until_page

pytest.importorskip("starlette", reason="corridor[sketch] is not installed")
pytestmark = pytest.mark.browser
DRAGS, SETTLED = 50, 10
"""Memory is compared from a drag on by which everything is loaded that is loaded once."""
MOST_MB = 40
NUMBER = "window.corridor.lastAnswer.number"
STATM = Path("/proc/self/statm")


@pytest.fixture
def drawn_on(sketcher: Sketcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server whose slow parts never begin: they load grids, which are no leak."""
    monkeypatch.setattr(desk_of, "QUIET_S", 3_600.0)
    with serving(Desk(sketcher), tmp_path / "ideas") as server:
        yield server


class Answers(list[dict[str, Any]]):
    """What the server says to each drawing of a page, in the order in which it comes."""

    def __init__(self, page: Any):
        super().__init__()
        self._heard: list[Any] = []
        page.on("response", lambda r: self._heard.append(r) if r.url.endswith("/score") else None)

    def newest(self) -> dict[str, Any]:
        """The last one, once all that came are read: a listener must not wait for their text."""
        while self._heard:
            response = self._heard.pop(0)
            assert response.status == 200
            self.append(response.json())
            assert self[-1]["number"] == json.loads(response.request.post_data)["number"]
        return self[-1]


def browser_mb(page: Any) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = float(session.send("Runtime.getHeapUsage")["usedSize"])
    session.detach()
    return used / 1e6


def server_mb() -> float:
    pages = int(STATM.read_text().split()[1]) if STATM.is_file() else 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_fifty_drags_leave_no_stale_figure_and_no_memory(browser: Any, drawn_on: Server) -> None:
    with opened(browser, drawn_on) as page:
        answers = Answers(page)
        page.click("#worked button:has-text('Tuen Mun')")
        scored(page)
        before = 0.0, 0.0
        for n in range(DRAGS):
            last = page.evaluate(NUMBER)
            by_x, by_y = 6 + n % 9, 3 + n % 7
            drag(page, 1, by_x if n % 2 else -by_x, by_y if n % 4 < 2 else -by_y)
            until_page(page, lambda last=last: page.evaluate(NUMBER) > last)
            newest = answers.newest()
            assert page.evaluate(NUMBER) == newest["number"]
            assert not newest.get("problems") and not newest.get("stale")
            assert page.locator("#problems").is_hidden()
            # the section that is shown is that of the newest answer
            shown = page.locator("#section svg").text_content()
            assert shown == page.evaluate(
                "(svg) => new DOMParser().parseFromString(svg, 'text/html').querySelector('svg').textContent",
                newest["section"],
            )
            if n + 1 == SETTLED:
                before = browser_mb(page), server_mb()
        after = browser_mb(page), server_mb()
        assert after[0] - before[0] < 5 and after[1] - before[1] < MOST_MB, (before, after)
        numbers = [answer["number"] for answer in answers]
        assert numbers == sorted(set(numbers)) and len(numbers) == DRAGS + 1
        assert len({answer["section"] for answer in answers}) > DRAGS / 3
