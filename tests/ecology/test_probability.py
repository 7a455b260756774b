"""PC, IIC, ECA and what patches and links are worth: by hand, against plain reference code, and on bad input."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import floyd_warshall

from corridor.core.errors import LayerError, MissingColumnError
from corridor.ecology.connectivity.probability import (
    decay_per_m,
    integral_index,
    link_loss,
    patch_importance,
    patch_importance_iic,
    probability_of_connectivity,
)

Graph = tuple[np.ndarray, pd.DataFrame]
SHARES = ["intra_percent", "flux_percent", "connector_percent"]


def links(*rows: tuple[int, int, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["a", "b", "distance_m"])


# Three patches in a chain: 1 -- 1000 m -- 2 -- 1000 m -- 3, no link from 1 to 3. Areas 2, 1, 2 ha, median 1000 m.
CHAIN = np.array([2.0, 1.0, 2.0]), links((1, 2, 1000), (2, 3, 1000))


def test_two_patches_by_hand() -> None:
    # p = 0.5 at the median. 3*3 + 4*4 + 2*3*4*0.5 = 37; ECA = sqrt 37; PC = 37 / 10^2 in a landscape of 10 ha.
    found = probability_of_connectivity([3, 4], links((1, 2, 500)), 500, landscape_area=10)
    assert found.numerator == pytest.approx(37)
    assert found.eca == pytest.approx(np.sqrt(37))
    assert found.index == pytest.approx(0.37)
    # Without a landscape the patches are it: 37 / 7^2.
    assert probability_of_connectivity([3, 4], links((1, 2, 500)), 500).index == pytest.approx(37 / 49)


def test_probability_may_be_stated_at_any_distance() -> None:
    # 0.05 at 3000 m: exp(-k 3000) = 0.05, so 1500 m is passed with sqrt(0.05).
    assert np.exp(-decay_per_m(3000, 0.05) * 1500) == pytest.approx(np.sqrt(0.05))
    found = probability_of_connectivity([1, 1], links((1, 2, 3000)), 3000, probability=0.05)
    assert found.numerator == pytest.approx(2.1)


def test_the_middle_of_a_chain_by_hand() -> None:
    # p12 = p23 = 1/2, p13 = 1/4 by way of 2. Numerator 4 + 1 + 4 + 2 (2/2 + 2/2 + 4/4) = 15.
    # Without 2: 4 + 4 = 8 (1 and 3 have no way). So dPC_2 = 7/15: intra 1, flux 2*1*(2+2)/2 = 4, and the
    # connector 2 * 2*2/4 = 2, which is what 1 and 3 lose between them.
    middle = patch_importance(*CHAIN, [1000]).set_index("patch").loc[2]
    assert middle["d_percent"] == pytest.approx(100 * 7 / 15)
    assert middle[SHARES].to_numpy() == pytest.approx(100 * np.array([1, 4, 2]) / 15)


def test_a_way_round_makes_the_middle_worth_less() -> None:
    # With a link 1-3 of 3000 m (p 1/8) the best way is still over 2 (1/4). Without 2 it is 1/8:
    # connector 2*4*(1/4 - 1/8) = 1 of the same 15.
    area, chain = CHAIN
    middle = patch_importance(area, pd.concat([chain, links((1, 3, 3000))]), [1000]).set_index("patch").loc[2]
    assert middle["connector_percent"] == pytest.approx(100 / 15)


def test_an_end_of_a_chain_joins_nothing() -> None:
    ends = patch_importance(*CHAIN, [1000]).set_index("patch").loc[[1, 3]]
    assert (ends["connector_percent"] == 0).all()
    assert ends["intra_percent"].to_numpy() == pytest.approx(100 * 4 / 15)


def test_integral_index_of_the_chain_by_hand() -> None:
    # nl12 = nl23 = 1, nl13 = 2: 9 + 2 (2/2 + 2/2 + 4/3) = 47/3. Without 2: 8. dIIC_2 = 23/3 of 47/3, of which
    # intra 1, flux 2*(2+2)/2 = 4, connector 8/3.
    area, chain = CHAIN
    assert integral_index(area, chain, 1000).numerator == pytest.approx(47 / 3)
    middle = patch_importance_iic(area, chain, 1000).set_index("patch").loc[2]
    assert middle[SHARES].to_numpy() == pytest.approx(100 * np.array([3, 12, 8]) / 47)
    # Links above the limit do not count at all.
    assert integral_index(area, chain, 999).numerator == pytest.approx(9)


def test_a_cut_link_by_hand() -> None:
    # Link 2-3 cut: 4 + 1 + 4 + 2*2/2 = 11 of 15. Twice as long: p23 = 1/4, p13 = 1/8, 9 + 2 (1 + 1/2 + 1/2) = 13.
    area, chain = CHAIN
    cut = link_loss(area, chain, links((3, 2, np.inf)), 1000)
    assert cut.loss_percent == pytest.approx(100 * 4 / 15)
    assert cut.eca_loss == pytest.approx(np.sqrt(15) - np.sqrt(11))
    assert link_loss(area, chain, links((2, 3, 2000)), 1000).after.numerator == pytest.approx(13)


def test_nothing_changed_is_nothing_lost() -> None:
    lost = link_loss(*CHAIN, links(), 1000)
    assert lost.loss_percent == 0 and lost.eca_loss == 0


def test_one_patch_is_worth_itself() -> None:
    found = probability_of_connectivity([7.5], links(), 1000)
    assert found.eca == 7.5 and found.index == 1
    assert patch_importance([7.5], links(), [1000])["d_percent"].tolist() == [100]


def test_patches_keep_the_numbers_of_a_series() -> None:
    area = pd.Series({40: 2.0, 7: 1.0, 9: 2.0})
    found = patch_importance(area, links((40, 7, 1000), (7, 9, 1000)), [1000]).set_index("patch")
    assert found.loc[7, "connector_percent"] == pytest.approx(200 / 15)


# ---- against plain code ----------------------------------------------------------------------------------------------


@st.composite
def graphs(draw: st.DrawFn, most: int = 40) -> Graph:
    n = draw(st.integers(1, most))
    area = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    # Few lengths make many ties, 0 among them.
    length = st.sampled_from([0.0, 100.0, 250.0, 500.0, 1000.0, 3333.3])
    ends = st.integers(1, n)
    rows = draw(st.lists(st.tuples(ends, ends, length), max_size=4 * n))
    return np.array(area, dtype=float), links(*[r for r in rows if r[0] != r[1]])


def plain_numerator(graph: Graph, weight: str, median_m: float, without: int = 0) -> float:
    """PC or IIC over all pairs with networkx, one patch left out."""
    area, table = graph
    net: nx.Graph = nx.Graph()
    net.add_nodes_from(range(1, area.size + 1))
    for a, b, d in table.itertuples(index=False):
        if not net.has_edge(a, b) or d < net[a][b]["d"]:
            net.add_edge(a, b, d=d)
    if weight == "iic":
        net.remove_edges_from([(a, b) for a, b, d in net.edges(data="d") if d > median_m])
    if without:
        net.remove_node(without)
    ways = nx.all_pairs_dijkstra_path_length(net, weight="d" if weight == "pc" else lambda *_: 1)
    total = 0.0
    for i, to in ways:
        for j, d in to.items():
            total += area[i - 1] * area[j - 1] * (0.5 ** (d / median_m) if weight == "pc" else 1 / (1 + d))
    return total


@settings(max_examples=60)
@given(graphs(), st.sampled_from(["pc", "iic"]))
def test_worth_equals_removing_each_patch(graph: Graph, index: str) -> None:
    area, table = graph
    whole = plain_numerator(graph, index, 500)
    found = (
        probability_of_connectivity(area, table, 500) if index == "pc" else integral_index(area, table, 500)
    )
    assert found.numerator == pytest.approx(whole, abs=1e-9)
    if whole == 0:
        return
    worth = patch_importance(area, table, [500]) if index == "pc" else patch_importance_iic(area, table, 500)
    for row in worth.itertuples():
        lost = 100 * (whole - plain_numerator(graph, index, 500, row.patch)) / whole
        assert row.d_percent == pytest.approx(lost, abs=1e-8)
        assert row.intra_percent == pytest.approx(100 * area[row.patch - 1] ** 2 / whole)


@settings(max_examples=60)
@given(graphs())
def test_published_relations(graph: Graph) -> None:
    area, table = graph
    if area.sum() == 0:
        return
    found = probability_of_connectivity(area, table, 1000)
    # sum a_i^2 / A^2 without any link, 1 when all is one patch; ECA is never below the largest patch.
    assert (area**2).sum() / area.sum() ** 2 * (1 - 1e-9) <= found.index <= 1 + 1e-9
    assert area.max() * (1 - 1e-9) <= found.eca <= area.sum() * (1 + 1e-9)
    worth = patch_importance(area, table, [1000])
    assert worth["d_percent"].to_numpy() == pytest.approx(worth[SHARES].sum(axis=1).to_numpy())
    assert (worth[SHARES] >= 0).all().all()
    # Who spreads further reaches no less.
    assert probability_of_connectivity(area, table, 5000).numerator >= found.numerator * (1 - 1e-12)


@settings(max_examples=25)
@given(st.integers(2, 30), st.integers(0, 1_000_000), st.sampled_from([1.0, 40.0]))
def test_a_complete_table_of_distances_is_thinned_out_and_stays_exact(
    n: int, seed: int, rounded_m: float
) -> None:
    """All pairs linked, as focal species have it: against scipy's dense table, with and without each patch."""
    rng = np.random.default_rng(seed)
    xy, radius, area = rng.random((n, 2)) * 1000, rng.random(n) * 60, rng.random(n) + 0.1
    gap = np.hypot(*(xy[:, None] - xy[None]).T) - radius[:, None] - radius[None]
    gap = np.round(np.maximum(gap, 0) / rounded_m) * rounded_m
    a, b = np.triu_indices(n, 1)
    table = pd.DataFrame({"a": a + 1, "b": b + 1, "distance_m": gap[a, b]})

    def plain(left: np.ndarray) -> float:
        way = floyd_warshall(np.maximum(gap[np.ix_(left, left)], 1e-5))
        return float(area[left] @ np.exp2(-way / 200) @ area[left])

    whole = plain(np.arange(n))
    assert probability_of_connectivity(area, table, 200).numerator == pytest.approx(whole)
    for row in patch_importance(area, table, [200]).itertuples():
        lost = 100 * (1 - plain(np.delete(np.arange(n), row.patch - 1)) / whole)
        assert row.d_percent == pytest.approx(lost, abs=1e-4)


@settings(max_examples=40)
@given(graphs(12))
def test_order_and_direction_of_links_change_nothing(graph: Graph) -> None:
    area, table = graph
    turned = table.rename(columns={"a": "b", "b": "a"}).sample(frac=1, random_state=1)
    one, two = (patch_importance(area, t, [1000, 5000]) for t in (table, turned))
    pd.testing.assert_frame_equal(one, two, rtol=1e-12, atol=1e-9)


def test_more_patches_than_one_block_of_sources() -> None:
    rng = np.random.default_rng(5)
    n = 200
    ends = rng.integers(1, n + 1, (600, 2))
    table = links(
        *[(a, b, d) for (a, b), d in zip(ends.tolist(), rng.random(600) * 900, strict=True) if a != b]
    )
    graph = rng.random(n), table
    worth = patch_importance(*graph, [500]).set_index("patch")
    whole = plain_numerator(graph, "pc", 500)
    for patch in (1, 77, 200):
        lost = 100 * (whole - plain_numerator(graph, "pc", 500, patch)) / whole
        assert worth.loc[patch, "d_percent"] == pytest.approx(lost, abs=1e-9)
    again = patch_importance(*graph, [500]).set_index("patch")
    pd.testing.assert_frame_equal(worth, again, check_exact=True)


# ---- bad input -------------------------------------------------------------------------------------------------------


def test_all_faults_are_named_at_once() -> None:
    table = links((1, 2, np.nan), (1, 9, 5), (2, 2, 1), (1, 2, -3))
    with pytest.raises(LayerError) as caught:
        probability_of_connectivity([1.0, -2.0], table, 1000)
    message = str(caught.value)
    assert "patches 2 have -2.0" in message
    assert "patches 9 have no area" in message
    assert "patches 2 linked to themselves" in message
    assert "links 1-2 (nan), 1-2 (-3.0)" in message
    assert len(caught.value.problems) == 4


def test_other_faults() -> None:
    with pytest.raises(LayerError, match="no patch"):
        probability_of_connectivity([], links(), 1000)
    with pytest.raises(LayerError, match=r"dispersal distance: nan"):
        probability_of_connectivity([1], links(), float("nan"))
    with pytest.raises(LayerError, match=r"dispersal probability: 1\.5"):
        probability_of_connectivity([1], links(), 1000, probability=1.5)
    with pytest.raises(LayerError, match="landscape_area: 2; expected the area of all patches"):
        probability_of_connectivity([3], links(), 1000, landscape_area=2)
    with pytest.raises(MissingColumnError, match="no column distance_m"):
        probability_of_connectivity([3], pd.DataFrame({"a": [], "b": []}), 1000)
    with pytest.raises(LayerError, match="patches 4 stand twice"):
        probability_of_connectivity(pd.Series([1.0, 2.0], index=[4, 4]), links(), 1000)
    with pytest.raises(LayerError, match="links 1-3 are not in links"):
        link_loss(*CHAIN, links((1, 3, 5)), 1000)
    with pytest.raises(LayerError, match="limit_m: -1"):
        integral_index([1], links(), -1)
