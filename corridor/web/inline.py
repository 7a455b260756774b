"""Pages that fetch nothing: shipped assets take the place of links, and a policy forbids the network."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

from branca.element import CssLink, Element, Figure, JavascriptLink, Link, MacroElement
from folium.template import Template
from xstatic.pkg import leaflet

from corridor.core.errors import AssetError, Problems
from corridor.core.output import write_whole
from corridor.web.html import esc

OWN = "corridor:"
LEAFLET = re.compile(r"https://[\w.-]+/npm/leaflet@1\.9\.\d+/dist/(leaflet\.(?:js|css))")
MAX_BYTES = 2_500_000

_IMPORT = re.compile(r"@import|url\(\s*['\"]?(?!data:)([^)'\"]*)", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?|wss?|ftp):?//[^\s'\"`<>)]+", re.IGNORECASE)
_NAMED_ONLY = frozenset({"http://www.w3.org/2000/svg", "https://leafletjs.com"})
"""Addresses that stand in shipped scripts as a name or as a link to follow, and are never fetched."""


class Page(Figure):
    """A branca figure that is a whole page: language, policy, title, and one script at the end.

    Parameters
    ----------
    title
        Title as text; it is escaped here.
    """

    _template = Template(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<!--policy-->\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{{ this.title }}</title>\n{{ this.header.render(**kwargs) }}\n</head>\n<body>\n"
        "{{ this.html.render(**kwargs) }}\n"
        "{% if this.script._children %}<script>\n{{ this.script.render(**kwargs) }}\n</script>\n{% endif %}"
        "</body>\n</html>\n"
    )

    def __init__(self, title: str) -> None:
        super().__init__(title=esc(title))
        del self.header._children["meta_http"]


def asset(name: str) -> str:
    """The text of a file shipped with the package.

    Parameters
    ----------
    name
        File name in ``corridor/web/static``, without a folder.

    Raises
    ------
    AssetError
        Where no such file is shipped.
    """
    place = files("corridor.web").joinpath("static").joinpath(name)
    if not re.fullmatch(r"[\w.-]+", name) or not place.is_file():
        what = f"the asset {name!r} is not shipped"
        raise AssetError.at("page", what, "a file of corridor/web/static", "add it")
    return place.read_text("utf-8")


def shipped(url: str) -> str:
    """The text of a linked address from the shipped assets; AssetError where none is of that address."""
    if url.startswith(OWN):
        return asset(url.removeprefix(OWN))
    match = LEAFLET.fullmatch(url)
    if not match:
        what, remedy = f"{url} would be fetched", "drop the element that needs it"
        raise AssetError.at("page", what, "an asset that is shipped", remedy)
    return map_library(match[1])


def map_library(name: str) -> str:
    """The text of leaflet.js or leaflet.css, without its source map and its pictures: nothing that would show them is used."""
    text = (Path(leaflet.BASE_DIR) / name).read_text("utf-8")
    if name.endswith(".css"):
        return re.sub(r"[\w-]+:\s*url\((?!\s*['\"]?data:)[^)]*\)\s*;?", "", text)
    return re.sub(r"\n?//# sourceMappingURL=\S+\s*", "\n", text)


def self_contained(page: Page) -> str:
    """The page as one text without an address to fetch, under a policy that forbids the network.

    Parameters
    ----------
    page
        The page, not rendered yet.

    Returns
    -------
    str
        HTML; the same page gives the same bytes.

    Raises
    ------
    AssetError
        For a link to what is not shipped, and for every address that a browser would fetch.
    """
    _name_in_order(page)
    for child in page._children.values():
        child.render()
    for name, element in list(page.header._children.items()):
        if isinstance(element, Link):
            page.header._children[name] = _inlined(element)
    return sealed(str(page._template.render(this=page, kwargs={})))


def sealed(html: str) -> str:
    """A page with its policy in the place of its first comment ``<!--policy-->``.

    Parameters
    ----------
    html
        A whole page, whose template has that comment ahead of anything from data.

    Raises
    ------
    AssetError
        For every address that a browser would fetch.
    """
    # the policy names the hash of each script, so it is made last, of the page as it will be. It adds no script and no address: the page is read once for both.
    scan, wrong = _Scan(html), Problems(AssetError)
    for where, address in scan.fetched():
        what = f"{address[:120]} would be fetched"
        wrong.add(f"page, {where}", what, "nothing to fetch", "ship it or drop it")
    wrong.raise_all()
    return html.replace("<!--policy-->", _policy(scan), 1)


def _name_in_order(page: Page) -> None:
    """Ids in order in place of random ones, so that the same page has the same bytes."""
    waiting: list[Any] = [page]
    for number, element in enumerate(waiting):
        element._id = str(number)
        waiting.extend(element._children.values())


def _inlined(link: Any) -> Element:
    kind = {JavascriptLink: "script", CssLink: "style"}[type(link)]
    return Raw(f"<{kind}>\n{shipped(link.url).strip()}\n</{kind}>")


class Raw(Element):
    """An element that prints a text as it is: braces in it mean nothing.

    Parameters
    ----------
    text
        HTML, a script or a style, escaped already where it comes from data.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_: Any) -> str:
        """The text."""
        return self._text


class Printed(MacroElement):
    """A part of a page whose macros print into it, what they print as it stands.

    Templates are constants of the program; what comes from data is a value that they print, as HTML already. branca's
    own class makes a template of what was printed and renders that: text from data would be its source, and run.
    """

    def render(self, **kwargs: Any) -> str:
        """Print into the head, the body and the script of the page, and let the children do so.

        Returns
        -------
        str
            Empty: nothing is printed in its own place.
        """
        page = self.get_root()
        for place in ("header", "html", "script"):
            macro = getattr(self._template.module, place, None)
            if macro is not None:
                getattr(page, place).add_child(Raw(macro(self, kwargs)), name=self.get_name())
        for child in self._children.values():
            child.render(**kwargs)
        return ""


_FETCHED = frozenset({
    "src", "srcset", "poster", "data", "background", "action", "formaction", "manifest", "ping",
})  # fmt: skip
"""Attributes whose address a browser fetches or sends to."""


class _Scan(HTMLParser):
    """Scripts, styles and addresses of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.addresses: list[tuple[str, str]] = []
        self._within = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._within = ""
        if tag == "script" and given.get("type") in (None, "", "text/javascript", "module"):
            self._within = "script"
            self.scripts.append("")
        elif tag == "style":
            self._within = "style"
            self.styles.append("")
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        followed = name in {"href", "xlink:href"} and tag not in {"a", "area"}
        if (name in _FETCHED or followed) and not value.startswith(("data:", "#")):
            self.addresses.append((f"<{tag} {name}>", value))
        if name == "style":
            self.styles.append(value)
        if name.startswith("on"):
            self.addresses.append((f"<{tag} {name}>", "a script in an attribute"))

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "script":
            self.scripts[-1] += data
        elif self._within == "style":
            self.styles[-1] += data

    def fetched(self) -> Iterator[tuple[str, str]]:
        """Where each address is that a browser would fetch, and the address."""
        yield from self.addresses
        for style in self.styles:
            for match in _IMPORT.finditer(style):
                yield "style", match[0]
        for script in self.scripts:
            for match in _REMOTE.finditer(script):
                if match[0].rstrip("/") not in _NAMED_ONLY:
                    yield "script", match[0]
            if "sourceMappingURL=" in script:
                yield "script", "a source map"


def addresses(html: str) -> Iterator[tuple[str, str]]:
    """Whatever a browser would fetch, and scripts in attributes, which the policy would not run.

    Parameters
    ----------
    html
        A whole page.

    Returns
    -------
    iterator of tuple of str
        Where each is, and the address.
    """
    return _Scan(html).fetched()


def _policy(scan: _Scan) -> str:
    """The content security policy: no network at all, and only the scripts that stand in this page."""
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"
        for script in dict.fromkeys(scan.scripts)
    ]
    rules = (
        "default-src 'none'", f"script-src {' '.join(hashes) or chr(39) + 'none' + chr(39)}",
        "style-src 'unsafe-inline'", "img-src data:", "base-uri 'none'", "form-action 'none'",
    )  # fmt: skip
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">'


def write_page(html: str, path: Path) -> None:
    """Write a page whole or not at all.

    Parameters
    ----------
    html
        The page.
    path
        The file; its folder is made where it is missing.

    Raises
    ------
    AssetError
        Where the page has more than 2.5 MB; an earlier file stays.
    """
    content = html.encode("utf-8")
    if len(content) > MAX_BYTES:
        what, remedy = f"is {len(content):,} bytes", "compare fewer scenarios or measures"
        raise AssetError.at(path.name, what, f"at most {MAX_BYTES:,}", remedy)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
