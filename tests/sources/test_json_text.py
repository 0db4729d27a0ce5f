import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertcast.sources.json_text import items_at, read_json
from alertcast.sources.parsed import Unreadable

BAD = [b"", b"[", b"{}", b'{"data": {}}', b'{"data": null}', b"[]", b"\xff", b"[" * 100_000]


@pytest.mark.parametrize("data", BAD)
def test_what_is_no_list_is_refused(data):
    with pytest.raises(Unreadable):
        items_at(data, "data")


def test_items_come_as_they_arrived():
    data = '\ufeff{ "a" : [0], "data" : { "list":[ {"x" : 1.50 ,"y":"寒冷"} ,[ ],7 , null]} }'
    assert items_at(data.encode(), "data", "list") == [
        '{"x" : 1.50 ,"y":"寒冷"}'.encode(),
        b"[ ]",
        b"7",
        b"null",
    ]
    assert items_at(b'{"data":[]}', "data") == []


def test_of_equal_names_the_last_counts_as_everywhere_else():
    data = b'{"data": [1], "data": [2]}'
    assert read_json(data)["data"] == [2]
    assert items_at(data, "data") == [b"2"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.lists(VALUES), st.integers(0, 3), st.dictionaries(st.text(), VALUES))
def test_every_item_is_found(items, indent, beside):
    data = json.dumps({**beside, "data": {**beside, "list": items}}, indent=indent).encode()
    assert [json.loads(raw) for raw in items_at(data, "data", "list")] == items
