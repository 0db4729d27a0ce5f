"""The OpenAPI 3.1 document: made of the operations, and of nothing else."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from alertcast.web.v1 import once
from alertcast.web.v1.operation import PREFIX, Operation
from alertcast.web.v1.problems import CONTENT_TYPE, MEANINGS, TITLES, Problem

_REF = "#/components/schemas/{model}"

LARGEST_NUMBER = 10**18 - 1
"""Of an id in a path; see web.Number."""

ABOUT = """\
What is in force, who was told and who answered; starting an internal notice or a drill, and
stopping it.

Every request shows a token (`Authorization: Bearer alertcast_...`) with a role and an area: what
lies outside is neither shown nor touched. Names and phones are always masked. Times are ISO 8601
with offset.

What can not be done is answered with problem details (RFC 9457, `application/problem+json`); `type`
is `about:blank` or `urn:alertcast:problem:WORD`:

"""


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the document; two calls give the same."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    models += [(one.answer, "serialization") for one in operations]
    models += [(one.body, "validation") for one in operations if one.body]
    models += [(one.query, "validation") for one in operations if one.query]
    schemas, shared = models_json_schema(models, ref_template=_REF)
    known: dict[str, Any] = shared["$defs"]
    asked = {_name(schemas[one.query, "validation"]) for one in operations if one.query}
    paths: dict[str, Any] = {}
    for one in operations:
        parameters = [*_of_path(one), *_of_query(one, schemas, known), *_of_header(one)]
        found = {**_operation(one, schemas), "parameters": parameters}
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = found
    words = "\n".join(f"- `{word}`: {meaning}" for word, meaning in MEANINGS.items())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "alertcast",
            "version": version("alertcast"),
            "description": ABOUT + words,
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in known.items() if name not in asked},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Operation, schemas: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"{one.description}\n\nNeeds the right to `{one.action}`.".strip(),
        "responses": {
            str(one.status): {
                "description": "What was asked" if one.method == "GET" else "It is done",
                "content": _json(schemas[(one.answer, "serialization")]),
            },
            **({"304": {"description": "Unchanged since the ETag"}} if one.method == "GET" else {}),
            **{str(status): _problem(status, schemas) for status in sorted(one.refusals)},
        },
    }
    if one.body:
        content = _json(schemas[(one.body, "validation")])
        found["requestBody"] = {"required": True, "content": content}
    return found


def _of_path(one: Operation) -> Iterable[dict[str, Any]]:
    for part in one.route.split("/"):
        if part.startswith("<int:"):
            name = part.removeprefix("<int:").removesuffix(">")
            kind = {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER}
            yield {"name": name, "in": "path", "required": True, "schema": kind}


def _of_query(one: Operation, schemas: Any, known: Any) -> Iterable[dict[str, Any]]:
    """Yield the fields of the model as parameters; one that is left out is null there."""
    if one.query is None:
        return
    for name, said in known[_name(schemas[one.query, "validation"])]["properties"].items():
        kinds = [kind for kind in said.get("anyOf", [said]) if kind != {"type": "null"}]
        kind = {key: kinds[0][key] for key in kinds[0] if key not in ("title", "description")}
        meaning = said.get("description", "")
        yield {"name": name, "in": "query", "description": meaning, "schema": kind}


def _name(reference: dict[str, str]) -> str:
    return reference["$ref"].rpartition("/")[2]


def _of_header(one: Operation) -> Iterable[dict[str, Any]]:
    if one.is_once:
        kind = {"type": "string", "pattern": f"^{once.KEY.pattern}$"}
        said = "The same key again is the same request: it is done once, and answered alike"
        yield {
            "name": once.HEADER,
            "in": "header",
            "required": True,
            "description": said,
            "schema": kind,
        }


def _problem(status: int, schemas: Any) -> dict[str, Any]:
    content = {CONTENT_TYPE: {"schema": schemas[(Problem, "serialization")]}}
    return {"description": TITLES[status], "content": content}


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
