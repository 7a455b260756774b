"""Criteria, weights and ranking."""

from corridor.score.criteria import BUILDOUT, CRITERIA, Criterion
from corridor.score.ranking import PROFILES, rank

__all__ = ["BUILDOUT", "CRITERIA", "PROFILES", "Criterion", "rank"]
