import requests

from alertcast.simulator.feeds.formats import FORMATS
from alertcast.simulator.server import Simulator

KEY = {"X-QW-Api-Key": "any"}
CMA, NMC, V7 = (FORMATS[name].rule for name in ("cma", "nmc", "qweather_v7"))
V1 = FORMATS["qweather"].rule.partition("/<")[0]
POINT = f"{V1}/23.91/112.18"


def get(simulator: Simulator, path: str, **headers: str) -> requests.Response:
    return requests.get(simulator.base_url + path, headers=headers, timeout=2)


def test_every_list_has_the_envelope_of_its_publisher(simulator: Simulator) -> None:
    for name in ("cma", "nmc", "qweather", "qweather_v7"):
        simulator.publisher.show(name, "1", {"id": "1"})
    assert get(simulator, CMA).json() == {"msg": "success", "code": 0, "data": [{"id": "1"}]}
    assert get(simulator, NMC).json()["data"]["page"]["list"] == [{"id": "1"}]
    assert get(simulator, POINT, **KEY).json()["alerts"] == [{"id": "1"}]
    old = get(simulator, f"{V7}?location=112.18,23.91", Authorization="Bearer x").json()
    assert (old["code"], old["warning"]) == ("200", [{"id": "1"}])
    simulator.publisher.drop("cma", "1")
    assert get(simulator, CMA).json()["data"] == []


def test_nobody_unknown_is_answered(simulator: Simulator) -> None:
    assert get(simulator, POINT).status_code == 401
    assert get(simulator, V7).status_code == 401


def test_a_warning_may_be_at_one_point_only(simulator: Simulator) -> None:
    simulator.publisher.show("qweather", "1", {"id": "1"}, point="23.91,112.18")
    assert get(simulator, POINT, **KEY).json()["metadata"]["zeroResult"] is False
    assert get(simulator, f"{V1}/23.33/112.73", **KEY).json()["alerts"] == []


def test_the_centre_s_list_comes_in_pages(simulator: Simulator) -> None:
    for number in range(5):
        simulator.publisher.show("nmc", str(number), {"alertid": str(number)})
    page = get(simulator, f"{NMC}?pageNo=2&pageSize=3").json()["data"]["page"]
    assert (page["count"], [one["alertid"] for one in page["list"]]) == (5, ["3", "4"])
