"""Texts from data in pages and pictures: nothing of them runs or ends what it stands in, and they read as themselves."""

from __future__ import annotations

import ast
import dataclasses
import html
import itertools
import json
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import jinja2
import pandas as pd
import pytest
import shapely
from branca.element import MacroElement
from folium.template import Template
from matplotlib.text import Text as Drawn
from pydantic import BaseModel

from corridor.core import paths
from corridor.core.errors import ScenarioError
from corridor.drawing import write as figures
from corridor.drawing.ground import Ground, ground
from corridor.drawing.save import Format
from corridor.drawing.sheet import Sheet as Paper
from corridor.drawing.wrap import NARROW_EM, cut, em, lines
from corridor.schema.catalog import Catalog
from corridor.schema.scenario import ScenarioLibrary, read_proposals
from corridor.schema.text import Text, all_visible, visible
from corridor.study import conflict_report, review
from corridor.study.folder import init
from corridor.study.study import Study
from corridor.web import templates
from corridor.web.ecology import write_ecology
from corridor.web.further import write_further
from corridor.web.html import esc, json_for_script
from corridor.web.index import write_index
from corridor.web.inline import Page, Printed, Raw, self_contained
from corridor.web.pages import write_compare, write_story
from corridor.web.review import write_review_page
from corridor.web.review_sheet import Sheet
from corridor.web.story import Story, read_story
from corridor.web.write import DRAWN, _page_layers
from tests import web_factory as made
from tests.conftest import Cli
from tests.drawing import test_figures as pictures
from tests.hostile import CONTROL, HOSTILE
from tests.paths import ROOT
from tests.web import test_ecology as made_ecology
from tests.web.test_browser import WIDE, browser, opened
from tests.web.test_story import STORY, written

__all__ = ["browser"]

WEB = ROOT / "corridor" / "web"
TEMPLATES = WEB / "templates"
TEXTS = [*HOSTILE.values(), *CONTROL.values()]
PLAIN = [f"plain words, number {i}" for i in range(len(TEXTS))]
ROUNDS = 4
"""Each field gets a quarter of the texts, another one in every round."""
READ = ("index.html", "access.html", "nature.html", "method.html", "review.html")
PAGES = (*READ, "compare.html", "ecology.html", "story.html")


# --- putting texts into whatever holds words ------------------------------------------------------------


WORDS = re.compile(
    r".*_(?:en|zh_hant|zh_hans)|note|notes|source|subject_source|layer_(?:date|licence|attribution)"
)
"""Columns that hold words of people."""
FREE = frozenset({"source", "licence", "attribution", "notes", "date"})
"""Fields of one text, beside those in three scripts."""


class Spoiler:
    """Puts a share of some texts into every field that holds words: each field its own, by its place."""

    def __init__(self, texts: Sequence[str], turn: int) -> None:
        shares = [texts[i::ROUNDS] for i in range(ROUNDS)]
        self._fields = ((shares[(n + turn) % ROUNDS], n) for n in itertools.count())

    def words(self) -> str:
        """The text of the next field; shares begin with another of their texts each time."""
        share, n = next(self._fields)
        at = n % len(share)
        return " ¦ ".join([*share[at:], *share[:at]])

    def put(self, value: Any) -> Any:  # noqa: PLR0911
        """The same with other words; ids, numbers, shapes and values of lists are left."""
        if isinstance(value, Text):
            return Text(en=self.words(), zh_hant=self.words(), zh_hans=self.words())
        if isinstance(value, pd.DataFrame):
            return self._frame(value)
        if isinstance(value, BaseModel):
            return value.model_copy(
                update=self._named({n: getattr(value, n) for n in type(value).model_fields})
            )
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
            return dataclasses.replace(value, **self._named(fields))
        if type(value).__name__ == "SimpleNamespace":
            return type(value)(**self._named(vars(value)))
        if isinstance(value, dict):
            return {key: self.put(inner) for key, inner in value.items()}
        if type(value) in (tuple, list):
            return type(value)(self.put(inner) for inner in value)
        return value

    def _named(self, fields: dict[str, Any]) -> dict[str, Any]:
        def one(name: str, value: Any) -> Any:
            if name in FREE and isinstance(value, str):
                return self.words()
            if name in FREE and isinstance(value, tuple) and all(isinstance(v, str) for v in value):
                return tuple(self.words() for _ in value)
            return self.put(value)

        return {name: one(name, value) for name, value in fields.items()}

    def _frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        made = frame.copy()
        for name in made.columns:
            if WORDS.fullmatch(str(name)) or (len(made) and isinstance(made[name].iloc[0], Text)):
                whole = [self.put(v) if isinstance(v, Text) else self.words() for v in made[name]]
                made[name] = pd.Series(whole, index=made.index, dtype=object)
        return made


def test_a_spoiler_reaches_fields_of_every_kind_and_every_text_in_turn() -> None:
    things = (Text(en="a"), pd.DataFrame({"name_en": ["a"], "line_id": ["l"]}), {"k": [Text(en="a")]})
    met: set[str] = set()
    for turn in range(ROUNDS):
        text, frame, inner = Spoiler(TEXTS, turn).put(things)
        assert frame.loc[0, "line_id"] == "l" and frame.loc[0, "name_en"] != "a" and inner["k"][0].en != "a"
        met.update(text.en.split(" ¦ "))
    assert met == set(TEXTS)


# --- what becomes a template -----------------------------------------------------------------------------


def constants() -> frozenset[str]:
    """Every text in the source of the program and of the libraries that it makes pages with, and every shipped template."""
    files = [
        Path(str(m.__file__)) for n, m in list(sys.modules.items()) if n.split(".")[0] in ("branca", "folium")
    ]
    files += WEB.rglob("*.py")
    trees = (ast.parse(f.read_text("utf-8")) for f in files if f.suffix == ".py")
    nodes = (node for tree in trees for node in ast.walk(tree))
    written = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return frozenset({*written, *(t.read_text("utf-8") for t in TEMPLATES.iterdir())})


@contextmanager
def watched() -> Iterator[list[str]]:
    """Every source that Jinja reads in the block."""
    seen: list[str] = []
    compile_ = jinja2.Environment.compile

    def watch(self: Any, source: Any, *rest: Any, **more: Any) -> Any:
        seen.append(str(source))
        return compile_(self, source, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "compile", watch)
        yield seen


class Careless(MacroElement):
    """An element as branca has it: what its macro prints becomes a template."""

    _template = Template("{% macro html(this, kwargs) %}<p>{{ this.words }}</p>{% endmacro %}")

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


class Careful(Printed, Careless):
    """The same as the program has it."""


def page_of(element: Any) -> tuple[str, list[str]]:
    page = Page("Title")
    page.add_child(element)
    with watched() as seen:
        return self_contained(page), [s for s in seen if s not in constants()]


def test_a_text_that_becomes_a_template_is_noticed() -> None:
    found, foreign = page_of(Careless("x {{ 7*191 }} y"))
    assert "1337" in found and foreign == ["<p>x {{ 7*191 }} y</p>"]  # what the program must not do
    found, foreign = page_of(Careful("x {{ 7*191 }} y"))
    assert "<p>x {{ 7*191 }} y</p>" in found and foreign == []


def library_names(tree: ast.Module) -> set[str]:
    """What a module calls things of the libraries that make templates."""
    libraries = ("jinja2", "branca", "folium")
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in libraries:
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {
                a.asname or a.name.split(".")[0] for a in node.names if a.name.split(".")[0] in libraries
            }
    return found


def not_literal(source: str) -> list[str]:
    """Calls that hand a library something else than a text that stands there, where it might be read as a template."""
    tree = ast.parse(source)
    known, faults = library_names(tree), []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        root = node.func
        while isinstance(root, ast.Attribute):
            root = root.value
        named = isinstance(root, ast.Name) and root.id in known
        made = isinstance(node.func, ast.Attribute) and node.func.attr in ("from_string", "get_template")
        given = [*node.args, *(k.value for k in node.keywords)]
        if (named or made) and not all(isinstance(g, ast.Constant) for g in given):
            faults.append(ast.unparse(node))
        if isinstance(root, ast.Call) and ast.unparse(node.func) == "super().__init__" and known:
            faults += [ast.unparse(node) for _ in node.args[:1]]
            faults += [
                ast.unparse(node) for k in node.keywords if k.arg in ("template", "template_name", None)
            ]
    return faults


def calls(source: str, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def test_templates_are_filled_in_one_module_that_escapes_every_value() -> None:
    maker = WEB / "templates.py"
    modules = {p: p.read_text("utf-8") for p in (ROOT / "corridor").rglob("*.py")}
    assert [p for p, source in modules.items() if "jinja2" in source] == [maker]
    assert not [name for name in ("from_string", "Template") if any(calls(modules[maker], name))]
    environment = templates._ENVIRONMENT
    assert environment.autoescape is True and environment.undefined is jinja2.StrictUndefined
    assert isinstance(environment.loader, jinja2.PackageLoader)
    named = [
        call.args[0]
        for source in modules.values()
        for function in ("render", "printed_page", "beside_map", "write_site_page")
        for call in calls(source, function)
    ]
    shipped = {t.name for t in TEMPLATES.iterdir()}
    assert {name.value for name in named if isinstance(name, ast.Constant)} <= shipped
    passed_on = {ast.unparse(name) for name in named if not isinstance(name, ast.Constant)}
    assert passed_on == {"template"}  # by the functions above, whose callers write the name


def test_few_modules_call_a_text_html() -> None:
    """What is not escaped again: what templates print, and drawings that escape their own texts."""
    modules = {p.relative_to(WEB).as_posix(): p.read_text("utf-8") for p in WEB.rglob("*.py")}
    makers = {name for name, source in modules.items() if any(calls(source, "Markup"))}
    given = {name: {ast.unparse(c) for c in calls(modules[name], "Markup") if c.args} for name in makers}
    assert {name for name, texts in given.items() if texts} == {"templates.py"}


def test_no_template_prints_a_value_unescaped() -> None:
    for path in TEMPLATES.iterdir():
        source = path.read_text("utf-8")
        assert path.name.endswith(".html.j2") and not re.search(
            r"\|\s*safe|autoescape|\bon\w+=|javascript:", source
        )
        assert visible(source) == source
        for tag in re.findall(r"<[a-z][^>]*>", re.sub(r"\{%.*?%\}", "", source)):
            for value in re.findall(r"=([^\s>]+)", re.sub(r"\{\{.*?\}\}", "x", tag)):
                assert value.startswith('"'), f"{path.name}: {tag}"  # a value outside quotes could end them


@pytest.mark.parametrize("text", TEXTS, ids=[*HOSTILE, *CONTROL])
def test_a_template_escapes_what_it_prints(text: str) -> None:
    values = {"title": Text(en=text, zh_hant=text, zh_hans=text), "reference": False, "counterfactual": False}
    assert html.unescape(templates.render("label.html.j2", **values)).rstrip("\n") == visible(text).rstrip(
        "\n"
    )
    with watched() as seen:
        templates.render("label.html.j2", **values)
    assert text not in seen


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        templates.render("label.html.j2", title="x", reference=False)


def test_no_module_hands_a_library_a_text_that_is_not_written_there() -> None:
    modules = [p for p in (ROOT / "corridor").rglob("*.py") if p != WEB / "templates.py"]
    found = {str(p): not_literal(p.read_text("utf-8")) for p in modules}
    assert {path: faults for path, faults in found.items() if faults} == {}
    assert not_literal("from branca.element import Element\nElement('<b>' + name)") == [
        "Element('<b>' + name)"
    ]
    assert not_literal("import folium\nfolium.Html(f'{x}', script=True)") != []
    assert not_literal("import jinja2\nenv.from_string(words)") == ["env.from_string(words)"]
    assert not_literal("import folium\nclass A(B):\n  def f(self): super().__init__(words)") != []


def below(kind: type) -> Iterator[type]:
    for inner in kind.__subclasses__():
        yield inner
        yield from below(inner)


def test_every_element_of_the_program_prints() -> None:
    own = [c for c in below(MacroElement) if c.__module__.startswith("corridor.") and c is not Printed]
    assert {"PageMap", "Switch", "StorySwitch", "EcologySwitch"} <= {c.__name__ for c in own}
    for kind in own:
        line = kind.__mro__
        assert Printed in line and line.index(Printed) == line.index(MacroElement) - 1, kind
    assert folium.Map in {c for k in own for c in k.__mro__}


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
        significance=nature.significance(result),
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
    write_index(comparison, layers, folder / "index.html", with_story=True)
    write_further(comparison, layers, folder, with_story=True)
    write_compare(comparison, layers, folder / "compare.html")
    views = [spoiler.put(made_ecology.view(s)) for s in ("western-2035", "western-viaduct")]
    write_ecology(views, spoiler.put(made_ecology.NOTES), layers, folder / "ecology.html")
    story = written(folder, STORY)
    told = Story(spoiler.put(story.file), story.source)
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
    if (page.setBeside) { page.setBeside(true); await look(); page.setBeside(false); }
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


# --- the pictures ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def under() -> Ground:
    whole = ground(Catalog.bundled())
    return dataclasses.replace(whole, attributions=whole.attributions[:3])


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_pictures_draw_every_text_as_it_is(
    turn: int, under: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiler = Spoiler([t for t in TEXTS if "\x00" not in t], turn)  # no table can hold NUL
    layers = {name: spoiler.put(frame) for name, frame in pictures.layers().items()}
    monkeypatch.setattr(pictures, "layers", lambda: layers)
    monkeypatch.setattr(pictures, "NAMES", {i: spoiler.words() for i in pictures.NAMES})
    folder = pictures.write_folder(tmp_path / "result")
    scores = json.loads((folder / "scores.json").read_text("utf-8"))
    for row in scores["criteria"].values():
        row |= {key: spoiler.words() for key in row if key.startswith("title_")}
    (folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    base = spoiler.put(under)
    monkeypatch.setattr("corridor.drawing.write.ground", lambda _: base)
    drawn: list[tuple[str, bool]] = []
    keep = figures.picture

    def picture(sheet: Any, *rest: Any) -> bytes:
        drawn.extend((w.get_text(), w.get_parse_math()) for w in sheet.figure.findobj(Drawn))
        return keep(sheet, *rest)

    monkeypatch.setattr(figures, "picture", picture)
    forms: tuple[Format, ...] = ("svg",) if turn else ("svg", "png")
    wanted = figures.Wanted(scenarios=("viaduct",), formats=forms, width=800)
    files = figures.draw_figures(folder, tmp_path / "out", wanted)
    assert {math for words, math in drawn if "$" in words} == {False}  # it opens no formula
    assert any("{{" in words for words, _ in drawn)
    for path in files:
        if path.suffix == ".svg":
            check_svg(path.read_text("utf-8"), path.with_suffix(".txt").read_text("utf-8").strip())


def check_svg(source: str, alt: str) -> None:
    """Well formed, of the drawing's own elements, with the alt text as it stands beside the picture."""
    tree = ET.fromstring(source)
    names = {e.tag.rpartition("}")[2] for e in tree.iter()}
    assert names <= {
        "svg",
        "title",
        "desc",
        "defs",
        "style",
        "g",
        "path",
        "use",
        "clipPath",
        "rect",
        "pattern",
        "image",
    }
    assert not any(key.lower().startswith("on") for e in tree.iter() for key in e.attrib)
    assert all(
        v.startswith(("#", "data:")) for e in tree.iter() for k, v in e.attrib.items() if k.endswith("href")
    )
    said = tree.find("{http://www.w3.org/2000/svg}desc")
    assert said is not None and (said.text or "").strip() == alt
    assert visible(alt) == alt


def test_a_very_long_text_is_cut_at_the_same_letter_and_soon() -> None:
    pen, words = Paper("en"), "Western Rail Link, " * 6
    kept = cut(words, 400, lambda line: pen.width_of(line, 12))
    naive = words
    while pen.width_of(naive.rstrip() + "…", 12) > 400:
        naive = naive[:-1]
    assert kept == naive.rstrip() + "…"
    assert lines("ab " + "M" * 400_000 + " c", 10.5 * NARROW_EM, em, 2) == ["ab", "M" * 9 + "…"]


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


def test_the_title_of_a_page_and_what_lies_over_the_map_are_escaped() -> None:
    for text in TEXTS:
        page = Page(text)
        over = templates.render("over_compare.html.j2", attributions=(Text(en=text),))
        page.html.add_child(Raw(over), name="body")
        found = html.unescape(self_contained(page))
        assert found.count(visible(text)) >= 2 and found.count("<script") == text.count("<script") * 2
