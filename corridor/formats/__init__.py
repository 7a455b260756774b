"""Formats written: GeoPackage, QGIS styles, tables, rasters, GTFS."""
