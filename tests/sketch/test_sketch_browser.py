"""The page in Chromium: draw a line, drag it, read both scores; two browsers each see their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from corridor.sketch.desk import Desk
from corridor.sketch.ideas import Ideas
from corridor.sketch.scored import Sketcher
from corridor.sketch.server import Server, application, listen, waiter

pytest.importorskip("starlette", reason="corridor[sketch] is not installed")
pytestmark = pytest.mark.browser
LONG_MS = 90_000


@contextmanager
def serving(desk: Desk, folder: Path) -> Iterator[Server]:
    """A server of this process, which answers inside the block."""
    server = listen()
    runs = waiter(application(desk.sketcher, desk, Ideas(folder), server))
    thread = threading.Thread(target=runs.run, kwargs={"sockets": [server.listening]}, daemon=True)
    thread.start()
    yield server
    runs.should_exit = True
    thread.join(20)
    server.listening.close()
    desk.end()


@pytest.fixture(scope="module")
def server(sketcher: Sketcher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    folder = tmp_path_factory.mktemp("drawn") / "ideas"
    with serving(Desk(sketcher), folder) as server:
        yield server, folder


@contextmanager
def opened(browser: Any, server: Server, width: int = 1280, height: int = 720) -> Iterator[Any]:
    """A page of a browser of its own, which must end without an error and ask nobody else."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    page = context.new_page()
    faults: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: asked.append(r.url))
    page.goto(server.address)
    page.wait_for_selector("body[data-ready]", timeout=LONG_MS)
    yield page
    assert faults == []
    assert [url for url in asked if not url.startswith(server.address)] == []
    context.close()


def scored(page: Any) -> str:
    """The first table once the newest drawing is scored."""
    page.wait_for_selector("#state[data-state=refining], #state[data-state=refined]", timeout=LONG_MS)
    return str(page.inner_text("#groups"))


def until(page: Any, there: Callable[[], bool]) -> None:
    for _ in range(LONG_MS // 200):
        if there():
            return
        page.wait_for_timeout(200)
    pytest.fail("it did not come")


def drag(page: Any, point: int, by_x: int, by_y: int) -> None:
    box = page.locator(".leaflet-drawn-pane .point").nth(point).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by_x / 2, y + by_y / 2, steps=3)
    page.mouse.move(x + by_x, y + by_y, steps=3)
    page.mouse.up()


def test_draw_drag_and_see_both_scores(browser: Any, server: tuple[Server, Path]) -> None:
    at, folder = server
    with opened(browser, at) as page:
        page.click("#worked button:has-text('Tuen Mun')")
        first = scored(page)
        assert "Jobs accessible" in first and "Land take of the line" in first and "exact" in first
        length = page.locator("#section svg").text_content()
        page.select_option("#points li:first-child select", "viaduct")
        until(page, lambda: page.locator("#section svg").text_content() != length)
        length = page.locator("#section svg").text_content()
        drag(page, 1, 40, 10)
        until(page, lambda: page.locator("#section svg").text_content() != length)
        assert scored(page) != first
        assert page.locator("#help").is_hidden()
        assert page.locator(".leaflet-drawn-pane .point").count() == 4
        page.locator("#points .name").nth(1).click()
        page.keyboard.press("Delete")
        assert page.locator(".leaflet-drawn-pane .point").count() == 3
        page.click("#undo")
        assert page.locator(".leaflet-drawn-pane .point").count() == 4
        scored(page)
        page.click("#save")
        page.wait_for_selector("#ideas li", timeout=LONG_MS)
    assert [path.name for path in folder.iterdir()] == ["a-leg-from-hung-shui-kiu-to-tuen-mun.yaml"]


def test_clicks_make_stations_and_a_wrong_line_gets_a_sentence(
    browser: Any, server: tuple[Server, Path]
) -> None:
    with opened(browser, server[0]) as page:
        page.mouse.click(560, 420)
        page.wait_for_selector("#problems:not([hidden])", timeout=LONG_MS)
        assert "the line: has one station" in page.inner_text("#problems")
        assert page.locator("#points li").count() == 1
        page.click("button[data-lang=zh-Hant]")
        assert page.inner_text("h1").strip() == "試畫路線"


def test_two_browsers_draw_each_its_own(browser: Any, server: tuple[Server, Path]) -> None:
    with opened(browser, server[0]) as one, opened(browser, server[0]) as two:
        one.click("#worked button:has-text('Tuen Mun')")
        two.click("#worked button:has-text('all night')")
        assert "Land take" in scored(one)
        assert "Land take" not in scored(two)
        assert one.locator("#points li").count() == 4 and two.locator("#points li").count() == 0


def test_a_phone_can_look(browser: Any, server: tuple[Server, Path]) -> None:
    with opened(browser, server[0], 390, 844) as page:
        page.click("#worked button:has-text('Tuen Mun')")
        scored(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
