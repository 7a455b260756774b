"""HTML from data: everything is escaped here and nowhere else."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from corridor.schema.text import LANGS, Text, all_visible, visible


def esc(value: object) -> str:
    """Any value as text that is safe between tags and in quoted attributes.

    Parameters
    ----------
    value
        Anything; ``str`` of it is printed. Signs that turn or hide text are written out.
    """
    return escape(visible(str(value)), quote=True)


def tri(text: Text) -> str:
    """The text in three scripts, of which the page shows one.

    Returns
    -------
    str
        HTML, escaped: an element for each script, or the text alone where all are alike.
    """
    scripts = [text.in_script(lang) for lang in LANGS]
    if len(set(scripts)) == 1:
        return esc(scripts[0])
    return "".join(
        f'<span lang="{lang}">{esc(words)}</span>' for lang, words in zip(LANGS, scripts, strict=True)
    )


def json_for_script(value: Any) -> str:
    """JSON that cannot end the script element it is in.

    Parameters
    ----------
    value
        What JSON holds, with :class:`corridor.schema.text.Text` and dataclasses
        (:func:`corridor.schema.text.all_visible`).

    Returns
    -------
    str
        Keys in order, so that the same value gives the same bytes.

    Raises
    ------
    ValueError
        For NaN or infinity, which are no JSON.
    """
    text = json.dumps(
        all_visible(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
    )
    # </script> or <!-- in a name would end or change the script element, whatever quotes it is in; U+2028 and U+2029 end a
    # line in older JavaScript
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
