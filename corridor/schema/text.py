"""Text in three scripts."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Lang = Literal["en", "zh-Hant", "zh-Hans"]
LANGS: tuple[Lang, ...] = ("en", "zh-Hant", "zh-Hans")


class Text(BaseModel):
    """A text in English, Traditional and Simplified Chinese; a missing script falls back to English."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    en: str
    zh_hant: str = Field(default="", alias="zh-Hant")
    zh_hans: str = Field(default="", alias="zh-Hans")

    def __str__(self) -> str:
        return self.en

    def in_script(self, lang: Lang) -> str:
        """The text in one script, or in English where that script is missing."""
        return {"en": self.en, "zh-Hant": self.zh_hant, "zh-Hans": self.zh_hans}[lang] or self.en


_OBEYED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, Unicode's marks of direction (Bidi_Control), and half letters."""


def visible(words: str) -> str:
    r"""Words as a page or a picture prints them: what would be obeyed unseen is written out, such as ``\u202e``.

    A mark of direction could turn round the words beside it, a control character ends what XML is.
    """
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), words)


def all_visible(value: Any) -> Any:
    """What JSON holds, with every text in it, keys too, as :func:`visible` has it.

    A :class:`Text` becomes its three scripts in the order of :data:`LANGS`, a dataclass its fields by name.
    """
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Text):
        return [visible(value.in_script(lang)) for lang in LANGS]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: all_visible(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {all_visible(key): all_visible(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [all_visible(inner) for inner in value]
    return value
