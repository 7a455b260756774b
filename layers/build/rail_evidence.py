"""Published running times of Hong Kong rail: the evidence for links of 4 km and more (records/rail_runs.csv).

Read by hk_rail_runs.py, which corrects long links by it, and by validate_rail.py, which reports what is left.

Why long links need it. The run times of the source are computed, not timed: each line has one top speed and one
acceleration (fields `max_speed` and `acceleration` of the source), and run = length / top speed + a constant fits them with
r above 0.998 on the Tung Chung, Tuen Ma, Airport Express and East Rail lines. The top speeds of the off-peak set are 72 km/h on
the Tung Chung and Tuen Ma lines, 83 on East Rail and 90 on the Airport Express; trains there run at up to 130 and 135 (C14). So
a long link is slow, a short one, which no train runs fast, is not.

Rule, for links of at least 4 km of track:
    1. Published runs beat. Where the source misses the published minutes of a run, the long links of that run take one
       factor so that the run has the nearest of those minutes; its short links and dwells stay. Of two sources that differ the
       middle is taken. A figure given as "about" was rounded to five minutes, so it holds from 2.5 below to 2.5 above.
    2. A long link in no published run takes the observed mean of its two directions less the dwell, if each of them is possible
       (no more than 135 km/h from stop to stop).
    3. Otherwise the source's run is kept.
Observed times come second because they are biased on long links: 10 of the 24 observed on links of 4 km and more need more than
135 km/h, so those that do not are the slow end of what was observed.
"""

from __future__ import annotations

from dataclasses import dataclass

from tables import record_rows

LONG_LINK_M, TOP_KMH = 4000.0, 135.0


@dataclass(frozen=True)
class Run:
    """Published minutes of a train between two stations, low to high; `fits` if long links are fitted to it."""

    line_id: str
    start: str
    end: str
    low_min: float
    high_min: float
    confidence: str
    source: str
    fits: bool = False

    def nearest_min(self, minutes: float) -> float:
        """The published minutes nearest to a time."""
        return min(max(minutes, self.low_min), self.high_min)


def published_runs() -> tuple[Run, ...]:
    """The runs of records/rail_runs.csv: those that hold a link of 4 km and more, and the Disneyland line."""
    return tuple(Run(**row | {"fits": bool(row["fits"])}) for row in record_rows("rail_runs"))
