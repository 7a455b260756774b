"""Compare corridor scenarios: access, nature and the decision between them.

>>> from corridor import Study, compare
>>> study = Study.bundled()
>>> comparison = compare(study, ["committed-2030", "western-2035"])  # doctest: +SKIP
>>> comparison.headline.T  # doctest: +SKIP
"""

__version__ = "0.1.0"
__all__ = [
    "Comparison", "CorridorError", "Journey", "Result", "Scenario", "Study", "compare", "measures", "review", "run",
    "write_comparison",
]  # fmt: skip

TYPE_CHECKING = (
    False  # nothing is imported here: the program first looks to where modules come from (__main__.py)
)
if TYPE_CHECKING:
    from corridor.access import measures
    from corridor.access.search.journey import Journey
    from corridor.core.errors import CorridorError
    from corridor.schema.scenario import Scenario
    from corridor.study.compare import compare
    from corridor.study.comparison import Comparison
    from corridor.study.review import review
    from corridor.study.run import Result, run
    from corridor.study.study import Study
    from corridor.web.write import write_comparison

_HOME = {
    "Comparison": "study.comparison", "CorridorError": "core.errors", "Journey": "access.search.journey",
    "Result": "study.run", "Scenario": "schema.scenario", "Study": "study.study", "compare": "study.compare",
    "measures": "access.measures", "review": "study.review", "run": "study.run", "write_comparison": "web.write",
}  # fmt: skip
"""The module, below this one, in which each public name is defined."""


def __getattr__(name: str) -> object:
    """Import the public names when they are first used, so that the command line starts at once."""
    if name not in _HOME:
        raise AttributeError(f"module 'corridor' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(f"corridor.{_HOME[name]}")
    return module if name == "measures" else getattr(module, name)
