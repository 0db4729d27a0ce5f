"""Tasks and attempts against a small model: whatever happens, in whatever order, twice or late.

The model knows only what the provider knows (which requests it took, what became of them) and what
people did; the product must never contradict it.
"""

import shutil
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alertcast.channels.base import Outcome, Request, Sent
from alertcast.core.task import ATTEMPT_RANK, FINAL_TASKS, TASK_MOVES, AttemptState, TaskState
from alertcast.dispatch import claim, receive, reconcile, send
from alertcast.dispatch.settle import NO_RECEIPT
from alertcast.store import attempts, receipts, tasks
from tests.databases import MovableDatabase, database
from tests.stories.seen import EAST
from tests.stories.town import EAST_LEADER, IN_EAST, Town

WORDS = ("sent", "connected", "completed", "busy", "no_answer", "machine", "failed", "nonsense")
DEATHS = ["", "", "", "before", "after"]
"""When the sender is killed: rarely, before its request or after it."""

OUTCOMES = st.sampled_from([Outcome.ACCEPTED] * len(Outcome) + list(Outcome))
"""Half of the requests are simply accepted, so that there is something to report about."""

LAST = max(ATTEMPT_RANK.values())


ENDS = frozenset(state for state, rank in ATTEMPT_RANK.items() if rank == LAST)
"""Of two last words the first one stays."""


class Machine(RuleBasedStateMachine):
    """One person, one warning, calls that end in every way, or of which no end is told."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(mkdtemp())
        self.opened = database("sqlite", self.folder)
        self.db: MovableDatabase = self.opened.__enter__()
        self.town = Town(self.db, self.folder)
        self.town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
        self.town.change_rung("orange", 0, kinds=("voice",), calls=3)
        self.town.climb_first(IN_EAST)
        self.world = self.town.world
        self.was: dict[int, TaskState] = {}
        self.ranks: dict[int, int] = {}
        self.ends: dict[int, AttemptState] = {}
        self.given_up: set[int] = set()
        self.reported = 0
        self.pressed = False
        self.stopped = False

    def teardown(self) -> None:
        self.opened.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    # what the sender does -------------------------------------------------------------------------

    @rule(outcome=OUTCOMES, taken=st.booleans(), dies=st.sampled_from(DEATHS))
    def send(self, outcome: Outcome, taken: bool, dies: str) -> None:
        """The provider answers anything; an answer that was lost may have been taken or not."""
        self.pass_time()
        claimed = claim.claim(self.world, "voice", "live", self.town.now)
        if not claimed:
            return
        if dies != "before":

            def answer(request: Request) -> Sent:
                if outcome is Outcome.ACCEPTED or (outcome is Outcome.UNKNOWN and taken):
                    accepted = self.town.voice.accept(request)
                    if outcome is Outcome.ACCEPTED:
                        return accepted
                return Sent(request.token, outcome, reason="throttled", retry_after=1)

            self.town.voice.answers.append(answer)
            if dies == "after":
                self.town.voice.send([one.request for one in claimed])
            else:
                send.hand_over(self.world, claimed, self.town.now)
        if dies:
            self.pass_time()
            send.reap(self.world)

    # what comes back ------------------------------------------------------------------------------

    @precondition(lambda self: self.town.voice.outbox)
    @rule(
        which=st.integers(0, 9),
        words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
        at_once=st.booleans(),
    )
    def report(self, which: int, words: list[str], at_once: bool) -> None:
        """Receipts of one call come in any order, and are applied together or one by one."""
        outbox = self.town.voice.outbox
        token = outbox[which % len(outbox)].token
        for word in words:
            callback = self.town.voice.callback("status", token, word=word)
            assert receive.receive(self.world, callback, self.town.now).status == 204
            self.reported += 1
            if at_once:
                self.apply()

    @rule()
    def apply(self) -> None:
        receive.apply_kept(self.world, self.town.now)
        with self.db.read() as tx:
            assert not receipts.is_any_waiting(tx)

    @precondition(lambda self: self.town.voice.outbox)
    @rule(which=st.integers(0, 9))
    def press(self, which: int) -> None:
        outbox = self.town.voice.outbox
        key = self.town.voice.callback("keys", outbox[which % len(outbox)].token, key="1")
        receive.receive(self.world, key, self.town.now)
        self.pressed = True

    # what time does -------------------------------------------------------------------------------

    def pass_time(self) -> None:
        """Leases, pauses and graces are over; what is due again, is due."""
        self.db.ahead += self.world.config.main.dispatch.lease * 20
        self.town.now += self.world.config.main.dispatch.lease * 5

    @rule()
    def settle_unknown(self) -> None:
        reconcile.settle_unknown(self.world, self.town.now)

    @rule()
    def give_up(self) -> None:
        """Calls of which no end is told for long are given up, and made again."""
        self.town.now += self.world.config.main.dispatch.no_receipt
        self.pass_time()
        reconcile.poll_silent(self.world, self.town.now)
        with self.db.read() as tx:
            made = [one for n in range(1, 9) for one in attempts.of_task(tx, n)]
        self.given_up |= {one.id for one in made if one.reason == NO_RECEIPT}

    @precondition(lambda self: len(self.town.voice.outbox) > 2 and not self.pressed)
    @rule()
    def stop(self) -> None:
        """An officer stops the calling; receipts of what has left still come."""
        self.town.stop(1)
        self.stopped = True

    # what must hold -------------------------------------------------------------------------------

    @invariant()
    def nothing_moves_back(self) -> None:
        with self.db.read() as tx:
            for task_id in range(1, 9):
                task = tasks.get(tx, task_id)
                if task is None:
                    continue
                before = self.was.get(task_id, task.state)
                assert task.state is before or _can_come(before, task.state)
                assert 0 <= task.tries <= task.calls
                self.was[task_id] = task.state
                for attempt in attempts.of_task(tx, task_id):
                    assert attempt.rank >= self.ranks.get(attempt.id, 0)
                    assert attempt.rank == ATTEMPT_RANK[attempt.state]
                    assert (attempt.settled_at is not None) == (attempt.rank == LAST)
                    self.ranks[attempt.id] = attempt.rank
                    ended = self.ends.setdefault(attempt.id, attempt.state)
                    assert attempt.rank < LAST or attempt.state is ended or ended not in ENDS
                    self.ends[attempt.id] = attempt.state

    @invariant()
    def every_receipt_is_kept(self) -> None:
        with self.db.read() as tx:
            made = [one.id for n in range(1, 9) for one in attempts.of_task(tx, n)]
            kept = [row for row in receipts.of_attempts(tx, made) if row["what"] == "status"]
            assert len(kept) + receipts.how_many_wait(tx) == self.reported

    @invariant()
    def an_answer_is_never_lost(self) -> None:
        """An answer after the calling was stopped is kept too, but opens nothing again."""
        if self.pressed:
            assert self.town.states() == {"东村": "cancelled" if self.stopped else "answered"}

    @invariant()
    def one_call_at_a_time(self) -> None:
        """While one request may be at the provider, no second one is made.

        A call that was given up must have ended long ago, whatever its row says.
        """
        with self.db.read() as tx:
            for task_id in range(1, 9):
                open_ones = [
                    one
                    for one in attempts.of_task(tx, task_id)
                    if one.id not in self.given_up
                    and one.state
                    in (
                        AttemptState.LEAVING,
                        AttemptState.UNKNOWN,
                        AttemptState.ACCEPTED,
                        AttemptState.SENT,
                        AttemptState.CONNECTED,
                    )
                ]
                assert len(open_ones) <= 1


def _can_come(before: TaskState, after: TaskState) -> bool:
    """Say whether `after` can follow `before` within a few moves (one rule may make several)."""
    reached, edge = {before}, {before}
    while edge:
        edge = {to for one in edge for to in TASK_MOVES[one]} - reached
        reached |= edge
    return after in reached and not (before in FINAL_TASKS and after is not TaskState.ANSWERED)


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
