"""alertcast tells the people who answer for a neighbourhood about an official weather warning.

How one warning travels through the package:

1. `sources` fetch what an authority published; `dispatch.ingest` keeps it as it came.
2. `dispatch.fanout` asks `core.grid` which grids it touches and `core.episode` who is to be told
   again, and writes one broadcast with its callouts and respondents in one transaction.
3. `dispatch.escalate` starts the rungs of each callout's ladder (`core.callout`): the first one at
   once, the next when nobody has answered in time. `dispatch.tell` writes the tasks.
4. `dispatch.send` claims tasks under a lease, writes the attempt, and asks one of `channels`.
5. `dispatch.receive` takes receipts and pressed keys (`dispatch.answers`); `dispatch.reconcile`
   settles what is uncertain.
6. `web` and `cli` show it, start it and stop it; `store.reports` says who was told, who answered.

`bootstrap` is the only module that knows every concrete class.
"""
