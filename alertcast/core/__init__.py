"""Decides and touches nothing: the standard library, numpy and shapely only; `now` is an argument."""
