"""Raster layers: population on the cells of a study, classes on its grid."""
