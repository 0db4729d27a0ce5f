"""alertcast tells the people who answer for a neighbourhood about an official weather warning.

How one warning travels through the package:

1. `sources` fetch what an authority published; `dispatch.ingest` keeps it as it came (`store.alerts`).
2. `dispatch.fanout` asks `core.grid` which grids it touches and `core.episode` who is to be told
   again, and writes one broadcast with its callouts, respondents and tasks in one transaction.
3. `dispatch.send` claims tasks under a lease, writes the attempt, and hands it to one of `channels`.
4. `dispatch.receive` takes receipts and pressed keys; `dispatch.reconcile` settles what is uncertain.
5. `dispatch.escalate` moves unanswered callouts up the ladder of their policy (`core.callout`).
6. `web` and `cli` show it, start it and stop it; `store.reports` says who was told and who answered.

`bootstrap` is the only module that knows every concrete class.
"""
