"""The two pages of a comparison: index.html to read, compare.html to look at."""

from __future__ import annotations

from pathlib import Path

from corridor.comparison import Comparison
from corridor.schema.text import LANGS
from corridor.web import model, switch, tables
from corridor.web.basemap import BaseGeometry, Basemap, prepare
from corridor.web.html import esc, json_for_script, tag, tri
from corridor.web.i18n import t
from corridor.web.inline import MAX_BYTES, Page, Raw, asset, self_contained, write_page
from corridor.web.layers import PageLayers, check
from corridor.web.legend import scales
from corridor.web.pack import pack

LEVELS = (60_000, 12_000, 2_500, 600, 250)
"""Steps to which values are rounded; the next is taken where a page would not fit its budget."""


def write_index(comparison: Comparison, layers: PageLayers, path: Path) -> None:
    """Write index.html: what was asked, the answer, and every table.

    Raises LayerError (a frame lacks what the page needs) or AssetError (over 2.5 MB); an earlier file stays.
    """
    check(comparison, layers)
    page = Page(t("index_title").en)
    page.header.add_child(Raw(tag("style", asset("page.css"), asset("index.css"))), name="style")
    page.html.add_child(Raw(_index_body(comparison, layers)), name="body")
    page.script.add_child(Raw(asset("index.js")), name="script")
    write_page(self_contained(page), path)


def _index_body(comparison: Comparison, layers: PageLayers) -> str:
    titles = json_for_script([t("index_title").in_script(lang) for lang in LANGS])
    top = tag(
        "header",
        tag("div",
            tag("div", tag("h1", tri(t("index_title"))), tag("p", tri(t("subtitle")))),
            tag("nav", tag("a", tri(t("open_map")), href="compare.html", class_="go", data_keep="1"),
                tag("a", tri(t("eco_open")), href="ecology.html", class_="go", data_keep="1"), switch.languages())),
        class_="top",
    )  # fmt: skip
    sections = (build(comparison, layers) for build in tables.SECTIONS)
    notice = tag("p", tri(t("screening")), class_="notice")
    return "\n".join(
        (top, tag("main", notice, *sections), tag("script", titles, type="application/json", id="titles"))
    )


def write_compare(comparison: Comparison, layers: PageLayers, path: Path) -> None:
    """Write compare.html: all scenarios on one map, with a switch, a legend and a table.

    Values are rounded as finely as the byte budget allows, and the page says to what. Raises LayerError or
    AssetError; an earlier file stays.
    """
    check(comparison, layers)
    base = prepare(layers.coastline, layers.districts)
    for levels in LEVELS:
        html = _compare_html(comparison, layers, base, levels)
        if len(html.encode()) <= MAX_BYTES:
            break
    write_page(html, path)


def _compare_html(comparison: Comparison, layers: PageLayers, base: BaseGeometry, levels: int) -> str:
    described, sections = model.build(comparison, layers, base, scales(comparison, levels))
    page = Page(t("compare_title").en)
    chart = switch.PageMap(base.bounds, switch.over_map(layers.attributions))
    chart.add_child(Basemap(), name="basemap")
    chart.add_child(switch.Switch(), name="switch")
    page.add_child(chart, name="map")
    data = tag("script", pack(described, sections), type="text/plain", id="pack")
    parts = (switch.head(), switch.panel(), switch.word_list(), data, _noscript())
    page.html.add_child(Raw("\n".join(parts)), name="beside")
    return self_contained(page)


def _noscript() -> str:
    return tag("noscript", tag("p", esc(t("noscript").en), class_="banner"))
