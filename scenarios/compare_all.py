"""The shipped comparison: today, committed works, both lines alone and together, and the levers.

python -P scenarios/compare_all.py
"""

from pathlib import Path

from corridor import Study, compare, write_comparison

study = Study.bundled()
comparison = compare(study, progress=lambda step, done, total: print(f"{done + 1}/{total} {step}"))
write_comparison(study, comparison, Path("maps/comparison"))
print(comparison.ranking.to_string(index=False, float_format="%.2f"))
