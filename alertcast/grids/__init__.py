"""Layers and rosters in: readers, checks and reports; geopandas lives in features.py."""
