"""Events by their P-VTEC strings, as messages of the NWS carry them."""

import pytest

from alertcast.core.vtec import Event, events

NEW = "/O.NEW.KSEW.FF.W.0001.251215T2000Z-251216T0500Z/"


def test_the_key_names_the_event_and_neither_action_nor_times():
    con = NEW.replace("NEW", "CON").replace("251215T2000Z", "000000T0000Z")
    (first,), (second,) = (events([("VTEC", text)]) for text in (NEW, con))
    assert first == Event("O.KSEW.FF.W.0001", "NEW")
    assert second == Event("O.KSEW.FF.W.0001", "CON")


@pytest.mark.parametrize(
    ("action", "is_over"),
    [("NEW", False), ("CON", False), ("EXT", False), ("UPG", False), ("CAN", True), ("EXP", True)],
)
def test_which_actions_end_an_event(action, is_over):
    (event,) = events([("VTEC", NEW.replace("NEW", action))])
    assert event.is_over is is_over


def test_a_message_may_be_about_several_events():
    text = f"{NEW}\n{NEW.replace('FF.W', 'FF.A').replace('NEW', 'UPG')}"
    assert [e.key for e in events([("VTEC", text), ("VTEC", NEW)])] == [
        "O.KSEW.FF.W.0001",
        "O.KSEW.FF.A.0001",
        "O.KSEW.FF.W.0001",
    ]


@pytest.mark.parametrize(
    "text",
    ["", "NEW", NEW[:-1], NEW.replace("0001", "1"), NEW.lower(), NEW.replace("O.", "Q.", 1)],
)
def test_what_is_no_vtec_names_no_event(text):
    assert events([("VTEC", text)]) == ()
    assert events([("vtec", NEW)]) == ()
