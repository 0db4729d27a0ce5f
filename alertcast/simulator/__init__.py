"""A carrier and a feed on localhost that speak the real protocols.

`server.Simulator` is the whole of it. Who answers and who does not: `people`. What can go wrong:
`faults`. What the carrier took, refused and heard: `ledger`.
"""
