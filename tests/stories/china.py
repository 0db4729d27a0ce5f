"""China's free feeds as a town follows them, over HTTP: the publishers are the simulator's."""

from datetime import timedelta
from pathlib import Path

from alertcast.core.watch import Finding
from alertcast.dispatch import ingest, watch
from alertcast.simulator.faults import Fault
from alertcast.simulator.feeds.formats import FORMATS
from alertcast.simulator.server import Simulator
from alertcast.sources.base import Source
from alertcast.sources.cma_map import CmaMap
from alertcast.sources.nmc import Nmc
from alertcast.sources.qweather import QWeather
from alertcast.sources.swic import Swic
from alertcast.store import alerts
from tests.sources.lists import HUAIJI
from tests.stories.town import Town

CAP = (Path(__file__).parents[1] / "fixtures/china/swic_cn_cap_update.xml").read_text("utf-8")
EARLIER = "44122441600000_20261226103012"  # what the CAP message says that it replaces
LIFT = "44122441600000_20261227080000"


class Publishers:
    """The town's four sources, and the publishers behind them."""

    def __init__(self, town: Town, simulator: Simulator) -> None:
        self.town, self.simulator, self.lists = town, simulator, simulator.publisher
        base, region = simulator.base_url, ("4412",)
        swic = Swic.Settings(url=f"{base}{FORMATS['swic'].rule}", region=region)
        cma = CmaMap.Settings(url=f"{base}{FORMATS['cma'].rule}", region=region)
        nmc = Nmc.Settings(url=f"{base}{FORMATS['nmc'].rule}", region=region)
        points = {"441224": (23.91, 112.18), "441284": (23.33, 112.73)}
        qweather = QWeather.Settings(api_host=base, points=points, key_env="KEY")
        self.sources: dict[str, Source] = {
            "swic": Swic("swic", swic),
            "cma": CmaMap("cma", cma),
            "nmc": Nmc("nmc", nmc),
            "qweather": QWeather("qweather", qweather, {"KEY": "any"}),
            "impatient cma": CmaMap("cma", cma.model_copy(update={"read_seconds": 0.05})),
            "impatient nmc": Nmc("nmc", nmc.model_copy(update={"read_seconds": 0.05})),
        }

    def poll(self, *names: str) -> list[ingest.Taken]:
        """Poll these sources, a minute after the last time, and decide on what they brought."""
        self.town.now += timedelta(minutes=1)
        taken = [ingest.poll(self.town.world, self.sources[n], self.town.now) for n in names]
        self.town.tick()
        return taken

    def publish(
        self,
        identifier: str = HUAIJI,
        *,
        title: str = "issues cold red",
        replaces: str = EARLIER,
        **new: str,
    ) -> None:
        """Publish a CAP message at SWIC; `new` gives other texts for some of its elements."""
        text = CAP.replace(HUAIJI, identifier).replace(EARLIER, replaces)
        for old, word in new.items():
            start, end = text.index(f"<{old}>"), text.index(f"</{old}>")
            text = f"{text[:start]}<{old}>{word}{text[end:]}"
        self.lists.publish_document(text.encode(), title, self.town.now, identifier)

    def fail(self, name: str, fault: str, seconds: float = 0) -> None:
        """From now on the answers of one publisher have this fault."""
        self.simulator.faults.set(Fault(fault, kind=name, seconds=seconds))

    def mend(self) -> None:
        """From now on every answer is whole."""
        self.simulator.faults.clear()

    def found(self, what: str) -> list[Finding]:
        """Return what the watch finds."""
        with self.town.db.read() as tx:
            seen = watch.look(self.town.world, tx, self.town.now)
        return [one for one in seen if one.what == what]

    def alert(self, identifier: str = HUAIJI) -> int:
        """Return the id of an alert."""
        with self.town.db.read() as tx:
            (found,) = alerts.find(tx, identifier)
        return found

    def standing(self, identifier: str = HUAIJI) -> str:
        with self.town.db.read() as tx:
            return str(alerts.facts(tx, self.alert(identifier))["standing"])
