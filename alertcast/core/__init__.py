"""Decides and touches nothing: standard library, numpy and shapely only; `now` is an argument."""
