"""What could pay for a line: property along it, land premium, a concession, a trust; with the user's prices, or none."""

from __future__ import annotations

import numpy as np
import pandas as pd

NOTES = ("note_en", "note_zh_hant", "note_zh_hans")
COLUMNS = ("line_id", "instrument", "quantity", "unit", "price_hkd", "share_of_cost", "amount_hkd_bn", "basis", "source", "confidence", *NOTES)  # fmt: skip
PRICE, SHARE, PUBLISHED, NONE = "own_price", "own_share", "published", "none"
"""What an amount rests on: a quantity at the user's price, the user's share of the cost, a published amount, or nothing."""
BN = 1e9


def funding(table: pd.DataFrame, cost: pd.Series) -> pd.DataFrame:
    """Amounts by line and instrument; no price is invented.

    Parameters
    ----------
    table
        line_id, instrument, quantity, unit, price_hkd, share_of_cost, published_hkd_bn, source, confidence, notes in three scripts.
    cost
        Central cost with overrun by line_id, HKD bn.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`. A price goes before a share, a share before what is published; where there is none of them the amount is
        NaN and the basis ``none``.
    """
    quantity, price, part = (pd.to_numeric(table[c]) for c in ("quantity", "price_hkd", "share_of_cost"))
    own = quantity * price / BN
    share = part * table["line_id"].map(cost).astype(float)
    published = table["published_hkd_bn"] if "published_hkd_bn" in table else pd.Series(np.nan, table.index)
    amounts = {PRICE: own, SHARE: share, PUBLISHED: published}
    basis = pd.Series(NONE, table.index)
    amount = pd.Series(np.nan, table.index)
    for name, values in reversed(amounts.items()):
        basis, amount = basis.mask(values.notna(), name), amount.mask(values.notna(), values)
    whole = table.assign(amount_hkd_bn=amount, basis=basis)
    return whole.reindex(columns=list(COLUMNS))
