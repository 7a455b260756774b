"""How long a planner waits for both scores after a drag, in Chromium, on the shipped study with every cell.

    python tests/benchmarks/sketch.py              # 50 drags of a bend and of a station
    python tests/benchmarks/sketch.py --without    # the same without a browser: processor seconds of each drag

Goals on 2 processors: median 0.6 s, 95th percentile 1 s; the page 2 s after a start that finds what another kept.
"""

from __future__ import annotations

import argparse
import copy
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from corridor.core.cache import Kept
from corridor.sketch.answer import first_answer
from corridor.sketch.desk import Desk
from corridor.sketch.drawing import Drawing, read_drawing
from corridor.sketch.ideas import Ideas
from corridor.sketch.page import worked
from corridor.sketch.report import Reports
from corridor.sketch.scored import Sketcher
from corridor.sketch.server import application, listen, waiter
from corridor.study.study import Study

HOUR = "08:30"
WAIT_MS = 120_000


def told(what: str, seconds: list[float]) -> None:
    """One row of the table."""
    quantiles = [float(np.quantile(seconds, q)) for q in (0.5, 0.95, 1.0)]
    print(f"{what:<34}" + "".join(f"{q:>8.2f}" for q in quantiles), flush=True)


def without_browser(sketcher: Sketcher, drags: int) -> None:
    """Processor and clock seconds of the first answer alone."""
    start = worked(sketcher)[0][1]
    for which, stops in (("bend", False), ("station", True)):
        taken = [seconds_of(sketcher, moved(start, stops, n)) for n in range(drags)]
        for k, kind in enumerate(("clock", "processor")):
            told(f"{which}, {kind} s", [seconds[k] for seconds in taken])


def movable(start: Drawing, stops: bool) -> int:
    """The first bend, or the first station that the drawing adds."""
    points = start.line.points if start.line else ()
    return next(i for i, p in enumerate(points) if not p.station and bool(p.name) == stops)


def moved(start: Drawing, stops: bool, n: int) -> Drawing:
    """A drawing with one bend, or one new station, some tens of metres further."""
    data: dict[str, Any] = copy.deepcopy(start.model_dump(mode="json"))
    point = data["line"]["points"][movable(start, stops)]
    point["lonlat"] = [point["lonlat"][0] + 0.0002 * (n % 10), point["lonlat"][1] + 0.0003 * (n // 10)]
    return read_drawing(data)


def seconds_of(sketcher: Sketcher, drawing: Drawing) -> tuple[float, float]:
    """Clock and processor seconds of one answer."""
    begun = time.perf_counter(), time.process_time()
    first_answer(sketcher, sketcher.first(drawing, HOUR))
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def with_browser(sketcher: Sketcher, drags: int) -> None:
    """From letting go of a point to both scores on the page."""
    from playwright.sync_api import sync_playwright

    begun = time.perf_counter()
    server, desk = listen(), Desk(sketcher)
    desk.warm(HOUR)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        runs = waiter(application(sketcher, desk, Reports(sketcher.study, Ideas(Path(folder))), server))
        thread = threading.Thread(target=runs.run, kwargs={"sockets": [server.listening]}, daemon=True)
        thread.start()
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(server.address)
        page.wait_for_selector("h1")
        told("first page, clock s", [time.perf_counter() - begun])
        page.wait_for_selector("body[data-ready]", timeout=WAIT_MS)
        told("its map, clock s", [time.perf_counter() - begun])
        title, start = worked(sketcher)[0]  # of the worked ideas the one that changes most
        page.click(f"#worked button:has-text('{title}')")
        until(page, "!!window.corridor.lastAnswer")
        told("first score, clock s", [time.perf_counter() - begun])
        for which, stops in (("bend", False), ("station", True)):
            point = movable(start, stops)
            told(f"drag of a {which}, clock s", [drag(page, point, n) for n in range(drags)])
        browser.close()
        runs.should_exit = True
        thread.join()
        desk.end()


def drag(page: Any, point: int, n: int) -> float:
    """Seconds from asking to both scores, of one drag to where the point has not been: what was scored is kept."""
    box = page.locator(".leaflet-drawn-pane .point").nth(point).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    by_x, by_y = 6 + n % 9, 3 + n % 7
    last = page.evaluate("window.corridor.lastAnswer.number")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + (by_x if n % 2 else -by_x), y + (by_y if n % 4 < 2 else -by_y), steps=3)
    page.mouse.up()
    until(page, f"window.corridor.lastAnswer.number > {last}")
    return float(page.evaluate("window.corridor.lastAnswer.ms")) / 1000


def until(page: Any, there: str) -> None:
    """Wait for something of the page, whose content policy lets nothing wait inside it."""
    begun = time.perf_counter()
    while not page.evaluate(there):
        if time.perf_counter() - begun > WAIT_MS / 1000:
            raise SystemExit(f"waited {WAIT_MS / 1000:.0f} s for {there}")
        page.wait_for_timeout(20)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--drags", type=int, default=50)
    parser.add_argument("--without", action="store_true", help="without a browser")
    args = parser.parse_args()
    print(f"{args.drags} drags, {os.cpu_count()} processors, load {os.getloadavg()[0]:.0f}")
    print(f"{'':<34}{'median':>8}{'95 %':>8}{'most':>8}")
    sketcher = Sketcher(Study.bundled(kept=Kept.of_user()))
    if args.without:
        sketcher.warm(HOUR)
        without_browser(sketcher, args.drags)
    else:
        with_browser(sketcher, args.drags)


if __name__ == "__main__":
    main()
