"""Published and observed running times of Hong Kong rail: the evidence for links of 4 km and more.

Read by hk_rail.py, which corrects long links by it, and by validate_times.py, which reports what is left.

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
    3. Otherwise the source stands.
Observed times come second because they are biased on long links: 10 of the 24 observed on links of 4 km and more need more than
135 km/h, so those that do not are the slow end of what was observed.
"""

from __future__ import annotations

from dataclasses import dataclass

LONG_LINK_M, TOP_KMH = 4000.0, 135.0
ABOUT_MIN = 2.5


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


def _about(line_id: str, start: str, end: str, minutes: float, confidence: str, source: str) -> Run:
    return Run(line_id, start, end, minutes - ABOUT_MIN, minutes + ABOUT_MIN, confidence, source, fits=True)


RUNS = (
    Run("airport-express", "hong-kong", "airport", 24, 24, "B", "operator's 24 min, as encyclopaedia and travel press print it; F03", fits=True),
    Run("tung-chung", "hong-kong", "tung-chung", 29, 29, "B", "C14: 27 to 31 min, the middle", fits=True),
    Run("tuen-ma", "nam-cheong", "tuen-mun", 30, 30, "B", "operator's journey time of West Rail, LegCo CB(1)1237/02-03(02), 2003", fits=True),
    _about("east-rail", "admiralty", "lo-wu", 45, "B", "Transport Department, about 45 min"),
    _about("east-rail", "admiralty", "lok-ma-chau", 50, "B", "Transport Department and C11, about 50 min"),
    Run("airport-express", "hong-kong", "asiaworld-expo", 28, 28, "C", "encyclopaedia, whole line"),
    Run("airport-express", "kowloon", "airport", 20, 21, "C", "travel press 2016"),
    Run("tuen-ma", "hung-hom", "tuen-mun", 37, 37, "B", "C14; encyclopaedia, West Rail"),
    Run("tuen-ma", "wu-kai-sha", "tuen-mun", 72.5, 77.5, "M", "C14, memory, about 75 min"),
    Run("disneyland-resort", "sunny-bay", "disneyland-resort", 3.5, 3.5, "B", "encyclopaedia"),
    Run("east-rail", "kowloon-tong", "tai-wai", 2.3, 4.3, "C", "last trains of a travel guide, before 2022: 4 min in whole minutes, less 40 s of dwell"),
    Run("east-rail", "university", "tai-po-market", 4.3, 6.3, "C", "last trains of a travel guide, before 2022: 6 min in whole minutes, less 40 s of dwell"),
)  # fmt: skip
"""Runs that hold a link of 4 km and more, and the Disneyland line."""
