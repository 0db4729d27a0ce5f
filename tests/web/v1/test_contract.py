"""What is asked of the API in every way, right and wrong, is answered as its document says.

Schemathesis makes the requests of the document; the same ones at every run.
"""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from alertcast.web.v1 import bearer
from alertcast.web.v1.api import api, whole
from alertcast.web.v1.operation import Operation
from alertcast.web.window import Window
from tests.databases import KINDS, database
from tests.stories.town import TOWN, Town
from tests.web.addresses import story_of_a_night
from tests.web.site import Site
from tests.web.v1.caller import caller

EXAMPLES = 25
"""Requests of each operation in each mode."""

_keys = count(1)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@pytest.fixture(scope="module", params=KINDS)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("contract")
    with database(request.param, folder) as db:
        town = Town(db, folder)
        story_of_a_night(town)
        site = Site(town)
        many = Window(10**6, bearer.MINUTE)
        site.app.extensions["alertcast_api"] = (many, many)
        yield site


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
@pytest.mark.parametrize("one", api.listed, ids=lambda one: str(one.name))
def test_no_answer_is_undocumented(site: Site, one: Operation, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", site.app)
    operation = schema[f"/api/v1{one.path}"][one.method]
    headers = {"Authorization": f"Bearer {caller(site).secret}"}
    statuses: set[int] = set()

    @given(operation.as_strategy(generation_mode=mode))
    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Case) -> None:
        response = case.call_and_validate(headers=headers, checks=CHECKS)
        statuses.add(response.status_code)
        if mode is GenerationMode.POSITIVE:
            response = known(case).call_and_validate(headers=headers, checks=CHECKS)
            statuses.add(response.status_code)

    ask()
    if mode is GenerationMode.POSITIVE:
        assert one.status in statuses, statuses
    else:
        assert statuses & {400, 401, 404, 415, 422}, statuses


def known(case: Case) -> Case:
    """Return the same request about things that there are."""
    case.path_parameters = dict.fromkeys(case.path_parameters, 1)
    if case.method == "POST":
        case.headers["Idempotency-Key"] = f"known-{next(_keys)}"
        if isinstance(case.body, dict):
            case.body = {**case.body, "places": [TOWN]}
    return case


def test_the_document_is_right_and_all_there_is(site: Site) -> None:
    served = site.app.test_client().get("/api/v1/openapi.json")
    assert served.json == json.loads(json.dumps(whole()))
    validate(served.json)
    assert served.json["openapi"] == "3.1.0"
    routes = {
        (method, rule.rule.replace("<int:", "{").replace(">", "}"))
        for rule in site.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "v1.openapi"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {
        (method.upper(), path) for path, found in served.json["paths"].items() for method in found
    }
