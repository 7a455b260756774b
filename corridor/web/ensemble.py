"""ensemble.html: how sure a comparison is, and what that depends on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
from markupsafe import Markup

from corridor.drawing import draws
from corridor.drawing.charts import LEAST_SPAN
from corridor.drawing.compared import Criterion
from corridor.drawing.figures import FanRow, fan_figure
from corridor.drawing.ground import ground
from corridor.drawing.i18n import fill, listed, t, term
from corridor.drawing.numbers import points, signed
from corridor.drawing.shares import compact, surest
from corridor.drawing.write import Figure, Wanted, write_figure
from corridor.schema.assumptions import Assumption
from corridor.schema.catalog import Catalog
from corridor.schema.text import LANGS, Text
from corridor.study.ensemble import sentences as said
from corridor.study.ensemble.ensemble import MATTER, Ensemble
from corridor.study.ensemble.findings import QUANTILES, quantile_name, standard_error
from corridor.study.ensemble.score import COST
from corridor.web.compared import label
from corridor.web.layers import PageLayers
from corridor.web.printed import write_printed
from corridor.web.site import ENSEMBLE
from corridor.web.tables import Cell
from corridor.web.templates import drawn

MOST_PAIRS = 9
"""Pairs whose differences the page shows; differences.csv has all."""
SURE, LIKELY = 0.95, 0.8
"""Probabilities from which a cell is dark or light; from one less them it is so for the other scenario."""
QUANTILE_NAMES = [quantile_name(q) for q in QUANTILES]

Pair = tuple[str, str]
CriterionCells = tuple[Criterion, list[Cell]]
"""A criterion with a cell for each pair."""


def write_ensemble_page(
    found: Ensemble, layers: PageLayers, path: Path, pages: Sequence[tuple[str, Text]] = ()
) -> None:
    """Write ensemble.html: the answer with its probabilities, each difference, what it depends on, the assumptions.

    Parameters
    ----------
    found
        What draws say.
    layers
        What the figures rest on, for their holders.
    path
        The file. An earlier one stays where this one cannot be written.
    pages
        The pages of the comparison that it is one of, with their names; none where it is alone.

    Raises
    ------
    AssetError
        Where the page would be over 2.5 MB.
    """
    known, ids = found.compared, list(found.scenario_ids)
    profiles, pairs = list(found.findings.scores), pairs_shown(found)
    count, differences = len(found.inputs), list(fans(found, pairs))
    write_printed(
        "ensemble.html.j2",
        path,
        t("ensemble_title"),
        ("page.css", "index.css", "site.css", "ensemble.css"),
        here=ENSEMBLE,
        pages=pages,
        layers=layers,
        draws=f"{count:,}",
        varied=len(found.assumptions) - len(found.not_yet),
        reference=known.named(found.reference_id),
        answer=said.answer(found),
        panels=[(term("profile", p), said.of_panel(found, p)) for p in profiles],
        travellers=list(said.of_travellers(found)),
        left_out=list(said.left_out(found)),
        label=partial(label, known, short=True),
        ids=ids,
        names=[known.named(i) for i in ids],
        scores=score_matrices(found),
        matrices=list(matrices(found)),
        rankings=[(term("profile", p), ranking(found, p)) for p in profiles if len(ids) > 1],
        pairs=[_pair(found, pair) for pair in pairs],
        fans=[of for of in differences if in_front(of[0])],
        more_fans=[of for of in differences if not in_front(of[0])],
        more_pairs=len(ids) * (len(ids) - 1) // 2 - len(pairs),
        tornados=[
            (term("profile", p), list(tornados(found, p, pairs)), list(shares(found, p, pairs)))
            for p in profiles
        ],
        flips=[(term("profile", p), of) for p in profiles if (of := flips(found, p))],
        regret_heads=[fill("ensemble_regret_head", profile=term("profile", p)) for p in profiles],
        regrets=list(regrets(found, profiles)),
        assumptions=[assumption_row(found, a) for a in found.assumptions],
        error=f"{100 * standard_error(0.5, count):.0f}",
        too_close=list(too_close(found)),
    )


def _pair(found: Ensemble, pair: Pair) -> Text:
    a, b = (found.compared.named(i) for i in pair)
    return fill("ensemble_pair", a=a, b=b)


def pairs_shown(found: Ensemble) -> list[Pair]:
    """Pairs whose differences are drawn: who ranks first against all others, then each against the reference."""
    ids, reference = found.scenario_ids, found.reference_id
    leaders = dict.fromkeys(
        str(said.firsts(found, p).index[0]) for p in found.findings.scores if len(ids) > 1
    )
    wanted = [(a, b) for a in leaders for b in ids if a != b] + [
        (a, reference) for a in ids if a != reference
    ]
    shown: dict[frozenset[str], Pair] = {}
    for pair in wanted:
        shown.setdefault(frozenset(pair), pair)
    return list(shown.values())[:MOST_PAIRS]


# --- probabilities -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Odds:
    """A probability as a cell: what it prints, and the class of its colour."""

    words: str
    kind: str = ""


Matrix = tuple[Text, list[list[Odds]]]
"""A criterion or a panel's score, with a row for each scenario, a cell for each that it is set against."""


def score_matrices(found: Ensemble) -> list[Matrix]:
    """For each panel, how likely each scenario scores above each other one."""
    rows = found.findings.ahead.groupby("profile", sort=False)
    near = {
        p: {(a, b) for a, b in permutations(found.scenario_ids, 2) if found.near(str(p), a, b)}
        for p, _ in rows
    }
    return [(term("profile", p), _matrix(of, found.scenario_ids, near[p])) for p, of in rows]


def matrices(found: Ensemble) -> Iterator[tuple[Text, list[Matrix], list[Matrix]]]:
    """By group, how likely each scenario is better than each other one: criteria that scores count, then the others."""
    by_criterion = dict(iter(found.findings.better.groupby("criterion", sort=False)))
    groups: dict[str, tuple[list[Matrix], list[Matrix]]] = {}
    for criterion in found.compared.criteria:
        of = by_criterion.get(criterion.criterion_id)
        if of is not None and (of["same"] < 1).any():
            some = groups.setdefault(criterion.group, ([], []))[0 if in_front(criterion) else 1]
            near = [p for pair in near_pairs(found, criterion) for p in (pair, pair[::-1])]
            some.append((criterion.title, _matrix(of, found.scenario_ids, near)))
    yield from ((term("group", group), *some) for group, some in groups.items())


def in_front(criterion: Criterion) -> bool:
    """Whether a criterion is shown at once; others are folded away."""
    return criterion.scored or criterion.criterion_id == COST


def _matrix(rows: pd.DataFrame, ids: Sequence[str], near: Collection[Pair]) -> list[list[Odds]]:
    """A cell for each pair; those of `near` have no colour, as thinned cells may account for their difference."""
    columns = ["scenario_id", "against", "probability", "same", "draws"]
    found = {
        (a, b): odds(probability, same, count, (a, b) in near)
        for a, b, probability, same, count in rows[columns].itertuples(index=False)
    }
    return [[found.get((a, b), Odds("")) for b in ids] for a in ids]


def odds(probability: float, same: float, count: int, near: bool = False) -> Odds:
    """A probability of `count` draws in percent (:func:`corridor.drawing.shares.compact`); "=" where all are the same, "≈"
    before it where thinned cells may account for the difference."""
    if np.isnan(probability):
        return Odds("–")
    if same == 1:
        return Odds("=")
    words = compact(probability, count)
    if near:
        return Odds(f"≈ {words}")
    likely = min(max(probability, 1 - probability), surest(count))
    size = "sure" if likely >= SURE else "likely" if likely >= LIKELY else ""
    side = "ahead" if probability >= 0.5 else "behind"
    return Odds(words, f"{side}-{size}" if size else "")


def ranking(found: Ensemble, profile: str) -> Markup:
    """Shares of ranks of a panel as stacked bars, the most likely first on top."""
    rows = found.findings.acceptability
    rows = rows[rows["profile"] == profile]
    shares = rows.pivot_table(index="scenario_id", columns="rank", values="share")
    order = [str(i) for i in said.firsts(found, profile).index]
    names = [found.compared.named(i) for i in order]
    title = fill("dot_between", a=t("ensemble_ranking"), b=term("profile", profile))
    count = len(found.inputs)
    return drawn(
        draws.ranks(names, shares.loc[order].to_numpy().tolist(), count, title, t("ensemble_ranking_note"))
    )


# --- differences -------------------------------------------------------------------------------------


def fans(found: Ensemble, pairs: Sequence[Pair]) -> Iterator[CriterionCells]:
    """By criterion, the difference of each pair with its quantiles; criteria without any difference are left out."""
    for criterion, quantiles, extent in _spreads(found, pairs):
        yield criterion, [_fan(criterion, q, extent, found, p) for p, q in zip(pairs, quantiles, strict=True)]


def _spreads(found: Ensemble, pairs: Sequence[Pair]) -> Iterator[tuple[Criterion, list[list[float]], float]]:
    """By criterion with any difference, the quantiles of each pair, and the end of the scale that they share."""
    table = found.findings.differences.set_index(["criterion", "scenario_id", "against"])[QUANTILE_NAMES]
    for criterion in found.compared.criteria:
        if criterion.criterion_id in table.index.get_level_values(0):
            of = table.loc[criterion.criterion_id]
            quantiles = [_quantiles(of, a, b) for a, b in pairs]
            extent = float(np.nanmax(np.abs(quantiles))) if np.isfinite(quantiles).any() else 0.0
            if extent > 0:
                yield criterion, quantiles, max(extent, LEAST_SPAN.get(criterion.unit, 0.0))


def first_two(found: Ensemble) -> Pair | None:
    """Who ranks first and second under the first panel, else the first two scenarios; None for one alone."""
    profile = next(iter(found.findings.scores), None)
    ids = found.scenario_ids if profile is None else [str(i) for i in said.firsts(found, profile).index]
    return (ids[0], ids[1]) if len(ids) > 1 else None


def draw_fan(found: Ensemble, catalog: Catalog, folder: Path) -> None:
    """Write the difference between the two scenarios that rank first as ``fan.LANGUAGE.png``, ``.svg`` and ``.txt``.

    Parameters
    ----------
    found
        What draws say; nothing is written where it has one scenario, or no difference.
    catalog
        For holders of data and its date.
    folder
        Where the files go.
    """
    pair = first_two(found)
    spreads = _spreads(found, [pair]) if pair else ()
    rows = [FanRow(criterion, of, extent) for criterion, (of,), extent in spreads if in_front(criterion)]
    if not pair or not rows:
        return
    a, b = (found.compared.named(i) for i in pair)
    on, count = ground(catalog), len(found.inputs)
    figure = Figure("fan", t("ensemble_fan"), lambda sheet: fan_figure(rows, a, b, count, sheet, on))
    for lang in LANGS:
        list(write_figure(figure, lang, Wanted(formats=("png", "svg")), folder))


def _quantiles(table: pd.DataFrame, a: str, b: str) -> list[float]:
    """Those of the first scenario less the second, whichever way round the table has them."""
    if (a, b) in table.index:
        return [float(v) for v in table.loc[(a, b)]]
    return [-float(v) for v in table.loc[(b, a)]][::-1]


def _fan(criterion: Criterion, quantiles: list[float], extent: float, found: Ensemble, pair: Pair) -> Cell:
    if not np.isfinite(quantiles).all():
        return Cell("–")
    low, _, middle, _, high = (signed(q, criterion.unit) for q in quantiles)
    if low == high == "0":
        return Cell("=")
    span = Text(en=f"{middle} ({low} … {high})")
    title = fill("dot_between", a=_pair(found, pair), b=criterion.title)
    drawing = drawn(draws.fan(quantiles, extent, criterion.higher_is_better, title, span), "fan")
    return Cell(drawing, (("change", middle), ("range", f"({low} … {high})")))


def tornados(found: Ensemble, profile: str, pairs: Sequence[Pair]) -> Iterator[tuple[Text, Markup]]:
    """For each pair, the assumptions that its difference in score follows most; all of a panel share one scale."""
    table = found.leans_on
    of = {p: said.strong(found, profile, *p) for p in pairs} if len(table) else {}
    ends = [v for rows in of.values() for v in (*rows["low"], *rows["high"])]
    scores = found.findings.scores[profile]
    for (a, b), rows in of.items():
        if len(rows):
            first, second = said.ordered(found, profile, a, b)
            title = _pair(found, (first, second))
            columns = ["assumption_id", "correlation", "low", "high"]
            leans = [
                draws.Lean(said.correlated(found, i, r, "ensemble_short"), low, high)
                for i, r, low, high in rows[columns].itertuples(index=False)
            ]
            mean = float((scores[first] - scores[second]).mean())
            extent = min([mean, *ends]), max([mean, *ends])
            yield title, drawn(draws.tornado(leans, mean, extent, title, t("ensemble_tornado_note")))


def shares(found: Ensemble, profile: str, pairs: Sequence[Pair]) -> Iterator[Text]:
    """For each pair whose surrogate is good enough, the assumptions that explain most of the variance of its difference."""
    if not len(found.shares):
        return
    titles = {a.assumption_id: a.title for a in found.assumptions}
    table = (
        found.shares[found.shares["profile"] == profile].set_index(["scenario_id", "against"]).sort_index()
    )
    for a, b in pairs:
        pair = next((p for p in ((a, b), (b, a)) if p in table.index), None)
        if pair is None:
            continue
        rows = table.loc[[pair]].nlargest(MATTER, "total")
        named = [
            fill("ensemble_explains", assumption=titles[i], percent=_percent(total))
            for i, total in zip(rows["assumption_id"], rows["total"], strict=True)
        ]
        yield fill(
            "ensemble_share_row",
            pair=_pair(found, (a, b)),
            shares=listed(named),
            r2=_percent(rows["r2"].iloc[0]),
        )


def _percent(share: float) -> Text:
    return fill("ensemble_percent", number=f"{100 * share:.0f}")


def too_close(found: Ensemble) -> Iterator[Text]:
    """By criterion, the pairs whose median difference is below the error of thinned cells: their order is not known."""
    for criterion in found.compared.criteria:
        if pairs := [_pair(found, near) for near in near_pairs(found, criterion)]:
            yield fill("ensemble_too_close", criterion=criterion.title, pairs=listed(pairs))


def near_pairs(found: Ensemble, criterion: Criterion) -> list[Pair]:
    """Pairs whose median difference is below the error of thinned cells in a criterion."""
    name = criterion.criterion_id
    if not len(found.thinning) or name not in set(found.thinning["criterion"]):
        return []
    apart = float(found.thinning.set_index("criterion").loc[name, "apart"])
    of = found.findings.differences
    middle = of["q50"].abs()
    near = of[(of["criterion"] == name) & (middle > 0) & (middle < apart)]
    return list(zip(near["scenario_id"], near["against"], strict=True))


def flips(found: Ensemble, profile: str) -> list[Text]:
    """Where the order of each pair turns round under a panel's weights."""
    return [s for p, a, b in found.flips if p == profile for s in said.flip(found, p, a, b)]


def regrets(found: Ensemble, profiles: Sequence[str]) -> Iterator[tuple[str, list[Cell]]]:
    """By scenario, how far each panel's score is below the best of a draw; the least mean of a panel is marked."""
    if not profiles:
        return
    table = found.findings.regret.set_index(["profile", "scenario_id"])
    for scenario_id in found.scenario_ids:
        cells = []
        for profile in profiles:
            row = table.loc[(profile, scenario_id)]
            best = bool(row["mean"] == table.loc[profile]["mean"].min())
            small = (
                ("range", fill("ensemble_q95", number=f"{row['q95']:.2f}")),
                ("range", fill("ensemble_most", number=f"{row['most']:.2f}")),
            )
            cells.append(Cell("● " * best + points(row["mean"]).lstrip("+"), small, best))
        yield scenario_id, cells


# --- assumptions -------------------------------------------------------------------------------------

AssumptionRow = tuple[Assumption, Text, Text | None, Text]
"""An assumption, its distribution in words, why it is not varied yet, and its source."""


def assumption_row(found: Ensemble, one: Assumption) -> AssumptionRow:
    """An assumption as a row of the table."""
    low, mode, high = (f"{v:g}".replace("-", "−") for v in (one.low, one.mode, one.high))
    key = f"distribution_{one.distribution}"
    words = [fill(key, low=low, mode=mode, high=high, unit=term("unit", one.unit) if one.unit else "")]
    if one.own_share:
        words.append(fill("ensemble_own", percent=_percent(one.own_share)))
    reason = said.not_yet(found.assumptions, one.assumption_id) if one.not_yet else None
    parts = [t("assumption") if s == said.BY_ASSUMPTION else Text(en=s) for s in one.source.split("; ")]
    return one, listed(words), reason, listed(parts)
