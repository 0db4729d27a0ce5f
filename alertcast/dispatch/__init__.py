"""Joins core to the world: one step a file, each safe to run twice or be killed half way."""
