"""Text in three scripts."""

from __future__ import annotations

from typing import Literal

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
