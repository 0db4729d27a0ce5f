import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertcast.sources.lines import as_line
from alertcast.sources.read import parse_bytes
from tests.sources.documents import atom, cap, embedded
from tests.sources.test_nws import RING, collection, feature

SEEDS = [
    cap(),
    atom(embedded(cap()), embedded(cap(status="Test"))),
    collection(feature({"type": "Polygon", "coordinates": [RING]})),
]
QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def holds(hazards, data):
    """Reading gave at least one item, each with an alert or an error, each printable."""
    items = parse_bytes(data, hazards)
    assert items
    for parsed in items:
        assert parsed.accepted != any(reason.kind == "error" for reason in parsed.reasons)
        json.dumps(as_line("f", parsed, hazards), allow_nan=False)


@QUICK
@given(data=st.binary(max_size=300))
def test_arbitrary_bytes(hazards, data):
    holds(hazards, data)


@QUICK
@given(seed=st.sampled_from(SEEDS), data=st.data())
def test_a_warning_with_pieces_cut_out_and_put_in(hazards, seed, data):
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(seed)))
        end = min(len(seed), start + data.draw(st.integers(0, 40)))
        seed = seed[:start] + data.draw(st.binary(max_size=12)) + seed[end:]
    holds(hazards, seed)


@QUICK
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
def test_any_text_in_any_element(hazards, text):
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "")
    names = ("identifier", "sender", "sent", "status", "event", "severity", "expires", "headline")
    for name in names:
        holds(hazards, cap(**{name: safe}))
    holds(hazards, cap(f"<areaDesc/><polygon>{safe}</polygon><circle>{safe}</circle>"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@QUICK
@given(name=st.sampled_from(sorted(feature()["properties"])), value=JSON, geometry=JSON)
def test_any_json_in_any_property(hazards, name, value, geometry):
    holds(hazards, collection(feature(geometry, **{name: value})))


def test_a_document_nested_very_deep(hazards):
    holds(hazards, b"<a>" * 200_000 + b"</a>" * 200_000)
    holds(hazards, b"[" * 200_000)
    deep = "<x>" * 50_000 + "</x>" * 50_000
    holds(hazards, cap(extra=deep))
