"""Whatever is done to a chain afterwards is found, at the first row that is not as it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest

from alertcast.core.chain import START, Anchor, ChainBroken, Entry, check, sealed

AT = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)
Links = list[tuple[Anchor, Entry | None]]


def entry(number: int) -> Entry:
    return Entry(number * 10, AT, "王", "stop", f"broadcast:{number}", {"gone": number, "b": "冷"})


def chain(entries: list[Entry]) -> Links:
    found: Links = []
    before = START
    for n, one in enumerate(entries, 1):
        before = sealed(before, n, one)
        found.append((Anchor(n, before), one))
    return found


@pytest.fixture
def links() -> Links:
    return chain([entry(number) for number in range(1, 6)])


def test_the_hash_is_what_the_page_says() -> None:
    said = '[1,10,"2026-12-26T09:20:00.000000Z","王","stop","broadcast:1",{"b":"冷","gone":1}]'
    assert sealed(START, 1, entry(1)) == sha256(f"{'0' * 64}\n{said}".encode()).hexdigest()


def test_the_zone_in_which_a_time_is_read_changes_nothing() -> None:
    here = replace(entry(1), at=AT.astimezone(timezone(timedelta(hours=8))))
    assert sealed(START, 1, here) == sealed(START, 1, entry(1))


def test_a_chain_that_was_left_alone_holds(links: Links) -> None:
    assert check(links) == links[-1][0]
    assert check(links, [links[2][0], links[4][0], Anchor(0, START)]) == links[-1][0]
    assert check([]) == Anchor(0, START)


@pytest.mark.parametrize(
    "change",
    [
        {"at": AT + timedelta(microseconds=1)},
        {"user": "李"},
        {"action": "start"},
        {"subject": "broadcast:4"},
        {"detail": {}},
        {"id": 31},
    ],
    ids=str,
)
def test_a_changed_row_is_named(links: Links, change: dict[str, object]) -> None:
    links[2] = (links[2][0], replace(entry(3), **change))  # type: ignore[arg-type]
    with pytest.raises(ChainBroken) as found:
        check(links)
    assert found.value.n == 3


def test_a_removed_row_is_missed(links: Links) -> None:
    links[2] = (links[2][0], None)
    with pytest.raises(ChainBroken, match="the row that n=3 seals was removed"):
        check(links)


def test_a_row_removed_with_its_link_is_missed(links: Links) -> None:
    del links[2]
    with pytest.raises(ChainBroken, match="there is no n=3"):
        check(links)


def test_a_row_slipped_in_breaks_what_follows(links: Links) -> None:
    forged = entry(9)
    links.insert(2, (Anchor(3, sealed(links[1][0].hash, 3, forged)), forged))
    with pytest.raises(ChainBroken, match="there is no n=4"):
        check(links)


def test_a_cut_off_end_is_seen_only_with_an_anchor(links: Links) -> None:
    anchor = links[4][0]
    assert check(links[:3]) == links[2][0]
    with pytest.raises(ChainBroken, match="ends at n=3; an anchor knows n=5") as found:
        check(links[:3], [anchor])
    assert found.value.n == 4


def test_a_chain_written_anew_is_seen_with_an_anchor(links: Links) -> None:
    anchor = links[2][0]
    anew = chain([entry(1), replace(entry(2), user="李"), *map(entry, (3, 4, 5))])
    assert check(anew).n == 5
    with pytest.raises(ChainBroken, match="the chain was rewritten") as found:
        check(anew, [anchor])
    assert (found.value.n, found.value.entry_id) == (3, 30)


def test_anchors_that_contradict_each_other_are_no_proof(links: Links) -> None:
    with pytest.raises(ChainBroken, match="two anchors contradict"):
        check(links, [links[2][0], Anchor(3, START)])
