"""What the command line says about a feed, checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

from corridor.core.errors import CorridorError
from corridor.importers.gtfs.lines import Wishes


def pairs(option: str, given: Iterable[str]) -> dict[str, str]:
    """KEY=VALUE texts as a mapping."""
    found = {}
    for text in given:
        key, sign, value = text.rpartition("=")
        if not (sign and key and value):
            raise CorridorError.at(
                option, repr(text), "two ids with '=' between", "for example WEK=west-kowloon"
            )
        found[key] = value
    return found


def wishes_of(
    feed_id: str,
    date: str | None,
    modes: Mapping[str, str],
    clearance: Mapping[str, str],
    sides: Mapping[str, str],
    routes: tuple[str, ...],
    confidence: str,
) -> Wishes:
    """Options as :class:`Wishes`; raises a :class:`CorridorError` for a date that is none."""
    try:
        day = dt.date.fromisoformat(date) if date else None
    except ValueError:
        raise CorridorError.at("--date", repr(date), "YYYY-MM-DD", "for example 2026-01-26") from None
    return Wishes(feed_id, day, modes, clearance, sides, routes, confidence=confidence)


def study_of(folder: Path | None) -> Path:
    """The folder of the user's study; the one that travels with the program takes no layers."""
    if folder is None:
        raise CorridorError.at(
            "layers add gtfs",
            "needs a study of your own",
            "corridor --study DIR layers add gtfs FEED",
            "make one with 'corridor init DIR'",
        )
    return folder
