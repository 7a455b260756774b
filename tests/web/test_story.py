"""The story: read from YAML with messages that name the line, checked against the comparison, shown step by step."""

import re
from pathlib import Path
from typing import Any

import pytest

from corridor.core import paths
from corridor.core.errors import ScenarioError
from corridor.web.inline import MAX_BYTES, addresses
from corridor.web.pages import write_story
from corridor.web.story import SHOWN, Story, check_story, for_page, read_story
from tests import web_factory as made
from tests.web.test_browser import NARROW, WIDE, opened, settled

STORY = f"""title: {{en: 'Two lines {made.HOSTILE}', zh-Hant: 兩線, zh-Hans: 两线}}
views:
- scenario: committed-2030
  show: value
  place: all
  caption: {{en: The reference, zh-Hant: 參照, zh-Hans: 参照}}
  notes: {{en: Say hello, zh-Hant: 問好, zh-Hans: 问好}}
- scenario: western-2035
  hour: "23:00"
  layers: [zones, designations]
  caption: {{en: 'What changes {made.HOSTILE}', zh-Hant: 變化, zh-Hans: 变化}}
- scenario: western-viaduct
  measure: to_qianhai
  show: side by side
  place: qianhai
  zoom: 12
  caption: {{en: Before and after, zh-Hant: 前後, zh-Hans: 前后}}
"""


def written(folder: Path, text: str) -> Story:
    path = folder / "story.yaml"
    path.write_text(text, encoding="utf-8")
    return read_story(path)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        check_story(written(folder, text), made.comparison(), made.layers())
    return str(caught.value)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("story")
    write_story(made.comparison(), made.layers(made.HOSTILE), written(folder, STORY), folder / "story.html")
    return folder / "story.html"


# --- reading ------------------------------------------------------------------------------------------


def test_the_shipped_story_shows_shipped_scenarios_in_three_scripts() -> None:
    from corridor.study.question import shipped_comparison

    story = read_story(paths.scenarios_dir() / "story" / "story.yaml")
    assert set(story.scenario_ids) <= set(shipped_comparison().scenarios)
    for view in story.file.views:
        assert view.caption.zh_hant and view.caption.zh_hans and len(view.caption.en) < 240
        assert set(view.layers or ()) <= set(SHOWN)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("scenario: western-2035", "scenario: western-2036", 8, "did you mean 'western-2035'"),
        ("measure: to_qianhai", "measure: to_qianhia", 13, "did you mean 'to_qianhai'?"),
        ('hour: "23:00"', 'hour: "22:00"', 9, "08:30, 23:00"),
        ("place: qianhai", "place: quanhai", 15, "did you mean 'qianhai'?"),
        ("[zones, designations]", "[zones, wetlands]", 10, "designations"),
        ("show: value", "show: values", 4, "side by side"),
        ("zoom: 12", "zoom: 40", 16, "16"),
        ("  place: all", "  plaice: all", 5, "plaice"),
        ("  show: side by side", "   show: side by side", 14, "YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert STORY.count(old) == 1
    said = refused(tmp_path, STORY.replace(old, new))
    assert f"story.yaml:{line}" in said and words in said


def test_the_command_names_the_line_and_writes_nothing(tmp_path: Path, cli: Any) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(STORY.replace("show: value", "show: values"), encoding="utf-8")
    done = cli("story", path, "--out", tmp_path / "story.html", "--quiet")
    assert done.exit_code != 0 and "story.yaml:4" in done.output + done.stderr
    assert not (tmp_path / "story.html").exists()


@pytest.mark.parametrize("text", ["", "- a list", "title: {en: a}\nviews: []", "views:\n- scenario: x"])
def test_a_file_that_is_no_story_is_refused(tmp_path: Path, text: str) -> None:
    assert "story.yaml" in refused(tmp_path, text)


def test_a_view_reads_as_written(tmp_path: Path) -> None:
    found = for_page(written(tmp_path, STORY), made.comparison(), made.layers())["views"]
    assert [(v["s"], v["v"], v["b"]) for v in found] == [
        (0, "value", False),
        (1, "change", False),
        (2, "value", True),
    ]
    assert [v["at"] for v in found] == [
        {"box": "area", "zoom": None}, {"box": "corridor", "zoom": None}, {"at": [22.55, 113.9], "zoom": 12.0},
    ]  # fmt: skip
    assert found[1]["on"] == ["zones", "designations"] and found[0]["on"] is None


# --- the page -----------------------------------------------------------------------------------------


def test_the_page_is_whole_small_and_the_same_each_time(page: Path, tmp_path: Path) -> None:
    html = page.read_text("utf-8")
    assert list(addresses(html)) == [] and page.stat().st_size < MAX_BYTES
    assert not re.search(re.escape(made.HOSTILE), html)
    write_story(
        made.comparison(), made.layers(made.HOSTILE), written(tmp_path, STORY), tmp_path / "story.html"
    )
    assert (tmp_path / "story.html").read_bytes() == page.read_bytes()


@pytest.mark.browser
@pytest.mark.parametrize(("size", "lang"), [(WIDE, "en"), (NARROW, "zh-Hant"), (NARROW, "zh-Hans")])
def test_it_opens_clean_and_fits(browser: Any, page: Path, size: tuple[int, int], lang: str) -> None:
    with opened(browser, page, size, f"#lang={lang}") as shown:
        shown.wait_for_selector("html[data-ready='1']", state="attached")
        assert shown.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert (
            shown.inner_text("#caption")
            == {"en": "The reference", "zh-Hant": "參照", "zh-Hans": "参照"}[lang]
        )
        step = shown.locator("#next").bounding_box()
        assert step["y"] + step["height"] < size[1]


@pytest.mark.browser
def test_keys_and_buttons_step_through_and_the_map_follows(browser: Any, page: Path) -> None:
    with opened(browser, page, WIDE, "#lang=en") as shown:
        shown.wait_for_selector("html[data-ready='1']", state="attached")
        assert shown.is_disabled("#back") and shown.is_visible("#notes-box")
        first = settled(shown)
        shown.keyboard.press("ArrowRight")
        assert shown.inner_text("#caption") == f"What changes {made.HOSTILE}"
        assert shown.inner_text("#step") == "2 of 3" and "view=2" in shown.url
        assert not shown.is_visible("#notes-box")
        assert settled(shown) != first
        assert shown.evaluate("[corridor.page.state.hour, corridor.page.state.off.labels]") == ["23:00", True]
        shown.locator(".leaflet-container").first.click(position={"x": 300, "y": 300})
        shown.keyboard.press("PageDown")  # also where the map has the focus
        assert shown.is_visible("#map-left") and shown.is_disabled("#next")
        shown.keyboard.press("End")
        shown.keyboard.press("Home")
        assert shown.inner_text("#step") == "1 of 3" and not shown.is_visible("#map-left")
        assert not shown.is_visible("#scenario")
        shown.click("#controls")
        assert shown.is_visible("#scenario")


@pytest.mark.browser
def test_it_presents_in_a_sandboxed_frame(browser: Any, page: Path) -> None:
    host = page.parent / "host.html"
    host.write_text('<iframe src="story.html" sandbox="allow-scripts" width="900" height="600"></iframe>')
    context = browser.new_context()
    shown = context.new_page()
    faults: list[str] = []
    shown.on("pageerror", lambda e: faults.append(str(e)))
    shown.goto(host.as_uri())
    frame = shown.frames[1]
    frame.wait_for_selector("html[data-ready='1']", state="attached")
    frame.click("#next")
    assert frame.evaluate("corridor.page.at") == 1 and faults == []
    context.close()


def ready(shown: Any) -> None:
    shown.wait_for_selector("html[data-ready='1']", state="attached")


@pytest.mark.browser
def test_the_speaker_has_a_window_with_notes_the_next_slide_and_a_timer(browser: Any, page: Path) -> None:
    with opened(browser, page, WIDE, "#lang=en") as shown:
        ready(shown)
        assert shown.url.startswith("file:")
        with shown.context.expect_page() as opening:
            shown.click("#speak")
        speaker = opening.value
        speaker.wait_for_selector(".speaker .notes")
        assert speaker.inner_text(".notes") == "Say hello" and not shown.is_visible("#notes-box")
        assert speaker.inner_text(".thenSays") == f"What changes {made.HOSTILE}"
        assert "Western" in speaker.inner_text(".thenShows")
        speaker.keyboard.press("ArrowRight")  # either window steps
        assert shown.inner_text("#step") == speaker.inner_text(".step") == "2 of 3"
        assert speaker.inner_text(".notes") == "No notes for this slide."
        shown.keyboard.press("End")
        assert speaker.inner_text(".thenSays") == "This is the last slide." and speaker.is_disabled(
            ".steps button >> nth=1"
        )
        shown.click("button[data-lang='zh-Hant']")
        assert speaker.inner_text(".notes") == "本頁沒有備註。" and "講者畫面" in speaker.title()
        assert speaker.evaluate("document.querySelectorAll('script').length") == 0
        speaker.close()
        shown.wait_for_selector("#speak[aria-pressed='false']")
        shown.keyboard.press("Home")
        assert shown.is_visible("#notes-box")


@pytest.mark.browser
def test_the_timer_runs_pauses_and_starts_anew(browser: Any, page: Path) -> None:
    clock = "const s = corridor.page.speaker;"
    with opened(browser, page, WIDE, "#lang=en") as shown:
        ready(shown)
        with shown.context.expect_page() as opening:
            shown.keyboard.press("s")
        speaker = opening.value
        speaker.wait_for_selector(".speaker .total")
        shown.evaluate(f"() => {{ {clock} s.ticked -= 65000; s.turn(); s.ticked -= 10000; s.tick(); }}")
        assert speaker.inner_text(".total").startswith("01:1") and speaker.inner_text(".onView").startswith(
            "00:1"
        )
        speaker.click("text=Pause")
        held = speaker.inner_text(".total")
        shown.evaluate(f"() => {{ {clock} s.tick(); }}")
        assert speaker.inner_text(".total") == held and speaker.is_visible("text=Resume")
        speaker.click("text=Restart timer")
        assert speaker.inner_text(".total") == "00:00 in total"
        # the click is made later, as it closes the window that would be asked how it went
        speaker.evaluate(
            "() => { setTimeout(() => document.querySelector('[data-key=story_close]').click()); }"
        )
        shown.wait_for_selector("#speak[aria-pressed='false']")


@pytest.mark.browser
def test_a_frame_that_opens_no_window_shows_the_notes_beside_the_map(browser: Any, page: Path) -> None:
    host = page.parent / "host2.html"
    host.write_text(
        '<iframe src="story.html#lang=en" sandbox="allow-scripts" width="1200" height="700"></iframe>'
    )
    context = browser.new_context()
    shown = context.new_page()
    shown.goto(host.as_uri())
    frame = shown.frames[1]
    ready(frame)
    frame.click("#speak")
    assert frame.inner_text("#story .speaker .notes") == "Say hello"
    frame.click("#speak")
    assert frame.locator(".speaker").count() == 0
    context.close()


# of each slide: its size, and how many colours its map shows
SLIDES = """() => [...document.querySelectorAll('.slide')].map((slide) => {
  const size = slide.getBoundingClientRect();
  const colours = [...slide.querySelectorAll('canvas.flat')].map((c) => {
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data, seen = new Set();
    for (let i = 0; i < d.length; i += 4 * 97) seen.add(d[i] * 65536 + d[i + 1] * 256 + d[i + 2]);
    return seen.size;
  });
  return [size.width, size.height, colours.length, Math.min(...colours)];
})"""


@pytest.mark.browser
def test_each_view_prints_as_a_page_of_16_to_9(browser: Any, page: Path) -> None:
    with opened(browser, page, WIDE, "#lang=en") as shown:
        ready(shown)
        shown.keyboard.press("ArrowRight")
        shown.pdf(path=str(page.parent / "story.pdf"), prefer_css_page_size=True, print_background=True)
        pdf = (page.parent / "story.pdf").read_bytes()
        assert (
            re.findall(rb"/MediaBox \[([^\]]*)\]", pdf) == [b"0 0 960 540"] * 3
        )  # points: 13.33 by 7.5 inches
        assert shown.inner_text("#step") == "2 of 3" and shown.locator("#slides").count() == 0
        shown.evaluate("dispatchEvent(new Event('beforeprint'))")
        shown.emulate_media(media="print")
        slides = shown.evaluate(SLIDES)
        assert [s[:3] for s in slides] == [[1280, 720, 1], [1280, 720, 1], [1280, 720, 2]]
        assert all(colours > 3 for *_, colours in slides)
        assert shown.locator(".slide").nth(1).inner_text().count(f"What changes {made.HOSTILE}") == 1
        for slide in shown.locator(".slide").all():
            assert slide.evaluate("e => e.scrollHeight <= 720 && e.scrollWidth <= 1280")
