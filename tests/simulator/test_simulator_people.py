from collections import Counter

from alertcast.simulator.people import KINDS, Behaviour, People, Pickup, behaviour, describe

PHONES = [f"+86154{n:08}" for n in range(5000)]


def test_the_same_seed_is_the_same_night() -> None:
    assert [behaviour(7, p) for p in PHONES[:200]] == [behaviour(7, p) for p in PHONES[:200]]
    assert [behaviour(7, p) for p in PHONES[:200]] != [behaviour(8, p) for p in PHONES[:200]]


def test_every_kind_comes_about_as_often_as_it_says() -> None:
    assert sum(kind.weight for kind in KINDS) == 100
    found = Counter(behaviour(1, phone).kind for phone in PHONES)
    for kind in KINDS:
        assert abs(found[kind.name] / 50 - kind.weight) < 2, kind.name
        assert found[kind.name] > 0, kind.name


def test_delays_are_those_of_people() -> None:
    for does in (behaviour(1, phone) for phone in PHONES[:500]):
        for call in does.calls:
            is_machine = call.pickup is Pickup.VOICEMAIL
            assert (20 <= call.ring <= 25) if is_machine else (4 <= call.ring <= 20)
            assert 3 <= call.decide <= 15
            assert not (is_machine and call.keys)


def test_what_is_told_of_a_phone_wins() -> None:
    people, silent = People(seed=1), Behaviour(kind="silent", calls=())
    people.let(PHONES[0], silent)
    assert people.of(PHONES[0]) is silent
    assert people.of(PHONES[1]) == behaviour(1, PHONES[1])


def test_the_rules_can_be_printed() -> None:
    table = describe()
    assert all(kind.chinese in table and kind.english in table for kind in KINDS)
    assert len(table.splitlines()) == len(KINDS) + 2
