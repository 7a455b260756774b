"""Habitat quality (InVEST formulation) on the common grid."""
