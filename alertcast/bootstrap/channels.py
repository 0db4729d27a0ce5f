"""Every kind of channel, and the channels that a configuration names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from alertcast.channels.base import Channel, ChannelError
from alertcast.channels.gateway import Gateway
from alertcast.channels.gateway_ask import AskableGateway
from alertcast.channels.manual import ManualChannel
from alertcast.channels.twilio_sms import TwilioSms
from alertcast.channels.twilio_voice import TwilioVoice
from alertcast.config import LONGEST_BASE, Config, explained
from alertcast.core.wording import TextError, Texts
from alertcast.scheduler import Clock


@dataclass(frozen=True, slots=True)
class Tools:
    """What a channel may need besides its own section."""

    env: Mapping[str, str]
    public_base_url: str
    clock: Clock
    texts: Texts
    digest: Callable[[str], str]  # of a phone, keyed
    is_demo: bool
    folder: Path

    def of_provider(self) -> dict[str, Any]:
        """Return what every channel with a provider behind it is made with."""
        return {
            "env": self.env,
            "public_base_url": self.public_base_url,
            "clock": self.clock,
            "demo": self.is_demo,
        }


def _twilio_sms(name: str, settings: Any, tools: Tools) -> Channel:
    return TwilioSms(name, settings, **tools.of_provider())


def _twilio_voice(name: str, settings: Any, tools: Tools) -> Channel:
    more: dict[str, Any] = {"texts": tools.texts, "folder": tools.folder}
    return TwilioVoice(name, settings, **tools.of_provider(), **more)


def _gateway(name: str, settings: Any, tools: Tools) -> Channel:
    kind = Gateway if settings.look_up is None else AskableGateway
    return kind(name, settings, **tools.of_provider(), digest=tools.digest)


def _manual(name: str, settings: Any, _tools: Tools) -> Channel:
    return ManualChannel(name, settings)


CHANNELS: dict[str, tuple[type[Any], Callable[[str, Any, Tools], Channel]]] = {
    "twilio_sms": (TwilioSms, _twilio_sms),
    "twilio_voice": (TwilioVoice, _twilio_voice),
    "gateway": (Gateway, _gateway),
    "manual": (ManualChannel, _manual),
}
"""Every kind of channel by the `type` of its section: its class, and how one is made."""


def channels_of(config: Config, tools: Tools, mistakes: list[str]) -> list[Channel]:
    """Return the channels that can be made; why the others can not is added to `mistakes`."""
    found: list[Channel] = []
    for name, section in config.main.channels.items():
        where = f"channels.{name}"
        kind = CHANNELS.get(str(section.get("type")))
        if kind is None:
            mistakes.append(
                f"{where}.type: {section.get('type')!r} is not one of {', '.join(sorted(CHANNELS))}"
            )
            continue
        try:
            settings = kind[0].Settings.model_validate(section)
            found.append(kind[1](name, settings, tools))
            if settings.links:
                mistakes += [f"{where}.links: {why}" for why in _no_links(config, found[-1])]
        except ValidationError as error:
            mistakes += explained(where, error)
        except (ChannelError, TextError) as error:
            mistakes.append(f"{where}: {error}")
    return found


def _no_links(config: Config, channel: Channel) -> list[str]:
    """Return why a channel's texts can not carry links."""
    base = config.main.links.base_url or config.main.web.public_base_url
    found = [] if channel.kind == "sms" else ["only text messages carry links"]
    is_here = urlsplit(base).hostname in ("127.0.0.1", "localhost", "::1")
    if not (base.startswith("https://") or is_here):
        found.append(f"{base!r} does not begin with https://: anybody on the way could answer")
    if len(base) > LONGEST_BASE:
        found.append(f"{base!r} is longer than {LONGEST_BASE} characters: set links.base_url")
    return found
