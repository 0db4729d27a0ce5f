"""The token of a link as people type it, and as telephones cut it out of a text."""

import pytest

from alertcast.core.link import ALPHABET, LENGTH, readable

TOKEN = "7k3m9p0qr2tv"


@pytest.mark.parametrize(
    "typed", ["", "7k3m9p0qr2t", "7k3m9p0qr2tvw", "7k3m9p0qr2t!", "7k3m9p0qr2tu", "收到" * 40]
)
def test_what_is_no_token(typed: str) -> None:
    assert readable(typed) is None


@pytest.mark.parametrize(
    "typed",
    [TOKEN, TOKEN.upper(), "7k3m9poqr2tv", f"{TOKEN}。", f"{TOKEN}演练", f"{TOKEN}.", f"{TOKEN} x"],
)
def test_what_is_read_as_the_token(typed: str) -> None:
    assert readable(typed) == TOKEN


def test_letters_that_look_alike_are_not_both_in_the_alphabet() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("ilou") & set(ALPHABET)
    assert LENGTH * 5 == 60
