"""The comparison map in a browser: search, the chart of a zone, two scenarios at once, addresses, downloads, phones."""

from __future__ import annotations

import csv
import io
import struct
from pathlib import Path
from typing import Any

import pytest

from corridor.drawing.i18n import t
from corridor.web.pages import write_compare
from tests import web_factory as made
from tests.waiting import until_page
from tests.web.test_browser import NARROW, WIDE, opened, settled

pytestmark = pytest.mark.browser

WEST = "#lang=en&s=western-2035&m=jobs_60&v=change"
PHONE = {"has_touch": True, "is_mobile": True}
# marks that a name covers though it is not theirs: names and marks as the browser laid them out
COVERED = """() => {
  const page = corridor.page, map = page.map, frame = map.getContainer().getBoundingClientRect(), found = [];
  const at = (g) => map.latLngToContainerPoint(page.model.geometry[g][0][0][0]), zoom = map.getZoom();
  const marks = [
    ...page.stage.stations().map((s) => ({name: s.name[page.words.lang], p: at(s.g), r: corridor.stationRadius(s, zoom)})),
    ...page.stage.scenario.checkpoints.map((c) => page.model.checkpoints[c]).map((c) => ({name: c.name[page.words.lang], p: at(c.g), r: corridor.checkpointRadius(c.daily)})),
    ...page.model.hubs.map((h) => ({name: h.name[page.words.lang], p: map.latLngToContainerPoint(h.at), r: 6})),
  ];
  const names = [...map.getContainer().querySelectorAll('.name')];
  for (const e of names) {
    const b = e.getBoundingClientRect();
    for (const m of marks) {
      const x = m.p.x + frame.left, y = m.p.y + frame.top;
      const dx = Math.max(b.left - x, 0, x - b.right), dy = Math.max(b.top - y, 0, y - b.bottom);
      if (m.name.replace(/ ?[/／] ?/, '/') !== e.textContent.replace(/ ?[/／]\\n?/, '/').replace('/ ', '/') && Math.hypot(dx, dy) < m.r - 1) found.push(e.textContent + ' over ' + m.name);
    }
  }
  return [names.length, marks.length, found];
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("compare")
    write_compare(made.comparison(made.HOSTILE), made.layers(made.HOSTILE_IMAGE), out / "compare.html")
    return out


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "compare.html"


def at_map(page: Any, lat: float, lon: float) -> tuple[float, float]:
    """Where a position is on the screen."""
    at = page.evaluate(f"corridor.page.map.latLngToContainerPoint([{lat}, {lon}])")
    box = page.locator("#map-box > .map").bounding_box()
    return box["x"] + at["x"], box["y"] + at["y"]


def saved(page: Any, button: str) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.click(button)
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


# --- search -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["nansh", "南山", "NANSHAN", "南山区"])
def test_a_place_is_found_in_any_script_by_keyboard_and_read(browser: Any, path: Path, typed: str) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        page.focus("#search")
        page.keyboard.type(typed)
        assert page.get_attribute("#search", "aria-expanded") == "true"
        assert page.inner_text("#found [aria-selected=true] span") == "Nanshan"
        page.keyboard.press("Enter")
        assert not page.is_visible("#found")
        assert "Nanshan" in page.inner_text("#zone h2")
        assert page.locator("#zone tbody tr").count() == len(made.SCENARIOS)
        assert page.evaluate("document.activeElement.className") == "close"


def test_arrows_choose_among_places_and_escape_leaves_them(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        page.focus("#search")
        page.keyboard.type("n")
        first = page.inner_text("#found [aria-selected=true]")
        page.keyboard.press("ArrowDown")
        assert page.inner_text("#found [aria-selected=true]") != first
        assert page.get_attribute("#search", "aria-activedescendant") == "found-1"
        page.keyboard.press("ArrowUp")
        assert page.inner_text("#found [aria-selected=true]") == first
        page.keyboard.press("Escape")
        assert not page.is_visible("#found") and page.input_value("#search") == ""
        page.keyboard.type("nowhere at all")
        assert page.inner_text("#found") == t("search_none").en


def test_a_control_point_that_is_found_opens_its_card(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        page.fill("#search", "huanggang")
        page.locator("#found [role=option]").first.click()
        assert "24 hours" in page.inner_text("#card") and page.is_visible("#zone")
        middle = page.evaluate(
            "corridor.page.map.getCenter().distanceTo(corridor.page.search.places.find((p) => /Huanggang/.test(p.name[0])).at)"
        )
        assert middle < 50


def test_a_hostile_name_is_found_and_not_run(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        page.fill("#search", "script")
        assert made.HOSTILE in page.inner_text("#found")
        page.keyboard.press("Enter")
        assert made.HOSTILE in page.inner_text("#zone h2")
        assert page.locator("#found script, #zone script").count() == 0


# --- a zone in every scenario -------------------------------------------------------------------------


def test_a_zone_is_read_in_every_scenario_until_it_is_closed(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        page.evaluate("{ corridor.page.view('area') }")
        page.mouse.click(*at_map(page, 22.6, 113.95))
        rows = page.locator("#zone tbody tr")
        assert rows.count() == len(made.SCENARIOS) and "Nanshan" in page.inner_text("#zone h2")
        assert t("reference").en in rows.nth(0).inner_text()
        assert rows.nth(1).get_attribute("aria-current") == "true"
        before = page.inner_text("#zone tbody")
        page.mouse.move(*at_map(page, 22.35, 114.1))
        page.select_option("#scenario", "2")
        assert page.inner_text("#zone tbody") == before  # all scenarios, whichever is on the map
        assert rows.nth(2).get_attribute("aria-current") == "true"
        page.select_option("#measure", "1")
        assert page.inner_text("#zone tbody") != before
        page.keyboard.press("Escape")
        assert not page.is_visible("#zone") and "z=" not in page.url


def test_the_bars_are_the_values_of_the_comparison(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST + "&z=22.6,113.95") as page:
        name, content = saved(page, "#zone .plain")
        rows = table(content)
        assert name.endswith("-zone.csv") and len(rows) == len(made.SCENARIOS)
        shown = page.evaluate(
            "[...document.querySelectorAll('#zone tbody tr')].map((r) => r.children[1].textContent.replace(/,/g, ''))"
        )
        assert [float(r["Value"]) for r in rows] == [float(v) for v in shown]
        change = [float(r["Change"]) for r in rows]
        assert change == [float(r["Value"]) - float(rows[0]["Value"]) for r in rows]
        wide = page.evaluate(
            "[...document.querySelectorAll('#zone .bar')].map((b) => parseFloat(b.style.width))"
        )
        assert [w == 0 for w in wide] == [c == 0 for c in change] and max(wide) > 50


def test_the_middle_of_the_map_is_read_by_keyboard(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST + "&at=22.6,113.95,12") as page:
        page.focus("#map-box > .map")
        page.keyboard.press("Enter")
        assert "Nanshan" in page.inner_text("#zone h2")


def test_where_nobody_lives_the_chart_says_so(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST + "&z=22.2,113.7") as page:
        assert t("zone_none").en in page.inner_text("#zone")


# --- two scenarios at once ----------------------------------------------------------------------------


def test_the_divider_moves_by_mouse_and_keyboard(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        page.click("#swipe")
        assert page.get_attribute("#swipe", "aria-pressed") == "true" and "b=swipe" in page.url
        left, right = (page.locator(s).bounding_box() for s in ("#map-left", "#map-box > .map"))
        assert left == right  # one over the other
        assert page.get_attribute("#divider", "aria-valuenow") == "50"
        page.focus("#divider")
        for key, now in (
            ("ArrowRight", "52"),
            ("PageDown", "42"),
            ("Home", "0"),
            ("End", "100"),
            ("PageUp", "100"),
        ):
            page.keyboard.press(key)
            assert page.get_attribute("#divider", "aria-valuenow") == now
        page.keyboard.press("Home")
        page.mouse.move(left["x"] + 3, left["y"] + 100)
        page.mouse.down()
        page.mouse.move(left["x"] + left["width"] * 0.25, left["y"] + 100)
        page.mouse.up()
        assert page.get_attribute("#divider", "aria-valuenow") == "25"
        clip = page.evaluate("getComputedStyle(document.getElementById('map-left')).clipPath")
        assert "75%" in clip


def test_any_two_scenarios_are_compared_and_their_changes_too(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        page.click("#swipe")
        assert page.evaluate("corridor.page.shows") == "value"  # the reference has no change of its own
        assert page.is_disabled("input[name=view][value=change]")
        page.select_option("#other", "2")
        assert page.evaluate("[corridor.page.shows, corridor.page.left.scenario.id]") == [
            "change",
            "western-viaduct",
        ]
        assert page.is_visible("#map-banner") and "o=western-viaduct" in page.url
        page.click("#beside")
        assert (
            page.is_hidden("#divider")
            and page.evaluate("corridor.page.left.scenario.id") == "western-viaduct"
        )


@pytest.mark.parametrize("way", ["beside", "swipe"])
def test_two_maps_leave_the_view_as_it_was(browser: Any, path: Path, way: str) -> None:
    with opened(browser, path, WIDE, WEST + "&at=22.5,114.0,11.5") as page:
        before = page.evaluate("[corridor.page.shows, corridor.page.place()]")
        page.click(f"#{way}")
        page.click(f"#{way}")
        assert page.evaluate("corridor.page.shows") == before[0] == "change"
        assert page.is_checked("input[name=view][value=change]")
        assert page.evaluate("corridor.page.map.getZoom()") == 11.5


# --- hours, legend, names, sources --------------------------------------------------------------------


def test_hours_are_a_slider_where_there_is_more_than_one(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        assert page.inner_text("#hour-now") == "08:30"
        page.focus("#hour")
        page.keyboard.press("ArrowRight")
        assert (
            page.inner_text("#hour-now") == "23:00"
            and page.get_attribute("#hour", "aria-valuetext") == "23:00"
        )
        assert "23:00" in page.inner_text("#legend-title")
        page.evaluate(
            "{ const s = corridor.page.scale; s.hours = {'08:30': 0}; corridor.page.keepHour(); corridor.page.showMeasure(); }"
        )
        assert page.is_hidden("#hour") and page.inner_text("#hour-now") == "08:30"


def test_the_legend_shows_only_what_is_drawn(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        assert "Ramsar site" in page.inner_text("#line-legend")
        assert t("passengers_day").en in page.inner_text("#line-legend")
        page.locator("#layers label", has_text="Ramsar site").locator("input").uncheck()
        page.locator("#layers label", has_text=t("layer_checkpoints").en).locator("input").uncheck()
        assert "Ramsar site" not in page.inner_text("#line-legend")
        assert t("passengers_day").en not in page.inner_text("#line-legend")
        page.select_option("#scenario", "0")  # the reference: no change anywhere, no added line
        assert page.locator("#legend li").count() == 2
        assert t("station_added").en not in page.inner_text("#line-legend")


@pytest.mark.parametrize("zoom", [10, 11, 12, 13])
def test_no_name_covers_a_mark_that_it_does_not_name(browser: Any, path: Path, zoom: float) -> None:
    with opened(browser, path, WIDE, f"{WEST}&at=22.52,114.0,{zoom}") as page:
        names, marks, covered = page.evaluate(COVERED)
        assert names > 0 and marks > 3 and covered == []


def test_sources_fold_and_print_in_full(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        assert page.is_visible("#credit-text")
        before = page.locator("#map-box > .map").bounding_box()["height"]
        page.click("#credit-fold")
        assert page.get_attribute("#credit-fold", "aria-expanded") == "false"
        assert not page.is_visible("#credit-text") and page.is_visible("#credit-note")
        assert page.locator("#map-box > .map").bounding_box()["height"] >= before
        page.emulate_media(media="print")
        assert page.is_visible("#credit-text") and not page.is_visible("#search")


# --- files, full screen, reset ------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh-Hant"])
@pytest.mark.parametrize("two", ["", "&b=1", "&b=swipe"])
def test_the_picture_is_made_in_the_page(browser: Any, path: Path, lang: str, two: str) -> None:
    with opened(browser, path, WIDE, f"#lang={lang}&s=western-2035&m=jobs_60&z=22.6,113.95{two}") as page:
        name, content = saved(page, "#save-picture")
        assert name == "western-2035-jobs_60-0830.png" and content.startswith(b"\x89PNG\r\n\x1a\n")
        wide, high = struct.unpack(">II", content[16:24])
        box = page.locator("#map-box").bounding_box()
        assert wide == round(2 * (box["width"] + 330)) and high > 1.6 * box["height"]
        inks = page.evaluate(
            "(() => { const c = corridor.pictureOf(corridor.page), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            " const seen = new Set(); for (let i = 0; i < d.length; i += 40) seen.add(d[i] * 65536 + d[i + 1] * 256 + d[i + 2]); return seen.size; })()"
        )
        assert inks > 60  # map, legend and words, not a blank sheet


def test_the_table_holds_what_the_page_shows_and_no_formula(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        name, content = saved(page, "#save-table")
        rows = table(content)
        assert name == "western-2035-jobs_60-0830.csv"
        assert {r["District"] for r in rows} >= {"Yuen Long", "Nanshan"}
        first = next(r for r in rows if r["District"] == "Yuen Long")
        assert float(first["Change"]) == float(first["Value"]) - float(first["reference"])
        made_of = page.evaluate("corridor.csv([['=1+1', '@a', ' -x', 'say \"b\"', -5, NaN, null]])")
        assert made_of == '\ufeff"\'=1+1","\'@a","\' -x","say ""b""",-5,NaN,\r\n'


def test_full_screen_shows_map_and_legend_and_goes_back(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        page.click("#full")
        page.wait_for_timeout(200)
        assert page.is_visible("#legend") and page.is_visible("#right-title") and page.is_hidden("#choose")
        assert page.inner_text("#full") == t("full_leave").en
        page.click("#full")
        page.wait_for_timeout(200)
        assert page.is_visible("#choose") and page.is_hidden("#right-title")


def test_reset_shows_the_page_as_it_opened(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, "#lang=zh-Hant") as page:
        first, url = settled(page), page.url
        page.select_option("#measure", "1")
        page.click("#swipe")
        page.locator("#layers input").first.uncheck()
        page.evaluate("{ corridor.page.view('area'); corridor.page.openCard('lo-wu') }")
        page.click("#reset")
        assert (
            settled(page)[: len(first)] == first and page.is_hidden("#card") and page.is_hidden("#map-left")
        )
        page.wait_for_timeout(400)
        assert page.url == url and page.evaluate("document.documentElement.lang") == "zh-Hant"


# --- addresses ----------------------------------------------------------------------------------------


def test_a_link_put_into_the_open_page_changes_it(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        link = (
            "lang=zh-Hans&s=western-viaduct&m=to_qianhai&h=23%3A00&v=percent&z=22.6,113.95&at=22.55,113.95,12"
        )
        page.evaluate(f"{{ location.hash = '{link}' }}")
        until_page(page, "corridor.page.scenario.id === 'western-viaduct'")
        assert page.evaluate("[corridor.page.scale.base, corridor.page.state.hour, corridor.page.shows]") == [
            "to_qianhai",
            "23:00",
            "percent",
        ]
        assert page.evaluate("corridor.page.place()") == "22.5500,113.9500,12"
        assert page.is_visible("#zone") and page.evaluate("document.documentElement.lang") == "zh-Hans"
        page.evaluate("{ location.hash = 's=committed-2030' }")
        until_page(page, "corridor.page.scenario.id === 'committed-2030'")
        assert (
            page.evaluate("document.documentElement.lang") == "zh-Hans"
        )  # a link without a language keeps it


def test_back_goes_to_the_earlier_view(browser: Any, path: Path) -> None:
    with opened(browser, path, WIDE, WEST) as page:
        page.evaluate("void corridor.page.map.setView([22.5, 114.0], 12, {animate: false})")
        page.wait_for_timeout(400)
        page.select_option("#scenario", "2")
        page.check("input[name=view][value=value]")
        page.click("#beside")
        page.go_back()
        until_page(page, "!corridor.page.two")
        assert page.evaluate("[corridor.page.shows, corridor.page.scenario.id]") == [
            "value",
            "western-viaduct",
        ]
        page.go_back()
        until_page(page, "corridor.page.shows === 'change'")
        page.go_back()
        until_page(page, "corridor.page.scenario.id === 'western-2035'")
        assert page.evaluate("corridor.page.place()") == "22.5000,114.0000,12"
        page.go_forward()
        until_page(page, "corridor.page.scenario.id === 'western-viaduct'")


@pytest.mark.parametrize(
    "fragment", ["#z=a,b&at=x&s=%3Cscript%3E", "#at=1,2&z=22.6&o=nobody&b=2", "#at=NaN,1,9&h=&m=&v="]
)
def test_an_address_that_makes_no_sense_opens_the_page(browser: Any, path: Path, fragment: str) -> None:
    with opened(browser, path, WIDE, fragment) as page:
        assert page.evaluate("corridor.page.scenario.id") in made.SCENARIOS and page.is_hidden("#zone")


def test_embedded_it_shows_map_and_legend_alone(browser: Any, path: Path) -> None:
    with opened(browser, path, (900, 600), "#embed&lang=en&s=western-viaduct") as page:
        for part in ("#legend", "#line-legend", "#right-title", "#map-banner", "#credit"):
            assert page.is_visible(part), part
        for part in (
            "#head",
            "#answer",
            "#choose",
            "#tools",
            "#search",
            "#layers-box",
            "#table-box",
            "#readout",
        ):
            assert page.is_hidden(part), part
        assert page.locator("#map-box > .map").bounding_box()["width"] > 600
        assert "embed=1" in page.url
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


# --- phones -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh-Hant", "zh-Hans"])
def test_a_tap_reads_a_zone_on_a_phone(browser: Any, path: Path, lang: str) -> None:
    with opened(browser, path, NARROW, f"#lang={lang}&s=western-2035&at=22.6,113.95,12", **PHONE) as page:
        answer, chart = page.locator("#answer").bounding_box(), page.locator("#map-box").bounding_box()
        assert answer["y"] + answer["height"] <= chart["y"] + 1 and chart["y"] < 260
        assert page.inner_text("#answer").strip()
        page.touchscreen.tap(*at_map(page, 22.6, 113.95))
        sheet = page.locator("#zone").bounding_box()
        assert sheet["x"] == 0 and sheet["width"] == 390 and sheet["y"] + sheet["height"] <= 845
        assert not page.is_visible("#credit-text")  # folds once the map is used
        page.tap("#zone .close")
        assert not page.is_visible("#zone")


def test_a_tap_near_a_circle_opens_it(browser: Any, path: Path) -> None:
    with opened(browser, path, NARROW, "#lang=en&s=western-2035", **PHONE) as page:
        page.evaluate(
            "void corridor.page.map.setView(corridor.page.search.places.find((q) => /Huanggang/.test(q.name[0])).at, 13, {animate: false})"
        )
        box = page.locator("#map-box > .map").bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2 + 19, box["y"] + box["height"] / 2)
        assert "24 hours" in page.inner_text("#card")


def test_targets_on_a_phone_are_44_pixels(browser: Any, path: Path) -> None:
    with opened(browser, path, NARROW, "#lang=en&s=western-2035&b=1&z=22.6,113.95", **PHONE) as page:
        page.evaluate("{ corridor.page.openCard('lo-wu') }")
        small = page.evaluate(
            """[...document.querySelectorAll("button, select, summary, #search, #hour, #head a, .choices label, #layers label, .leaflet-bar a")]
            .map((e) => [e.id || e.className || e.textContent, e.getBoundingClientRect()])
            .filter(([, b]) => b.width && (b.width < 43.9 || b.height < 43.9)).map(([name, b]) => [name, b.width, b.height])"""
        )
        assert small == []


def test_no_text_asks_to_point() -> None:
    for words in (t("choose_zone"), t("hub_legend")):
        assert "point at" not in words.en.lower() and "指向" not in words.zh_hant + words.zh_hans
