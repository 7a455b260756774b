"""Texts from data in pages: nothing of them runs or ends what it stands in, and they read as themselves."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from corridor.core import paths
from corridor.core.errors import ScenarioError
from corridor.schema.scenario import ScenarioLibrary, read_proposals
from corridor.schema.text import Text, all_visible, visible
from corridor.study import conflict_report, review
from corridor.study.folder import init
from corridor.study.study import Study
from corridor.web.ecology import write_ecology
from corridor.web.html import esc, json_for_script
from corridor.web.index import write_further, write_index
from corridor.web.pages import write_compare, write_story
from corridor.web.proposal import Proposal, read_proposal, write_proposal
from corridor.web.review import write_review_page
from corridor.web.review_sheet import Sheet
from corridor.web.site import Site
from corridor.web.story import Story, read_story
from corridor.web.write import DRAWN, _page_layers
from tests import web_factory as made
from tests.conftest import Cli
from tests.hostile import CONTROL, HOSTILE
from tests.spoiler import PLAIN, ROUNDS, TEXTS, Spoiler
from tests.web import test_ecology as made_ecology
from tests.web.jinja_watch import constants, watched
from tests.web.test_browser import WIDE, opened
from tests.web.test_proposal import proposal_of
from tests.web.test_story import STORY, written

READ = ("index.html", "access.html", "nature.html", "method.html", "proposal.html", "review.html")
PAGES = (*READ, "compare.html", "ecology.html", "story.html")


def test_a_spoiler_reaches_fields_of_every_kind_and_every_text_in_turn() -> None:
    things = (Text(en="a"), pd.DataFrame({"name_en": ["a"], "line_id": ["l"]}), {"k": [Text(en="a")]})
    met: set[str] = set()
    for turn in range(ROUNDS):
        text, frame, inner = Spoiler(TEXTS, turn).put(things)
        assert frame.loc[0, "line_id"] == "l" and frame.loc[0, "name_en"] != "a" and inner["k"][0].en != "a"
        met.update(text.en.split(" ¦ "))
    assert met == set(TEXTS)


# --- the pages -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sheet(study: Study) -> Sheet:
    """A review of the shipped western line against itself, without quality and animals, which take long."""
    done = review.assess_scenario(study, "western-2035")
    result, works, nature = done.result, study.works("western-2035"), study.nature
    assert nature.compensation is not None
    side = review.Reviewed(
        scenario=study.scenario("western-2035"), works=works, ecology=result, headlines=done.headlines,
        conflicts=review._with_layers(study, review.conflicts(result, works, study.land)),
        line_crossings=review.line_crossings(result.corridor_crossings, study.land), sections=(),
        seasons=review.season_flags(result, study.land, nature.season_rules), quality=None, taxa=None,
        fragmentation=nature.fragmented.change(result.footprint),
        ledger=review.assess_ledger(result, nature.classes, nature.compensation, None),
        significance=nature.significance(result), streams=review.watershed(study, ["western-2035"]),
    )  # fmt: skip
    reviewed = review.Review(side, side, review.difference(result, result), None)
    return Sheet(
        review=reviewed, view=conflict_report.views_of_review(study, reviewed)[0], notes=conflict_report.layer_notes(study),
        layers=dataclasses.replace(
            made.layers(), habitats=study.catalog.table("habitat_classes"), region=study.region,
            attributions=study.catalog.attributions(("habitat", "designations")), date="2026-08",
        ),
        animals=study.catalog.table_if_any("taxa"), cores=study.nature.cores,
    )  # fmt: skip


def write_pages(folder: Path, spoiler: Spoiler, sheet: Sheet) -> None:
    """Every kind of page with other words in every field."""
    comparison, layers = spoiler.put(made.comparison()), spoiler.put(made.layers())
    site = Site(comparison, layers, ["story.html", "proposal.html"])
    write_index(site, folder / "index.html")
    write_further(site, folder)
    write_compare(comparison, layers, folder / "compare.html")
    views = [spoiler.put(made_ecology.view(s)) for s in ("western-2035", "western-viaduct")]
    write_ecology(views, spoiler.put(made_ecology.NOTES), layers, folder / "ecology.html")
    story = written(folder, STORY)
    told = Story(spoiler.put(story.file), story.source)
    asked = read_proposal(proposal_of(folder))
    write_proposal(site, Proposal(spoiler.put(asked.file), asked.source), folder / "proposal.html")
    write_story(comparison, layers, told, folder / "story.html")
    write_review_page(spoiler.put(sheet), folder / "review.html")


@dataclasses.dataclass(frozen=True)
class Made:
    folder: Path
    sources: list[str]
    rounds = ("plain", *map(str, range(ROUNDS)))


@pytest.fixture(scope="module")
def pages(sheet: Sheet, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The pages with plain words, and in rounds with hostile ones; where they were written, and what Jinja read."""
    out = tmp_path_factory.mktemp("hostile")
    with watched() as seen, pytest.MonkeyPatch.context() as patch:
        patch.chdir(out)
        for name in Made.rounds:
            (out / name).mkdir()
            spoiler = Spoiler(PLAIN, 0) if name == "plain" else Spoiler(TEXTS, int(name))
            write_pages(out / name, spoiler, sheet)
    return Made(out, seen)


def test_templates_are_constants_of_the_program(pages: Made) -> None:
    assert pages.sources != []
    assert sorted(set(pages.sources) - constants()) == []
    assert sorted(p.name for p in pages.folder.iterdir()) == sorted(Made.rounds)  # no folder `owned`


VISIT = """async () => {
  const text = new Set(), tags = new Set();
  const look = async () => {
    await null; await null; // names are placed when all else is done
    for (const e of document.querySelectorAll("*")) {
      if (e.closest("head, script") && e.localName !== "title") continue;
      if (!e.closest(".leaflet-pane")) for (const a of e.attributes) tags.add(e.localName + " " + a.name);
      for (const a of e.attributes) text.add(a.value);
      for (const n of e.childNodes) if (n.nodeType === 3) text.add(n.data);
      if (e.children.length === 0) tags.add(e.localName);
    }
  };
  await look();
  for (const button of document.querySelectorAll("button[data-lang]")) {
    button.click();
    await look();
    const page = typeof corridor === "undefined" ? null : corridor.page, select = document.getElementById("scenario");
    if (!page) continue;
    if (page.story) { for (let i = 0; i < page.story.views.length; i++) { page.go(i); await look(); } continue; }
    for (let i = 0; i < page.model.scenarios.length; i++) {
      select.value = String(i);
      select.dispatchEvent(new Event("change"));
      if (page.model.conflicts) for (const [id] of page.scenario.conflicts) { page.open(id); await look(); }
      else for (const c of page.scenario.checkpoints) { page.openCard(page.model.checkpoints[c].id); if (i === 1) await look(); }
      await look();
    }
    if (!page.pair) continue;
    page.reading.open(page.map.getCenter(), page.search.places[0].name);
    for (const place of page.search.places.slice(0, 4)) { page.search.input.value = place.name[0]; page.search.show(); await look(); }
    for (const way of ["beside", "swipe"]) { page.pair.set(way, true); await look(); page.pair.set(way, false); }
    page.reading.close();
  }
  const css = [...document.styleSheets].map((s) => s.cssRules.length), body = getComputedStyle(document.body);
  return { text: [...text], tags: [...tags].sort(), css, scripts: document.scripts.length, owned: document.documentElement.dataset.owned,
    shown: body.display !== "none" && document.body.innerText.length };
}"""


def visited(browser: Any, path: Path) -> dict[str, Any]:
    with opened(browser, path, WIDE, "#lang=en") as page:
        if path.name not in READ:
            page.wait_for_selector("html[data-ready='1']", state="attached")
        found: dict[str, Any] = page.evaluate(VISIT)
    return found


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_and_every_text_reads_as_itself(browser: Any, pages: Made, name: str) -> None:
    plain = visited(browser, pages.folder / "plain" / name)
    read: set[str] = set()
    for turn in range(ROUNDS):
        found = visited(browser, pages.folder / str(turn) / name)  # no error, no request, no dialog
        assert found["owned"] is None and found["shown"] > 500
        assert found["scripts"] == plain["scripts"] and found["css"] == plain["css"]
        assert set(found["tags"]) <= set(plain["tags"])  # no text became an element or an attribute
        whole = "\x00".join(found["text"])
        read |= {text for text in TEXTS if visible(text) in whole}
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", whole)
    assert read == set(TEXTS)
    assert len(set(plain["text"])) > 50


# --- where texts come in, and what escapes them --------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS, ids=[*HOSTILE, *CONTROL])
def test_a_text_is_escaped_where_it_lands(text: str) -> None:
    shown = visible(text)
    assert re.search(r"""[<>"']""", esc(text)) is None
    script = json_for_script({"a": text})
    assert json.loads(script) == {"a": shown} and not re.search("[<>&\u2028\u2029\u202e]", script)
    assert shown == text or "\\" in shown
    assert visible(shown) == shown and all_visible([(text,)]) == [[shown]]


def test_marks_of_direction_are_written_out_and_letters_stay() -> None:
    assert visible("abc\u202etxt.exe\u202c") == "abc\\u202etxt.exe\\u202c"
    assert visible("a\u2066b\u2069\u200f\u061c") == "a\\u2066b\\u2069\\u200f\\u061c"
    assert visible("\x1b[2J\x00\ud800") == "\\x1b[2J\\x00\\ud800"
    for plain in ("元朗\u3000站", "naïve – “x”", "a\tb\nc", "שלום", "a\u2028b", "caf\u00e9\u00a0!"):
        assert visible(plain) == plain


def yaml_text(text: str) -> str:
    return "{en: " + json.dumps(text) + ", zh-Hant: x, zh-Hans: x}"


@pytest.mark.parametrize("text", TEXTS, ids=[*HOSTILE, *CONTROL])
def test_a_scenario_and_a_story_take_a_text_as_it_is_or_name_the_sign(text: str, tmp_path: Path) -> None:
    words = yaml_text(text)
    (tmp_path / "try.yaml").write_text(
        f"id: try\ntitle: {words}\nquestion: {words}\nassumptions: [{words}]\nextends: western-2035\n",
        "utf-8",
    )
    (tmp_path / "story.yml").write_text(
        f"title: {words}\nviews: [{{scenario: try, caption: {words}, notes: {words}}}]\n", "utf-8"
    )
    proposals = read_proposals(paths.layers_dir() / "proposals" / "proposals.yaml")
    library = ScenarioLibrary([paths.scenarios_dir(), tmp_path], proposals)
    if text in CONTROL.values() and not text.isspace() and not re.search("[\n\t]", text):
        with pytest.raises(ScenarioError, match=r"try\.yaml:2.*the sign"):
            library.resolve("try")
        with pytest.raises(ScenarioError, match=r"story\.yml:1.*the sign"):
            read_story(tmp_path / "story.yml")
        return
    found, story = library.resolve("try"), read_story(tmp_path / "story.yml").file
    assert found.title.en == found.question.en == text and text in [a.en for a in found.assumptions]
    assert story.title.en == story.views[0].caption.en == text


@pytest.mark.browser
def test_an_attribution_given_on_the_command_line_is_printed(
    browser: Any, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, words = (
        tmp_path / "mine",
        " ¦ ".join(HOSTILE[k] for k in ("expression", "runs code", "raw block", "svg")),
    )
    init(mine)
    areas = gpd.GeoDataFrame(
        {"name_en": [HOSTILE["ends attribute"]], "designation": ["ramsar"]},
        geometry=[shapely.box(114.0, 22.47, 114.02, 22.49)], crs=4326,
    )  # fmt: skip
    areas.to_file(tmp_path / "areas.gpkg")
    told = ("--attribution", words, "--title", words, "--source", words, "--licence", words)
    done = cli("--study", mine, "layers", "replace", "designations", tmp_path / "areas.gpkg", *told)
    assert done.exit_code == 0, done.output
    study = Study.open(mine)
    monkeypatch.chdir(tmp_path)
    write_compare(made.comparison(), _page_layers(study, DRAWN), tmp_path / "compare.html")
    assert not (tmp_path / "owned").exists()
    with opened(browser, tmp_path / "compare.html", WIDE, "#lang=en") as page:
        assert words in page.inner_text("#credit")
        assert page.evaluate("document.documentElement.dataset.owned") is None
