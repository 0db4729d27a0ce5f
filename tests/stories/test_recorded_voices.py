"""A call in Cantonese: what was recorded is played, and what nobody could record is spoken."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alertcast.core.roster import Person, Post
from tests.databases import KINDS, database
from tests.stories.http_town import HttpTown
from tests.stories.seen import EAST
from tests.stories.town import EAST_LEADER, IN_EAST

RECORDED = ("warning.voice.1", "voice.menu", "voice.thanks")


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HttpTown]:
    folder = tmp_path / "voices"
    folder.mkdir()
    for name in RECORDED:
        folder.joinpath(f"{name}.yue.mp3").write_bytes(f"ID3 {name}".encode())
    with database(request.param, tmp_path) as db:
        town = HttpTown(db, tmp_path)
        town.recordings = folder
        with town:
            yield town


def test_recorded_and_spoken_by_turns_and_the_key_answers(town: HttpTown) -> None:
    town.enrol([Person("a", "某甲", EAST_LEADER, "yue-HK")], [Post("a", "branch_leader", EAST)])
    town.warn(IN_EAST, "orange")
    town.tick(minutes=12)
    assert town.states() == {"东村": "answered"}
    (heard,) = town.carrier.ledger.calls()
    assert heard.notes == ()
    warning = heard.spoken[0].splitlines()
    played = f"[http://127.0.0.1:{town.port}/callbacks/voice/recordings/"
    assert warning[0].startswith(played)
    assert warning[1].startswith("怀集县三防指挥部办公室。")
    assert warning[1].endswith("呢个电话唔会问您攞钱同验证码。")
    assert warning[2].startswith(played)
    assert heard.spoken[1].startswith(played)


def test_who_speaks_mandarin_hears_no_cantonese(town: HttpTown) -> None:
    town.enrol([Person("a", "某甲", EAST_LEADER, "zh-CN")], [Post("a", "branch_leader", EAST)])
    town.warn(IN_EAST, "orange")
    town.tick(minutes=12)
    (heard,) = town.carrier.ledger.calls()
    assert heard.spoken[0].startswith("这里是怀集县三防指挥部办公室。")
    assert "/recordings/" not in "".join(heard.spoken)
