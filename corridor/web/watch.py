"""The page that follows a scenario while it is edited: a frame with the newest comparison, loaded again when it changes.

It needs no server: each second the page reads a script beside it, which says how far the newest run is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from corridor.core.output import CHOOSE_FOLDER, write_whole, writing
from corridor.drawing.i18n import t
from corridor.web.html import json_for_script
from corridor.web.printed import filled

State = Literal["working", "done", "failed"]
PAGE, STATE = "watch.html", "watch.js"
SHOWN = {"index.html": "page_index", "compare.html": "compare_title", "ecology.html": "eco_title"}
"""The key of the name of each page that it links. They are listed here so that the page opens before the comparison is imported."""


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
    page = filled(
        "watch.html.j2",
        t("watch_title"),
        ("page.css", "index.css", "watch.css"),
        ("index.js", "watch.js"),
        pages=[(name, t(key)) for name, key in SHOWN.items()],
        folder=folder,
        states={state: t(f"watch_{state}") for state in get_args(State)},
    )
    with writing(out, CHOOSE_FOLDER):
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / PAGE, page.render().encode())
    return out / PAGE


def tell_watch(out: Path, run: int, state: State, problems: Sequence[object] = ()) -> None:
    """Tell the open page how far a run is, and what was wrong with the files of one that failed."""
    told = json_for_script({"run": run, "state": state, "problems": [str(p) for p in problems]})
    with writing(out, CHOOSE_FOLDER):
        write_whole(out / STATE, f"watched({told});\n".encode())
