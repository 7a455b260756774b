"""HTML from data: everything is escaped here and nowhere else."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from corridor.schema.text import LANGS, Text, all_visible, visible


def esc(value: object) -> str:
    """Any value as text that is safe between tags and in quoted attributes."""
    return escape(visible(str(value)), quote=True)


def tri(text: Text) -> str:
    """The text in three scripts, of which the page shows one."""
    scripts = [text.in_script(lang) for lang in LANGS]
    if len(set(scripts)) == 1:
        return esc(scripts[0])
    return "".join(
        f'<span lang="{lang}">{esc(words)}</span>' for lang, words in zip(LANGS, scripts, strict=True)
    )


def json_for_script(value: Any) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(
        all_visible(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
    )
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
