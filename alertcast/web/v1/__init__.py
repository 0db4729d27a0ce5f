"""The API for other systems, version 1: what they may ask, trigger and check, as JSON.

Each operation is declared once (`operation.py`); it is served, checked and documented from that
declaration. A token says who asks; `may` says what for, as on the pages.
"""
