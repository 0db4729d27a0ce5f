"""Publishers on localhost: one warning, in every format that a source of ours reads.

What is published is an `Entry`; each format is one writer (`formats.FORMATS`); `publisher` serves
them all, and lets answers fail as `simulator.faults` has it.
"""
