"""Pages fetch nothing: shipped assets, the policy, and the refusal of everything else."""

import base64
import hashlib
import re
from importlib.resources import files
from pathlib import Path

import folium
import pytest

from corridor.core.errors import AssetError
from corridor.web import inline
from corridor.web.html import json_for_script
from corridor.web.inline import (
    Page,
    Raw,
    addresses,
    asset,
    sealed,
    self_contained,
    shipped,
    write_page,
)


def page_of(body: str) -> Page:
    page = Page("A <title>")
    page.html.add_child(Raw(body), name="body")
    return page


def test_leaflet_is_shipped_without_pictures_and_source_map() -> None:
    links = dict(folium.Map.default_js) | dict(folium.Map.default_css)
    script, style = shipped(links["leaflet"]), shipped(links["leaflet_css"])
    assert "L.map" in script or "leaflet" in script.lower()
    assert "sourceMappingURL" not in script
    assert "url(" not in style.replace("url(#default#VML)", "")


@pytest.mark.parametrize(
    "url",
    [
        "https://code.jquery.com/jquery-3.7.1.min.js",
        "corridor:no-such.js",
        "corridor:../i18n.py",
        "https://cdn.jsdelivr.net/npm/leaflet@2.0.0/dist/leaflet.js",
    ],
)
def test_what_is_not_shipped_is_refused(url: str) -> None:
    with pytest.raises(AssetError, match="shipped"):
        shipped(url)


def test_a_folium_map_as_it_comes_is_refused() -> None:
    page = Page("t")
    page.add_child(folium.Map(location=[22.4, 114.1], tiles=None), name="map")
    with pytest.raises(AssetError, match="jquery"):
        self_contained(page)


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://a.example/x.png">',
        '<img src="x.png">',
        '<link rel="stylesheet" href="//a.example/x.css">',
        '<script src="x.js"></script>',
        "<style>@import 'x.css';</style>",
        "<style>a { background: url(x.png) }</style>",
        '<p style="background: url(https://a.example/x)">',
        '<svg><image xlink:href="https://a.example/x.png"/></svg>',
        "<script>fetch('https://a.example')</script>",
        "<script>new WebSocket('wss://a.example')</script>",
        "<script>1\n//# sourceMappingURL=x.map</script>",
        '<iframe src="https://a.example"></iframe>',
        '<form action="https://a.example"></form>',
        '<p onclick="alert(1)">',
    ],
)
def test_an_address_is_refused(html: str) -> None:
    with pytest.raises(AssetError):
        sealed(html)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://a.example">followed, not fetched</a>',
        '<img src="data:image/png;base64,AAAA">',
        '<script type="application/json">{"source":"https://a.example"}</script>',
        "<p>https://a.example</p>",
        '<svg><use href="#a"/></svg>',
    ],
)
def test_what_fetches_nothing_passes(html: str) -> None:
    assert list(addresses(html)) == []


def test_the_policy_allows_this_script_alone() -> None:
    page = page_of("<p>x</p>")
    page.script.add_child(Raw("var a = 1 < 2;"), name="script")
    html = self_contained(page)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)
    assert script is not None
    wanted = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{wanted}'" in policy[1]
    assert policy[1].startswith("default-src 'none'")
    assert "unsafe-eval" not in policy[1]
    assert html.index("Content-Security-Policy") < html.index("<title>")


def test_a_page_without_script_allows_none() -> None:
    assert "script-src 'none'" in self_contained(page_of("<p>x</p>"))


def test_a_title_is_escaped() -> None:
    assert "<title>A &lt;title&gt;</title>" in self_contained(page_of(""))


def test_json_cannot_end_its_script() -> None:
    text = json_for_script({"a": "</script><!--\u2028"})
    assert "<" not in text and "\u2028" not in text


def test_a_page_over_the_budget_leaves_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.html"
    write_page("first", path)
    monkeypatch.setattr(inline, "MAX_BYTES", 10)
    with pytest.raises(AssetError, match="at most"):
        write_page("x" * 11, path)
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_every_asset_ends_whole() -> None:
    for name in sorted(
        p.name for p in files("corridor.web").joinpath("static").iterdir() if p.name.endswith(".js")
    ):
        assert "</script" not in asset(name).lower()
    for name in ("page.css", "compare.css", "index.css"):
        assert "</style" not in asset(name).lower()
