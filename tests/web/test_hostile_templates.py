"""Texts from data never become a template, and templates escape every value."""

from __future__ import annotations

import ast
import html
import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import folium
import jinja2
import pytest
from branca.element import MacroElement
from folium.template import Template

from corridor import web
from corridor.schema.text import Text, visible
from corridor.web import templates
from corridor.web.inline import Page, Printed, Raw, self_contained
from tests.hostile import CONTROL, HOSTILE
from tests.paths import ROOT
from tests.spoiler import TEXTS
from tests.web.jinja_watch import TEMPLATES, WEB, constants, watched


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
        if isinstance(node, ast.Call) and ast.unparse(node.func).removeprefix("site.") == name:
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
        for function in ("render", "write_printed", "filled", "beside_map", "write_from")
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
            quoted = re.sub(r'="[^"]*"', "", re.sub(r"\{\{.*?\}\}", "x", tag))
            assert "=" not in quoted, f"{path.name}: {tag}"  # a value outside quotes could end them


@pytest.mark.parametrize("text", TEXTS, ids=[*HOSTILE, *CONTROL])
def test_a_template_escapes_what_it_prints(text: str) -> None:
    values = {"title": Text(en=text, zh_hant=text, zh_hans=text), "reference": False, "flag": ""}
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
    for module in pkgutil.iter_modules(web.__path__, "corridor.web."):
        importlib.import_module(module.name)
    own = [c for c in below(MacroElement) if c.__module__.startswith("corridor.") and c is not Printed]
    assert {"PageMap", "Switch", "StorySwitch", "EcologySwitch"} <= {c.__name__ for c in own}
    for kind in own:
        line = kind.__mro__
        assert Printed in line and line.index(Printed) == line.index(MacroElement) - 1, kind
    assert folium.Map in {c for k in own for c in k.__mro__}


# --- where texts come in, and what escapes them --------------------------------------------------------------


def test_the_title_of_a_page_and_what_lies_over_the_map_are_escaped() -> None:
    for text in TEXTS:
        page = Page(text)
        over = templates.render("over_compare.html.j2", attributions=(Text(en=text),))
        page.html.add_child(Raw(over), name="body")
        found = html.unescape(self_contained(page))
        assert found.count(visible(text)) >= 2 and found.count("<script") == text.count("<script") * 2
