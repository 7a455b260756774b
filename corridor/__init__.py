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
    from corridor.core.errors import CorridorError
    from corridor.schema.scenario import Scenario
    from corridor.study.compare import Comparison, compare
    from corridor.study.run import Result, run
    from corridor.study.study import Study
    from corridor.web.write import write_comparison

_HOME = {
    "Comparison": "study.compare", "CorridorError": "core.errors", "Result": "study.run", "Scenario": "schema.scenario", "Study": "study.study",
    "compare": "study.compare", "run": "study.run", "write_comparison": "web.write", "review": "study.review",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """Import the public names when they are first used, so that the command line starts at once."""
    if name not in _HOME and name != "measures":
        raise AttributeError(f"module 'corridor' has no attribute {name!r}")
    from importlib import import_module

    if name == "measures":
        return import_module("corridor.access.measures")
    return getattr(import_module(f"corridor.{_HOME[name]}"), name)
