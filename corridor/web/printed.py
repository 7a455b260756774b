"""Pages to read and print, without a map: one template and the language switch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corridor.schema.text import Text
from corridor.web.inline import Page, Raw, asset, self_contained, write_page
from corridor.web.templates import render, script_json


def write_printed(template: str, path: Path, title: Text, styles: tuple[str, ...], **values: Any) -> None:
    """Write a page without a map from its template.

    Parameters
    ----------
    template
        Name of a shipped template.
    path
        The file. An earlier one stays where this one cannot be written.
    title
        Title of the page; the script shows it in the script that is chosen.
    styles
        Names of shipped style sheets, in order.
    **values
        What the template reads, escaped where it is printed.

    Raises
    ------
    AssetError
        Where the page would be over 2.5 MB.
    """
    write_page(self_contained(filled(template, title, styles, ("index.js",), **values)), path)


def filled(
    template: str, title: Text, styles: tuple[str, ...], scripts: tuple[str, ...], **values: Any
) -> Page:
    """A page from its template, with shipped style sheets and scripts in it."""
    page = Page(title.en)
    page.header.add_child(Raw(f"<style>{''.join(map(asset, styles))}</style>"), name="style")
    body = render(template, title=title, titles=script_json(title), **values)
    page.html.add_child(Raw(body), name="body")
    page.script.add_child(Raw("".join(map(asset, scripts))), name="script")
    return page
