"""The pages in a real browser: nothing fetched, nothing broken, switches that switch, usable at 390 pixels."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor.drawing.i18n import t
from corridor.web.index import write_access, write_index
from corridor.web.pages import write_compare
from corridor.web.site import Site
from tests import web_factory as made

pytestmark = pytest.mark.browser
READING = "willReadFrequently"  # a remark on the reading of pixels by these tests
WIDE, NARROW = (1280, 720), (390, 844)
PIXELS = """() => [...document.querySelectorAll('.leaflet-pane canvas')].map((c) => {
  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  let sum = 0; const seen = new Set();
  for (let i = 0; i < d.length; i += 4) { const v = d[i] * 65536 + d[i + 1] * 256 + d[i + 2]; sum = (sum * 31 + v + d[i + 3]) % 1000000007; if (seen.size < 400) seen.add(v); }
  return [sum, seen.size];
})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("browser")
    site = Site(made.comparison(made.HOSTILE), made.layers(made.HOSTILE_IMAGE))
    write_index(site, out / "index.html")
    write_access(site, out / "access.html")
    write_compare(made.comparison(made.HOSTILE), made.layers(made.HOSTILE_IMAGE), out / "compare.html")
    return out


@contextmanager
def opened(
    browser: Any, path: Path, size: tuple[int, int], fragment: str = "", **options: Any
) -> Iterator[Any]:
    """A page that must end without an error and without a request but for itself."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
    page = context.new_page()
    faults: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.on(
        "console",
        lambda m: faults.append(m.text) if m.type in {"error", "warning"} and READING not in m.text else None,
    )
    page.on("dialog", lambda d: (faults.append("dialog " + d.message), d.dismiss()))
    page.on("request", lambda r: asked.append(r.url))
    page.goto(path.as_uri() + fragment)
    if path.name == "compare.html":
        page.wait_for_selector("html[data-ready='1']", state="attached")
        page.wait_for_timeout(250)
    yield page
    assert faults == []
    assert [a for a in asked if not a.startswith(path.as_uri())] == []
    context.close()


def settled(page: Any) -> list[list[int]]:
    page.wait_for_timeout(250)
    return list(page.evaluate(PIXELS))


@pytest.mark.parametrize(("size", "lang"), [(WIDE, "en"), (NARROW, "zh-Hans")])
@pytest.mark.parametrize("name", ["index.html", "compare.html"])
def test_opens_clean(browser: Any, folder: Path, name: str, size: tuple[int, int], lang: str) -> None:
    # the real pages are opened in every script at both sizes (test_pages_real.py)
    with opened(browser, folder / name, size, f"#lang={lang}") as page:
        assert page.evaluate("document.documentElement.lang") == lang
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0
        shown = page.inner_text("h1")
        key = "index_title" if name == "index.html" else "compare_title"
        assert shown.strip() == t(key).in_script(lang)  # type: ignore[arg-type]


def test_the_map_is_drawn(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE) as page:
        assert max(colours for _, colours in settled(page)) > 6


def test_scenario_measure_hour_and_view_change_the_map(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE, "#s=committed-2030") as page:
        seen = [settled(page)]
        page.select_option("#scenario", "1")
        seen.append(settled(page))
        page.check("input[name=view][value=change]")
        seen.append(settled(page))
        page.select_option("#measure", "1")
        seen.append(settled(page))
        page.fill("#hour", "1")
        seen.append(settled(page))
        assert len({str(pixels) for pixels in seen}) == len(seen)
        assert "s=western-2035" in page.url and "v=change" in page.url and "h=23%3A00" in page.url


def test_the_language_switch_changes_words_and_keeps_the_view(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE, "#s=western-2035&v=change") as page:
        page.evaluate("void corridor.page.map.setView([22.47, 113.97], 12.5, {animate: false})")
        for lang in ("zh-Hant", "zh-Hans", "en"):
            page.click(f"button[data-lang={lang}]")
            assert page.inner_text("#table-note").strip() == t("table_exact").in_script(lang)  # type: ignore[arg-type]
            assert page.evaluate("corridor.page.map.getZoom()") == 12.5
            assert page.evaluate("corridor.page.state.view") == "change"
            assert made.TITLES["western-2035"].in_script(lang) in page.inner_text("#table caption")  # type: ignore[arg-type]
            assert made.named("New 1", "新站1", "新站1")[
                "name_en" if lang == "en" else "name_zh_hant"
            ] in page.inner_text(".leaflet-names-pane")


def test_hostile_names_are_shown_and_not_run(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE, "#s=western-2035") as page:
        assert made.HOSTILE in page.inner_text(".leaflet-names-pane")
        assert page.locator(".leaflet-names-pane script").count() == 0
        page.evaluate("corridor.page.openCard('lo-wu')")
        assert made.HOSTILE in page.inner_text("#card")
    with opened(browser, folder / "access.html", WIDE) as page:
        assert made.HOSTILE in page.inner_text("main")


def test_values_are_those_of_the_comparison(browser: Any, folder: Path) -> None:
    from corridor.web.model import zone_order

    whole = made.comparison()
    order = zone_order(whole.zones)
    with opened(browser, folder / "compare.html", WIDE) as page:
        read = page.evaluate("corridor.page.model.values.map((v) => Array.from(v))")
        steps = page.evaluate("corridor.page.model.scales.map((s) => [Object.values(s.hours), s.step])")
    for block, scenario_id in zip(read, whole.results, strict=True):
        found = np.array(block, dtype=float).reshape(len(whole.measures), -1)
        for rows, step in steps:
            for row in rows:
                wanted = whole.zone_values[scenario_id][row][order]
                shown = np.where(found[row] == 65535, np.nan, found[row] * step)
                np.testing.assert_allclose(shown, wanted, atol=step / 2 * 1.001)


def test_the_reference_shows_no_change(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE, "#s=committed-2030&v=change") as page:
        assert page.is_visible("#is-reference")
        colours = page.evaluate(
            "[...new Set(corridor.page.zones.shapes.map((z) => String(z.options.fillColor)))]"
        )
        assert colours == ["#f7f6f3"]


def test_a_counterfactual_carries_its_banner(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE, "#lang=en&s=western-viaduct") as page:
        assert page.inner_text("#map-banner") == t("counterfactual").en
        page.select_option("#scenario", "1")
        assert not page.is_visible("#map-banner") and not page.is_visible("#banner")


def test_the_card_of_a_control_point_by_keyboard(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE, "#lang=en&s=western-2035") as page:
        page.evaluate("{ corridor.page.view('area') }")
        page.focus(".checkpoint[aria-label*='Huanggang']")
        page.keyboard.press("Enter")
        card = page.inner_text("#card")
        assert "24 hours" in card and "30 min (20–45)" in card and "assumption" in card and "45,000" in card
        page.keyboard.press("Escape")
        assert not page.is_visible("#card")
        page.evaluate("corridor.page.openCard('hswrl-qianhai')")
        page.select_option("#scenario", "0")
        assert not page.is_visible("#card")  # it is not in this scenario


def test_controls_are_reached_and_worked_by_keyboard(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE, "#s=committed-2030") as page:
        reached = []
        for _ in range(14):
            page.keyboard.press("Tab")
            reached.append(
                page.evaluate(
                    "document.activeElement.id || document.activeElement.name || document.activeElement.dataset.lang || ''"
                )
            )
        assert {"en", "to-index", "scenario", "measure"} <= set(reached)
        page.focus("#scenario")
        page.keyboard.press("ArrowDown")
        assert page.evaluate("corridor.page.scenario.id") == "western-2035"
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"


def test_change_in_percent_has_its_own_scale_and_leaves_small_bases_out(browser: Any, folder: Path) -> None:
    with opened(
        browser, folder / "compare.html", WIDE, "#lang=en&s=western-2035&m=jobs_60&v=percent"
    ) as page:
        assert "at least 1,000 jobs" in page.inner_text("#percent-note")
        assert "+10 % … +25 %" in page.inner_text("#legend")
        # 120 to 150 of 1,000 a step: 25 %; 9 of 10 minutes is under the least base
        assert page.evaluate("corridor.change({step: 10, percentFrom: 1000}, 'percent', 150, 120)") == 25
        assert page.evaluate("corridor.change({step: 1, percentFrom: 10}, 'percent', 8, 9)") is None
        assert page.evaluate("corridor.change({step: 10, percentFrom: 1000}, 'change', 150, 120)") == 300


def test_a_hub_shows_the_time_to_it_with_contours(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE, "#lang=en&s=western-2035&m=jobs_60") as page:
        assert not page.is_visible("#contours")
        page.focus(".hub[aria-label='Travel time to Qianhai']")
        page.keyboard.press("Enter")
        assert page.evaluate("corridor.page.scale.base") == "to_qianhai"
        assert "within 45 min" in page.inner_text("#contours")
        assert page.get_attribute(".hub", "aria-pressed") == "true"
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Travel time to Qianhai"
        assert page.evaluate("corridor.page.stage.groups.contours.getLayers().length") > 2


def test_a_contour_runs_between_zones_within_and_beyond(browser: Any, folder: Path) -> None:
    # three squares in a row, the first two within: one edge, that between the second and the third
    squares = """(() => { const square = (x) => [[[[0, x], [0, x + 1], [1, x + 1], [1, x], [0, x]]]];
      const model = {zones: {first: 0, count: 3}, geometry: [square(0), square(1), square(2)]};
      return corridor.outline(model, [10, 30, 31], 30); })()"""
    with opened(browser, folder / "compare.html", WIDE) as page:
        (line,) = page.evaluate(squares)
        assert sorted(line) == [[0, 2], [1, 2]]


def test_side_by_side_the_reference_moves_with_the_scenario(browser: Any, folder: Path) -> None:
    for size in (WIDE, NARROW):
        with opened(browser, folder / "compare.html", size, "#lang=en&s=western-2035&v=change") as page:
            page.click("#beside")
            page.wait_for_timeout(200)
            left, right = (page.locator(s).bounding_box() for s in ("#map-left", "#map-box > .map"))
            assert left["width"] > 300 and right["width"] > 300 and left["height"] > 250
            assert "Committed works" in page.inner_text("#left-title") and "Western line" in page.inner_text(
                "#right-title"
            )
            assert page.evaluate("corridor.page.left.scenario.id") == "committed-2030"
            assert page.evaluate("corridor.page.shows") == "value" and "b=1" in page.url
            page.evaluate("void corridor.page.left.map.setView([22.5, 114.0], 12, {animate: false})")
            both = "[corridor.page.map, corridor.page.left.map].map((m) => [m.getZoom(), m.getCenter().lat.toFixed(3), m.getCenter().lng.toFixed(3)])"
            one, other = page.evaluate(both)
            assert one == other == [12, "22.500", "114.000"]
            page.click("#beside")
            assert not page.is_visible("#map-left")
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_sixty_scenarios_give_pages_that_work(browser: Any, tmp_path: Path) -> None:
    whole = made.many(60)
    write_index(Site(whole, made.layers()), tmp_path / "index.html")
    write_compare(whole, made.layers(), tmp_path / "compare.html")
    with opened(browser, tmp_path / "compare.html", WIDE, "#lang=en&s=variant-59&v=change") as page:
        assert page.locator("#scenario option").count() == 60
        before = settled(page)
        page.select_option("#scenario", "0")
        assert settled(page) != before
    with opened(browser, tmp_path / "index.html", WIDE, "#lang=en") as page:
        assert "more scenarios appear only in the tables" in page.inner_text("#pictures-title")


def test_layers_can_be_hidden(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE, "#lang=en&s=western-2035") as page:
        before = settled(page)
        page.locator("#layers label", has_text="Ramsar site").locator("input").uncheck()
        after = settled(page)
        assert before != after
        page.locator("#layers label", has_text="Zones").locator("input").uncheck()
        assert settled(page) != after


def test_the_table_follows_the_selection(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE, "#lang=en&s=western-2035&m=jobs_60") as page:
        text = page.inner_text("#table")
        assert "Yuen Long" in text and "761,000" in text and "+61,000" in text and "Hong Kong" in text
        page.select_option("#measure", "1")
        text = page.inner_text("#table")
        assert "Time to Qianhai" in text and "excluded" in text.lower()


def test_pointing_at_a_zone_reads_it(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE, "#lang=en&s=western-2035") as page:
        page.evaluate("{ corridor.page.view('area') }")
        at = page.evaluate("corridor.page.map.latLngToContainerPoint([22.6, 113.95])")
        box = page.locator(".map").bounding_box()
        page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])
        assert "Nanshan" in page.inner_text("#readout") and "jobs" in page.inner_text("#readout")


def test_no_legend_lies_over_the_map_at_1280(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", WIDE) as page:
        chart = page.locator(".map").bounding_box()
        for part in ("#legend", "#line-legend", "#layers", "#table"):
            box = page.locator(part).bounding_box()
            assert box["x"] + box["width"] <= chart["x"] + 1
        assert chart["width"] > 800 and chart["height"] > 600


def test_usable_at_390_pixels(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "compare.html", NARROW, "#lang=en&s=western-2035", has_touch=True) as page:
        chart = page.locator(".map").bounding_box()
        assert chart["width"] == 390 and chart["height"] >= 300 and chart["y"] < 200
        assert page.locator("#scenario").bounding_box()["y"] < 844
        page.tap("#fold")
        assert page.get_attribute("#fold", "aria-expanded") == "false"
        assert not page.is_visible("#legend") and page.is_visible("#scenario")
        page.tap("#fold")
        page.select_option("#scenario", "2")
        assert page.is_visible("#banner")
        page.evaluate("corridor.page.openCard('lo-wu')")
        box = page.locator("#card").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_opens_in_a_sandboxed_frame(browser: Any, folder: Path) -> None:
    host = folder / "host.html"
    host.write_text('<iframe src="compare.html" sandbox="allow-scripts" width="900" height="600"></iframe>')
    context = browser.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.goto(host.as_uri())
    frame = page.frames[1]
    frame.wait_for_selector("html[data-ready='1']", state="attached")
    assert faults == []
    context.close()


def test_a_browser_that_cannot_unpack_says_so(browser: Any, folder: Path) -> None:
    context = browser.new_context()
    context.add_init_script("delete window.DecompressionStream")
    page = context.new_page()
    page.goto((folder / "compare.html").as_uri() + "#lang=en")
    assert page.inner_text("#note") == t("no_unpack").en
    context.close()
