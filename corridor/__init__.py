"""Compare corridor scenarios: access, nature and the decision between them.

from corridor import Study, compare

study = Study.bundled()
comparison = compare(study, ["committed-2030", "western-2035"])
print(comparison.headline)
"""

__version__ = "0.1.0"
__all__ = ["Comparison", "CorridorError", "Result", "Scenario", "Study", "compare", "run", "write_comparison"]

TYPE_CHECKING = (
    False  # nothing is imported here: the program first looks to where modules come from (__main__.py)
)
if TYPE_CHECKING:
    from corridor.comparison import Comparison, compare
    from corridor.errors import CorridorError
    from corridor.result import Result, run
    from corridor.schema.scenario import Scenario
    from corridor.study import Study
    from corridor.write import write_comparison

_HOME = {
    "Comparison": "comparison", "CorridorError": "errors", "Result": "result", "Scenario": "schema.scenario", "Study": "study",
    "compare": "comparison", "run": "result", "write_comparison": "write",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """Import the public names when they are first used, so that the command line starts at once."""
    if name not in _HOME:
        raise AttributeError(f"module 'corridor' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"corridor.{_HOME[name]}"), name)
