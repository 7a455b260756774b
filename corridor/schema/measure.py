"""What zones are coloured by: a measure of access at an hour."""

from __future__ import annotations

from dataclasses import dataclass

from corridor.schema.text import Text


@dataclass(frozen=True)
class Measure:
    """One thing a zone is coloured by: what, when, in which unit; higher is better unless it is a time."""

    measure_id: str
    title: Text
    unit: Text
    hour: str
    higher_is_better: bool

    @property
    def base(self) -> str:
        """The id without the hour: jobs_60_0830 is jobs_60."""
        return self.measure_id.removesuffix("_" + self.hour.replace(":", ""))
