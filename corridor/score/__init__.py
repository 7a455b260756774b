"""Values, dominance, weights and ranking: how criteria become a verdict."""

from corridor.score.dominance import dominance
from corridor.score.ranking import Verdict, verdict
from corridor.score.values import Bounds, values_of

__all__ = ["Bounds", "Verdict", "dominance", "values_of", "verdict"]
