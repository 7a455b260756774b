"""Every word of the pages that is not data, in English, Traditional and Simplified Chinese."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Literal

from corridor.schema.catalog_entry import Role
from corridor.schema.region import Region
from corridor.schema.text import Lang, Text

LANG_NAMES: Mapping[str, str] = {"en": "English", "zh-Hant": "繁體", "zh-Hans": "简体"}


def _words() -> Iterator[tuple[str, Text]]:
    """Every row of the files in ``words``, a file for each page and one for the terms that all of them use."""
    for file in sorted(files("corridor.drawing").joinpath("words").iterdir(), key=lambda f: f.name):
        for row in csv.DictReader(file.read_text("utf-8").splitlines()):
            yield row["key"], Text(en=row["en"], zh_hant=row["zh_hant"], zh_hans=row["zh_hans"])


STRINGS: Mapping[str, Text] = dict(_words())


def t(key: str) -> Text:
    """The text of a key.

    Parameters
    ----------
    key
        A key of the files in ``drawing/words``.

    Raises
    ------
    KeyError
        For an unknown key: a fault of the program, not of a user.
    """
    return STRINGS[key]


def term(prefix: str, value: object) -> Text:
    """The text of a value of an enumeration.

    Parameters
    ----------
    prefix
        What the keys of the enumeration begin with, e.g. ``unit``.
    value
        The value; spaces, hyphens and capitals do not matter.

    Returns
    -------
    Text
        Of the key PREFIX_VALUE; else the value itself, with spaces for underscores.
    """
    raw = "" if value is None else str(value)
    found = STRINGS.get(f"{prefix}_{raw.replace('-', '_').replace(' ', '_').lower()}")
    return found or Text(en=raw.replace("_", " "))


def in_each(words: Callable[[Lang], str]) -> Text:
    """A text from its words in each script."""
    return Text(en=words("en"), zh_hant=words("zh-Hant"), zh_hans=words("zh-Hans"))


def fill(key: str, **parts: Text | str | int) -> Text:
    """A text with its places filled, each part in its own script.

    Parameters
    ----------
    key
        A key whose text names its places in braces.
    **parts
        What goes into each place; braces in it mean nothing.
    """

    def words(lang: Lang) -> str:
        said = {k: part.in_script(lang) if isinstance(part, Text) else part for k, part in parts.items()}
        return t(key).in_script(lang).format(**said)

    return in_each(words)


def region_words(region: Region) -> dict[str, Text]:
    """The texts that depend on the region, by key.

    Parameters
    ----------
    region
        Its own texts go first; for those that it does not state there are general ones with the names of its sides.
    """
    stated = {
        "subtitle": region.title,
        "boundary": region.boundary,
        "review_sure": region.how_sure,
        "on_buildout": region.build_out,
        "review_seasons_note": region.season_rules,
    }
    south, north = region.names.values()
    axes = {f"axis_{axis.id}": axis.name for axis in region.axes}
    return axes | {key: text or fill(key, south=south, north=north) for key, text in stated.items()}


NotGiven = Role | Literal["jobs"]
"""What a study may lack: layers by their role, and where the jobs are."""
_ROLE_WORDS: Mapping[NotGiven, str] = {
    "jobs": "layer_jobs",
    "habitat": "layer_habitat",
    "designations": "layer_designations",
    "green_corridors": "layer_corridors",
    "wildlife_sites": "layer_wildlife",
}


def not_given(roles: Sequence[NotGiven]) -> Text | None:
    """Which layers a study does not have, in a sentence.

    Parameters
    ----------
    roles
        Of jobs, habitat, designations, green_corridors and wildlife_sites, those that are missing.

    Returns
    -------
    Text or None
        None where none is missing.
    """
    return fill("not_given", layers=listed([t(_ROLE_WORDS[role]) for role in roles])) if roles else None


def joined(parts: Sequence[Text], between: str = "list_comma") -> Text:
    """Texts as a list, with the comma of each script between them.

    Parameters
    ----------
    parts
        The texts.
    between
        Key of the sign between them.
    """
    return in_each(lambda lang: t(between).in_script(lang).join(part.in_script(lang) for part in parts))


def listed(parts: Sequence[Text]) -> Text:
    """Texts that hold commas themselves, as a list with the semicolon of each script."""
    return joined(parts, "list_semicolon")


def sentences(parts: Sequence[Text]) -> Text:
    """Sentences one after another, spaced where the script spaces them."""
    return in_each(lambda lang: (" " if lang == "en" else "").join(part.in_script(lang) for part in parts))
