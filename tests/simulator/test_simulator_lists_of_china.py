import pytest
import requests

from alertcast.simulator.lists import CMA, NMC, QWEATHER, QWEATHER_V7
from alertcast.simulator.server import Simulator

KEY = {"X-QW-Api-Key": "any"}
POINT = f"{QWEATHER}/23.91/112.18"


def get(simulator: Simulator, path: str, **headers: str) -> requests.Response:
    return requests.get(simulator.base_url + path, headers=headers, timeout=2)


def test_every_list_has_the_envelope_of_its_publisher(simulator: Simulator) -> None:
    for path in (CMA, NMC, QWEATHER, QWEATHER_V7):
        simulator.lists.show(path, "1", {"id": "1"})
    assert get(simulator, CMA).json() == {"msg": "success", "code": 0, "data": [{"id": "1"}]}
    assert get(simulator, NMC).json()["data"]["page"]["list"] == [{"id": "1"}]
    assert get(simulator, POINT, **KEY).json()["alerts"] == [{"id": "1"}]
    old = get(simulator, f"{QWEATHER_V7}?location=112.18,23.91", Authorization="Bearer x").json()
    assert (old["code"], old["warning"]) == ("200", [{"id": "1"}])
    simulator.lists.drop(CMA, "1")
    assert get(simulator, CMA).json()["data"] == []


def test_nobody_unknown_is_answered(simulator: Simulator) -> None:
    assert get(simulator, POINT).status_code == 401
    assert get(simulator, QWEATHER_V7).status_code == 401


def test_a_warning_may_be_at_one_point_only(simulator: Simulator) -> None:
    simulator.lists.show(QWEATHER, "1", {"id": "1"}, point="23.91,112.18")
    assert get(simulator, POINT, **KEY).json()["metadata"]["zeroResult"] is False
    assert get(simulator, f"{QWEATHER}/23.33/112.73", **KEY).json()["alerts"] == []


def test_the_centre_s_list_comes_in_pages(simulator: Simulator) -> None:
    for number in range(5):
        simulator.lists.show(NMC, str(number), {"alertid": str(number)})
    page = get(simulator, f"{NMC}?pageNo=2&pageSize=3").json()["data"]["page"]
    assert (page["count"], [one["alertid"] for one in page["list"]]) == (5, ["3", "4"])


@pytest.mark.parametrize("path", [CMA, NMC, POINT])
def test_lists_fail_as_told_and_unchanged_ones_are_not_sent_again(
    simulator: Simulator, path: str
) -> None:
    where = QWEATHER if path == POINT else path
    simulator.lists.show(where, "1", {"id": "1"})
    tag = get(simulator, path, **KEY).headers["ETag"]
    assert get(simulator, path, **KEY, **{"If-None-Match": tag}).status_code == 304
    for failure, status in (("error", 500), ("throttled", 429), ("blank", 200), ("broken", 200)):
        simulator.lists.fail(where, failure)
        assert get(simulator, path, **KEY).status_code == status
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        get(simulator, path, **KEY).json()
    simulator.lists.fail(where, "slow", seconds=30)
    with pytest.raises(requests.ReadTimeout):
        requests.get(simulator.base_url + path, headers=KEY, timeout=0.05)
    simulator.lists.fail(where, "empty")
    assert b'"1"' not in get(simulator, path, **KEY).content
    simulator.lists.mend(where)
    assert b'"1"' in get(simulator, path, **KEY).content
