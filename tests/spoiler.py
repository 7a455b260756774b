"""Texts of :mod:`tests.hostile` put into whatever holds words."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
from pydantic import BaseModel

from corridor.schema.text import Text
from tests.hostile import CONTROL, HOSTILE

TEXTS = [*HOSTILE.values(), *CONTROL.values()]
PLAIN = [f"plain words, number {i}" for i in range(len(TEXTS))]
ROUNDS = 4
"""Each field gets a quarter of the texts, another one in every round."""


WORDS = re.compile(
    r".*_(?:en|zh_hant|zh_hans)|note|notes|source|subject_source|layer_(?:date|licence|attribution)"
)
"""Columns that hold words of people."""
FREE = frozenset({"source", "licence", "attribution", "notes", "date"})
"""Fields of one text, beside those in three scripts."""


class Spoiler:
    """Puts a share of some texts into every field that holds words: each field its own, by its place."""

    def __init__(self, texts: Sequence[str], turn: int) -> None:
        shares = [texts[i::ROUNDS] for i in range(ROUNDS)]
        self._fields = ((shares[(n + turn) % ROUNDS], n) for n in itertools.count())

    def words(self) -> str:
        """The text of the next field; shares begin with another of their texts each time."""
        share, n = next(self._fields)
        at = n % len(share)
        return " ¦ ".join([*share[at:], *share[:at]])

    def put(self, value: Any) -> Any:  # noqa: PLR0911
        """The same with other words; ids, numbers, shapes and values of lists are left."""
        if isinstance(value, Text):
            return Text(en=self.words(), zh_hant=self.words(), zh_hans=self.words())
        if isinstance(value, pd.DataFrame):
            return self._frame(value)
        if isinstance(value, BaseModel):
            return value.model_copy(
                update=self._named({n: getattr(value, n) for n in type(value).model_fields})
            )
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
            return dataclasses.replace(value, **self._named(fields))
        if type(value).__name__ == "SimpleNamespace":
            return type(value)(**self._named(vars(value)))
        if isinstance(value, dict):
            return {key: self.put(inner) for key, inner in value.items()}
        if type(value) in (tuple, list):
            return type(value)(self.put(inner) for inner in value)
        return value

    def _named(self, fields: dict[str, Any]) -> dict[str, Any]:
        def one(name: str, value: Any) -> Any:
            if name in FREE and isinstance(value, str):
                return self.words()
            if name in FREE and isinstance(value, tuple) and all(isinstance(v, str) for v in value):
                return tuple(self.words() for _ in value)
            return self.put(value)

        return {name: one(name, value) for name, value in fields.items()}

    def _frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        made = frame.copy()
        for name in made.columns:
            if WORDS.fullmatch(str(name)) or (len(made) and isinstance(made[name].iloc[0], Text)):
                whole = [self.put(v) if isinstance(v, Text) else self.words() for v in made[name]]
                made[name] = pd.Series(whole, index=made.index, dtype=object)
        return made
