"""Warnings in: one file knows one publisher."""
