"""Ensembles: every assumption drawn from its distribution, every scenario scored on each draw."""
