"""The page that follows a scenario while it is edited: a frame with the newest comparison, loaded again when it changes.

It needs no server: each second the page reads a script beside it, which says how far the newest run is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from corridor.core.output import CHOOSE_FOLDER, write_whole, writing
from corridor.drawing.i18n import t
from corridor.web.html import json_for_script
from corridor.web.inline import Page, Raw, asset
from corridor.web.templates import render, script_json

State = Literal["working", "done", "failed"]
PAGE, STATE = "watch.html", "watch.js"
PAGES = (("index.html", "page_index"), ("compare.html", "compare_title"), ("ecology.html", "eco_title"))


def write_watch(out: Path, folder: str) -> Path:
    """Write the page.

    Parameters
    ----------
    out
        Its folder, made where it is missing.
    folder
        Name of the folder of the comparison in `out`.

    Returns
    -------
    Path
        The page.
    """
    title = t("watch_title")
    page = Page(title.en)
    style = "".join(asset(name) for name in ("page.css", "index.css", "watch.css"))
    page.header.add_child(Raw(f"<style>{style}</style>"), name="style")
    states = {state: t(f"watch_{state}") for state in ("working", "done", "failed")}
    pages = [(name, t(key)) for name, key in PAGES]
    body = render(
        "watch.html.j2", title=title, titles=script_json(title), pages=pages, folder=folder, states=states
    )
    page.html.add_child(Raw(body), name="body")
    page.script.add_child(Raw(asset("index.js") + asset("watch.js")), name="script")
    with writing(out, CHOOSE_FOLDER):
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / PAGE, page.render().encode())
    return out / PAGE


def tell_watch(out: Path, run: int, state: State, problems: Sequence[object] = ()) -> None:
    """Tell the open page how far a run is, and what was wrong with the files of one that failed."""
    told = json_for_script({"run": run, "state": state, "problems": [str(p) for p in problems]})
    with writing(out, CHOOSE_FOLDER):
        write_whole(out / STATE, f"watched({told});\n".encode())
