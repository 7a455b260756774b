"""The page of conflicts in a browser: lists, calendar, keyboard, phone, dark and print, the long section."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from corridor.drawing.i18n import t
from tests import web_factory as made
from tests.waiting import until_page
from tests.web.test_ecology import written

__all__ = ["written"]

SIZES = ((1280, 720), (390, 844))
PIXELS = """() => [...document.querySelectorAll('.leaflet-pane canvas')].map((c) => {
  const d = c.getContext('2d', {willReadFrequently: true}).getImageData(0, 0, c.width, c.height).data;
  let sum = 0; for (let i = 0; i < d.length; i += 4) sum = (sum * 31 + d[i] * 65536 + d[i + 1] * 256 + d[i + 2] + d[i + 3]) % 1000000007;
  return sum;
})"""


@contextmanager
def opened(
    browser: Any, path: Path, fragment: str = "#lang=en", size: tuple[int, int] = SIZES[0]
) -> Iterator[Any]:
    """A page that must end without an error, a dialog, or a request but for itself."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    faults: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.on("console", lambda m: faults.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("dialog", lambda d: (faults.append("dialog " + d.message), d.dismiss()))
    page.on("request", lambda r: asked.append(r.url))
    page.goto(path.as_uri() + fragment)
    page.wait_for_selector("html[data-ready='1']", state="attached")
    try:
        yield page
        assert [f for f in faults if "willReadFrequently" not in f] == []
        assert [a for a in asked if not a.startswith((path.as_uri(), "data:"))] == []
    finally:
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("size", "lang"), [(SIZES[0], "en"), (SIZES[1], "zh-Hant")])
def test_opens_at_both_sizes(browser: Any, written: Path, lang: str, size: tuple[int, int]) -> None:
    with opened(browser, written, f"#lang={lang}", size) as page:
        assert page.inner_text("h1").strip() == t("eco_title").in_script(lang)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert len(set(page.evaluate(PIXELS))) > 4  # land, sea, bands, lines ... each drawn on its own canvas
        words = page.inner_text("body")
        assert "undefined" not in words and "NaN" not in words and "null" not in words and "eco_" not in words


@pytest.mark.browser
def test_one_sentence_says_what_is_worst_of_what_is_listed(browser: Any, written: Path) -> None:
    with opened(browser, written) as page:
        assert page.inner_text("#worst") == (
            f"Highest level: severe, 1 of 5 conflicts; foremost, {made.HOSTILE} takes 0.70 ha of Mai Po (bay; piers, permanent)."
        )
        page.click("button[data-lang='zh-Hant']")
        assert "最高程度為「嚴重」，5項衝突中佔1項" in page.inner_text(
            "#worst"
        ) and "佔用米埔0.70 公頃為首" in page.inner_text("#worst")
        page.select_option("#kind", "wildlife")
        assert page.inner_text("#worst") == t("eco_worst_unrated").zh_hant


@pytest.mark.browser
def test_the_calendar_names_its_months_and_says_which_are_free(browser: Any, written: Path) -> None:
    with opened(browser, written) as page:
        page.click("#tab-months")
        assert page.inner_text("#free-months") == (
            "Months without a seasonal restriction: January, February, September, October, November, December."
        )
        heads = page.eval_on_selector_all(
            "#calendar thead th", "ths => ths.map((t) => t.getAttribute('aria-label'))"
        )
        cells = page.eval_on_selector_all("#calendar tbody td", "tds => tds.map((t) => t.textContent)")
        assert dict(zip(heads, cells, strict=True))["March"] == "●restricted"
        assert dict(zip(heads, cells, strict=True))["September"] == "not restricted"
        assert "egretry_breeding" in page.inner_text("#calendar")
        page.emulate_media(media="print")
        assert page.is_visible("#calendar")


# what a finger must hit and is less than 44 pixels high or wide; an option is as large as its label
SMALL = """() => [...document.querySelectorAll('a[href], button, select, input, summary, label:has(input)')].filter((e) => !e.matches('label input'))
  .map((e) => [e.id || e.className || e.textContent, e.getBoundingClientRect()])
  .filter(([, r]) => r.width && (r.width < 43.5 || r.height < 43.5)).map(([name, r]) => [name, r.width, r.height])"""


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "zh-Hant"])
def test_on_a_phone_targets_fit_a_finger_and_the_answer_comes_first(
    browser: Any, written: Path, lang: str
) -> None:
    with opened(browser, written, f"#lang={lang}", SIZES[1]) as page:
        assert page.locator("#worst").bounding_box()["y"] < page.locator("#map-box").bounding_box()["y"]
        page.click("#section-fold")
        for tab in ("conflicts", "corridors", "months", "layers", "about"):
            page.click(f"#tab-{tab}")
            assert page.evaluate(SMALL) == []
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        page.click("#tab-conflicts")
        page.click("#list button.item >> nth=0")
        assert page.evaluate(SMALL) == []


@pytest.mark.browser
def test_a_dark_browser_and_print_keep_every_word(browser: Any, written: Path) -> None:
    with opened(browser, written) as page:
        seen = "() => [document.body, document.querySelector('.item'), document.querySelector('select')].map((e) => getComputedStyle(e).color + getComputedStyle(e).backgroundColor)"
        light = page.evaluate(seen)
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(seen) == light
        page.emulate_media(media="print")
        for part in ("#worst", "#list .item", "#crossings .item", "#calendar", "#drawing svg", "#key"):
            assert page.locator(part).first.is_visible(), part


@pytest.mark.browser
def test_one_click_in_the_list_shows_the_conflict(browser: Any, written: Path) -> None:
    with opened(browser, written) as page:
        before = page.evaluate("corridor.page.map.getZoom()")
        page.click("#list button.item >> nth=0")
        card = page.inner_text("#card")
        assert (
            "Mai Po" in card
            and "severe" in card
            and "2024-12" in card
            and "CC BY 4.0" in card
            and "assumption" in card
        )
        assert page.evaluate("corridor.page.map.getZoom()") > before
        assert page.evaluate("corridor.page.map.getBounds().contains([22.4725, 114.005])")
        box_, over = page.locator(".numbered.open").bounding_box(), page.locator("#card").bounding_box()
        assert box_["x"] + box_["width"] <= over["x"]  # the card does not lie over what it tells of
        assert "c=C001" in page.url


@pytest.mark.browser
def test_the_keyboard_reaches_and_opens_conflicts(browser: Any, written: Path) -> None:
    with opened(browser, written) as page:
        page.focus("#list button.item >> nth=0")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.get_attribute("#list button.item >> nth=1", "aria-pressed") == "true" and page.is_visible(
            "#card"
        )
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        page.keyboard.press("Escape")
        assert not page.is_visible("#card")
        page.focus("#tab-conflicts")
        page.keyboard.press("ArrowRight")
        assert page.is_visible("#crossings") and not page.is_visible("#list")


@pytest.mark.browser
def test_the_scenario_the_filter_and_a_picture_change_what_is_shown(browser: Any, written: Path) -> None:
    with opened(browser, written) as page:
        assert not page.is_visible("#map-banner")
        first = page.evaluate(PIXELS)
        page.select_option("#scenario", "1")
        page.wait_for_timeout(250)
        assert page.evaluate(PIXELS) != first
        assert page.is_visible("#map-banner") and "viaduct" in page.inner_text("#key")
        page.select_option("#kind", "wildlife")
        assert page.locator("#list button.item").count() == 1
        page.click("#tab-layers")
        page.select_option("#picture", "otter:change")
        until_page(
            page,
            "[...document.querySelectorAll('img.cells')].some((i) => i.complete && i.naturalWidth > 0)",
        )
        assert "orange lower" in page.inner_text("#key")


@pytest.mark.browser
def test_the_long_section_marks_its_place_on_the_map(browser: Any, written: Path) -> None:
    with opened(browser, written) as page:
        page.click("#section-fold")
        assert page.is_visible("#drawing svg")
        page.evaluate(
            "document.getElementById('chainage').value = 500; document.getElementById('chainage').dispatchEvent(new Event('input'))"
        )
        assert (
            page.inner_text("#chainage-read") == "8.0 km from the start of the line as drawn · bored tunnel"
        )
        assert page.evaluate("corridor.page.groups.place.getLayers().length") == 1


@pytest.mark.browser
def test_chainages_and_the_drawing_have_names_for_screen_readers(browser: Any, written: Path) -> None:
    with opened(browser, written, "#lang=zh-Hant") as page:
        page.click("#section-fold")
        slider, drawing = (
            page.get_by_role("slider", name=t("eco_chainage").zh_hant),
            page.locator("#drawing svg"),
        )
        assert slider.get_attribute("aria-valuetext") == "距所繪路線起點 0.0 公里 · 鑽挖隧道"
        slider.focus()
        page.keyboard.press("End")
        assert slider.get_attribute("aria-valuetext") == "距所繪路線起點 16.0 公里 · 鑽挖隧道"
        assert page.get_by_role("img", name="16.0 公里").is_visible()  # the mark on the map
        named = drawing.get_attribute("aria-label")
        assert named.startswith("縱剖面") and "鑽挖隧道16.0公里" in named
        ticks = page.eval_on_selector_all("#drawing text > title", "ts => ts.map((t) => t.textContent)")
        assert any(
            t.startswith("8 km from the start of the line as drawn / 距所繪路線起點 8 公里") for t in ticks
        )


@pytest.mark.browser
def test_opens_in_a_sandboxed_frame_and_prints_its_list(browser: Any, written: Path) -> None:
    host = written.parent / "host.html"
    host.write_text('<iframe src="ecology.html" sandbox="allow-scripts" width="900" height="600"></iframe>')
    context = browser.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.goto(host.as_uri())
    page.frames[1].wait_for_selector("html[data-ready='1']", state="attached")
    page.frames[1].click("#list button.item >> nth=0")
    assert faults == []
    page.goto(written.as_uri())
    page.emulate_media(media="print")
    assert page.is_visible("#list") and page.is_visible("#crossings") and page.is_visible("#drawing svg")
    assert not page.is_visible("#tools")
    context.close()
