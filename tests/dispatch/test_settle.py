"""Whatever is reported, in whatever order, an attempt never moves back."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertcast.core.retry import DEFAULTS
from alertcast.core.task import ATTEMPT_RANK, FINAL_TASKS, AttemptState
from alertcast.dispatch.settle import settle
from alertcast.store import attempts, tasks
from tests.databases import database
from tests.stories.town import EAST_LEADER, IN_EAST, Town

REPORTED = [state for state in AttemptState if state is not AttemptState.LEAVING]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(words=st.lists(st.sampled_from(REPORTED), min_size=1, max_size=8))
def test_a_state_never_moves_back(words: list[AttemptState], tmp_path_factory: object) -> None:
    folder: Path = tmp_path_factory.mktemp("town")  # type: ignore[attr-defined]
    with database("sqlite", folder) as db:
        town = Town(db, folder)
        town.warn(over=IN_EAST)
        token = next(one.token for one in town.sms.outbox if one.phone == EAST_LEADER)
        for word in words:
            with db.write() as tx:
                before = attempts.find(tx, token=token)
                assert before is not None
                task_before = tasks.get(tx, before.task_id)
                effect = settle(tx, DEFAULTS, before, word, town.now)
                after = attempts.find(tx, token=token)
                task_after = tasks.get(tx, before.task_id)
            assert after is not None
            assert task_before is not None
            assert task_after is not None
            assert after.rank >= before.rank
            assert (after.state is word) == (effect in ("applied", "repeated"))
            if after.state is before.state:
                assert task_after == task_before
            if task_before.state in FINAL_TASKS:
                assert task_after == task_before
            if ATTEMPT_RANK[word] <= before.rank:
                assert effect in ("repeated", "late", "contradicts")
