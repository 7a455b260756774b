"""The page in Chromium: draw a line, drag it, read both scores; two browsers each see their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from corridor.schema.scenario import read_scenario
from corridor.sketch.desk import Desk
from corridor.sketch.ideas import Ideas
from corridor.sketch.notebook import Sketch
from corridor.sketch.report import Reports
from corridor.sketch.scored import Sketcher
from corridor.sketch.server import Server, application, listen, waiter
from tests.sketch.test_report import WRITES
from tests.waiting import until_page

pytest.importorskip("starlette", reason="corridor[sketch] is not installed")
pytestmark = pytest.mark.browser
LONG_MS = 300_000  # on a busy machine, slow parts give way to all else
HOSTILE = "Leg </script><img src=x onerror=alert(1)> & more"


@contextmanager
def serving(desk: Desk, folder: Path) -> Iterator[Server]:
    """A server of this process, which answers inside the block."""
    server = listen()
    sketcher = desk.sketcher
    runs = waiter(application(sketcher, desk, Reports(sketcher.study, Ideas(folder)), server))
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
        until_page(page, lambda: page.locator("#section svg").text_content() != length)
        length = page.locator("#section svg").text_content()
        drag(page, 1, 40, 10)
        until_page(page, lambda: page.locator("#section svg").text_content() != length)
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
        assert page.locator("#points li").count() == 1
        assert (
            page.inner_text("#next") == "Click where the next station is."
            and page.locator("#problems").is_hidden()
        )
        page.mouse.click(330, 560)
        page.wait_for_selector("#problems:not([hidden])", timeout=LONG_MS)
        assert "is not on land of the study area" in page.inner_text("#problems")
        assert page.locator("#next").is_hidden() and page.locator("#points li").count() == 2
        page.click("button[data-lang=zh-Hant]")
        assert page.inner_text("h1").strip() == "試畫路線"
        assert "不在研究範圍的陸地上" in page.inner_text("#problems")


def test_the_address_names_the_language_and_stations_have_names_in_it(
    browser: Any, server: tuple[Server, Path]
) -> None:
    with opened(browser, server[0]) as page:
        assert page.url.endswith("#lang=en")
        page.goto(server[0].address + "#lang=zh-Hant")
        until_page(page, lambda: page.inner_text("h1").strip() == "試畫路線")
        page.reload()
        page.wait_for_selector("body[data-ready]", timeout=LONG_MS)
        page.click("#worked button:has-text('流浮山')")
        assert "流浮山（內移）" in page.inner_text("#points")
        page.click("button[data-lang=zh-Hans]")
        assert page.url.endswith("#lang=zh-Hans") and page.title() == "试画线路"
        assert "流浮山（内移）" in page.inner_text("#points")
        # dragged, it keeps its names; named anew, it has that name in all of them
        stop = (
            page.locator("#points li")
            .filter(has_text="流浮山")
            .evaluate("(row) => [...row.parentNode.children].indexOf(row)")
        )
        scored(page)
        drag(page, stop, -30, 5)
        page.click("button[data-lang=zh-Hant]")
        assert "流浮山（內移）" in page.inner_text("#points")
        page.fill("#points input", "沙江圍")
        page.keyboard.press("Tab")
        page.click("button[data-lang=en]")
        assert "沙江圍" in page.inner_text("#points")


def test_two_browsers_draw_each_its_own(browser: Any, server: tuple[Server, Path]) -> None:
    with opened(browser, server[0]) as one, opened(browser, server[0]) as two:
        one.click("#worked button:has-text('Tuen Mun')")
        two.click("#worked button:has-text('all night')")
        assert "Land take" in scored(one)
        assert "Land take" not in scored(two)
        assert "shows only at hours when services run" in scored(two)
        assert one.locator("#points li").count() == 4 and two.locator("#points li").count() == 0


def test_a_phone_can_look(browser: Any, server: tuple[Server, Path]) -> None:
    with opened(browser, server[0], 390, 844) as page:
        page.click("#worked button:has-text('Tuen Mun')")
        scored(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_as_wide_as_a_cell_of_a_notebook_map_and_figures_are_side_by_side(
    browser: Any, server: tuple[Server, Path]
) -> None:
    with opened(browser, server[0], 830, 720) as page:
        assert page.locator("#help").is_visible() and page.locator(".look").is_hidden()
        page.click("#worked button:has-text('Tuen Mun')")
        scored(page)
        board, figures = (page.locator(part).bounding_box() for part in ("#board", "#groups table >> nth=0"))
        assert board["height"] > 250 and board["x"] + board["width"] <= figures["x"]
        assert figures["y"] < 600 and page.evaluate("document.documentElement.scrollHeight") <= 720
        assert page.locator("#points li").first.is_visible()


def test_the_page_is_shown_inside_a_notebook(browser: Any, sketcher: Sketcher, tmp_path: Path) -> None:
    """In a frame of a page of another name and port of this machine, as Jupyter's is."""
    (tmp_path / "cell.html").write_text("")
    serves = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    notebook, shown = ThreadingHTTPServer(("127.0.0.1", 0), serves), Sketch(sketcher, tmp_path / "ideas")
    threading.Thread(target=notebook.serve_forever, daemon=True).start()
    (tmp_path / "cell.html").write_text(f"<!DOCTYPE html><title>cell</title>{shown._repr_html_()}")
    try:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"http://localhost:{notebook.server_port}/cell.html")
        inside = page.frame_locator("iframe")
        inside.locator("body[data-ready]").wait_for(timeout=LONG_MS)
        inside.locator("#worked button").nth(1).click()
        inside.locator("#state[data-state=refining], #state[data-state=refined]").wait_for(timeout=LONG_MS)
        assert "Land take" in inside.locator("#groups").inner_text()
        page.close()
    finally:
        shown.stop()
        notebook.shutdown()
        notebook.server_close()


def test_an_idea_is_one_file_that_opens_without_the_server_and_again_with_it(
    browser: Any, server: tuple[Server, Path], tmp_path: Path
) -> None:
    with opened(browser, server[0]) as page:
        page.click("#worked button:has-text('Tuen Mun')")
        scored(page)
        page.fill("input[name=title]", HOSTILE)
        page.keyboard.press("Tab")
        scored(page)
        page.wait_for_selector("#slow table", timeout=LONG_MS)
        told = page.inner_text("#groups")
        with page.expect_download() as kept:
            page.click("#share")
        kept.value.save_as(tmp_path / "idea.html")
        with browser.new_context(offline=True, viewport={"width": 1280, "height": 720}) as alone:
            colleague, faults = alone.new_page(), []
            colleague.on("pageerror", lambda e: faults.append(str(e)))
            colleague.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
            colleague.goto((tmp_path / "idea.html").as_uri())
            colleague.wait_for_selector("body[data-ready]")
            assert colleague.inner_text("#groups") == told
            assert colleague.locator("#slow table").count() > 0
            assert colleague.inner_text("#compared .title") == HOSTILE
            assert colleague.locator(".leaflet-drawn-pane .point").count() == 4
            with colleague.expect_download() as stated:
                colleague.click("#file")
            stated.value.save_as(tmp_path / "leg-to-tuen-mun.yaml")
            assert faults == []
        assert read_scenario(tmp_path / "leg-to-tuen-mun.yaml")[0].lines.add
        page.click("#new")
        assert page.locator("#points li").count() == 0
        page.set_input_files("#read", tmp_path / "idea.html")
        assert "Land take" in scored(page) and page.locator("#points li").count() == 4
        (tmp_path / "other.html").write_text("<p>nothing</p>")
        page.set_input_files("#read", tmp_path / "other.html")
        until_page(page, lambda: "does not hold an idea" in page.inner_text("#problems"))


def test_ideas_are_starred_and_compared_side_by_side(browser: Any, server: tuple[Server, Path]) -> None:
    with opened(browser, server[0]) as page:
        for name, title in (("Tuen Mun", "First leg"), ("all night", "All night")):
            page.click(f"#worked button:has-text('{name}')")
            scored(page)
            page.fill("input[name=title]", title)
            page.keyboard.press("Tab")
            scored(page)
            page.click("#save")
            page.wait_for_selector(f"#ideas li:has-text('{title}')", timeout=LONG_MS)
        page.click("#ideas li:has-text('First leg') .star")
        until_page(page, lambda: "★ First leg" in page.inner_text("#compared"))
        assert page.inner_text("#ideas li:first-child button:last-child") == "First leg"
        now = page.inner_text("#compared .title.now")
        assert now == "All night" and page.inner_text("#ideas li.open button:last-child") == "All night"


def test_a_report_is_linked_when_it_is_written_and_its_scripts_run(
    browser: Any, server: tuple[Server, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corridor.sketch.report._CHILD", WRITES)
    with opened(browser, server[0]) as page:
        page.click("#worked button:has-text('Tuen Mun')")
        scored(page)
        page.fill("input[name=title]", "To report")
        page.keyboard.press("Tab")
        scored(page)
        page.click("#report")
        page.wait_for_selector("#reports a", timeout=LONG_MS)
        assert page.inner_text("#reports a") == "Report of To report"
        with page.expect_popup() as linked:
            page.click("#reports a")
        until_page(linked.value, lambda: linked.value.title() == "it runs")


def test_a_control_point_gets_the_hours_that_are_typed(browser: Any, server: tuple[Server, Path]) -> None:
    with opened(browser, server[0]) as page:
        page.select_option("#point", "lo-wu")
        page.fill("#point_open", "05:30")
        page.fill("#point_close", "25:00")
        page.click("#set_point")
        assert "exact" in scored(page)
        assert "05:30–25:00" in page.inner_text("#changes")
        page.click("#save")
        page.wait_for_selector("#saved:not(:empty)", timeout=LONG_MS)
    (file,) = [path for path in server[1].glob("*.yaml") if "lo-wu" in path.read_text()]
    (point,) = read_scenario(file)[0].checkpoints.change
    assert (point.open, point.close) == ("05:30", "25:00")
