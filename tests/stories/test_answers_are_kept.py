"""What people said can neither be changed nor removed, whoever writes to the database."""

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from alertcast.store.schema import acknowledgement, relay
from tests.stories.seen import EAST
from tests.stories.town import EAST_LEADER, IN_EAST, Town

DEEDS = {
    "changed": update(acknowledgement).values(value="1"),
    "removed": delete(acknowledgement),
    "relay changed": update(relay).values(households_told=0),
    "relay removed": delete(relay),
}


@pytest.fixture
def answered(town: Town) -> Town:
    """A town whose leader asked for help, and told forty households."""
    town.settle_in([(EAST_LEADER, "branch_leader", EAST)])
    town.warn(over=IN_EAST, level="red")
    town.press("2", EAST_LEADER)
    with town.db.write() as tx:
        (said,) = tx.execute(select(acknowledgement)).all()
        tx.execute(
            insert(relay).values(
                broadcast_id=1,
                respondent_id=said.respondent_id,
                households_told=40,
                households_not_told=2,
                at=town.now,
                via="spoken",
                by_user="wang",
            )
        )
    return town


@pytest.mark.parametrize("deed", DEEDS)
def test_it_is_refused(answered: Town, deed: str) -> None:
    said = answered.answers()
    with pytest.raises(DBAPIError, match="is append-only"), answered.db.write() as tx:
        tx.execute(DEEDS[deed])
    assert answered.answers() == said != []
