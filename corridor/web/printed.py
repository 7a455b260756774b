"""Pages to read and print, without a map: one template and the language switch."""

from __future__ import annotations

from typing import Any

from corridor.schema.text import Text
from corridor.web.inline import Page, Raw, asset, self_contained
from corridor.web.templates import render, script_json


def printed_page(template: str, title: Text, styles: tuple[str, ...], **values: Any) -> str:
    """A page without a map from its template.

    Parameters
    ----------
    template
        Name of a shipped template.
    title
        Title of the page; the script shows it in the script that is chosen.
    styles
        Names of shipped style sheets, in order.
    **values
        What the template reads, escaped where it is printed.

    Returns
    -------
    str
        HTML of the whole page.
    """
    page = Page(title.en)
    style = "".join(asset(name) for name in styles)
    page.header.add_child(Raw(f"<style>{style}</style>"), name="style")
    body = render(template, title=title, titles=script_json(title), **values)
    page.html.add_child(Raw(body), name="body")
    page.script.add_child(Raw(asset("index.js")), name="script")
    return self_contained(page)
