"""The rule of each address: what somebody must be allowed to do there, or why it is open to all.

An application with an address that has none is not made: nothing is open because it was forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask

from alertcast.core.access import ACTIONS

View = TypeVar("View", bound=Callable[..., Any])

_RULE = "alertcast_rule"


@dataclass(frozen=True, slots=True)
class Rule:
    """What somebody must be allowed to do (see core.access.ACTIONS), or why nobody must."""

    read: str = ""  # to open the address
    write: str = ""  # to send a form to it
    why_open: str = ""
    by: str = "log-in"  # who is asked: a log-in, or a token of the API

    def action(self, method: str) -> str:
        """Return the action that a request of this method is."""
        return self.read if method in ("GET", "HEAD", "OPTIONS") else self.write


def public(why: str) -> Callable[[View], View]:
    """Let everybody open a view, without a log-in; `why` is for whoever reads the code."""
    return lambda view: ruled(view, Rule(why_open=why))


def ruled(view: View, rule: Rule) -> View:
    """Return `view` with its rule; raises KeyError for an action that does not exist."""
    if not rule.why_open:
        _ = ACTIONS[rule.read], ACTIONS[rule.write]
    vars(view)[_RULE] = rule
    return view


def rules(app: Flask) -> dict[str, Rule]:
    """Return the rule of each endpoint; raises LookupError, naming those that have none."""
    found = {name: vars(view).get(_RULE) for name, view in app.view_functions.items()}
    found["static"] = Rule(why_open="style, scripts and icons are part of the program")
    without = sorted(name for name, rule in found.items() if rule is None)
    if without:
        raise LookupError(f"no rule says who may open {', '.join(without)}: use needs or public")
    return {name: rule for name, rule in found.items() if rule is not None}
