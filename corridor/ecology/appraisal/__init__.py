"""Appraisal: no-net-loss ledger, mitigation hierarchy, significance, seasonal rules."""
