"""What a fuzzer looks for holds of every input it begins with; no fuzzer is needed for that."""

import pytest

from tests.fuzz.targets import TARGETS, seeds


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_found_in_what_a_fuzzer_begins_with(target: str) -> None:
    tried = 0
    for seed in seeds(target):
        TARGETS[target](seed)
        tried += 1
    assert tried


def test_an_answer_that_does_not_hold_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.targets.parse_bytes", lambda data, hazards: [])
    with pytest.raises(AssertionError, match="nothing was said"):
        TARGETS["documents"](b"<alert/>")
