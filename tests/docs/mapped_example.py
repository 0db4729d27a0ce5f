"""The example of docs/mapped-source.md, as tests use it: what is shown there is what is tested."""

import json
import re
import tomllib
from typing import Any

from tests.docs.pages import ROOT

_PAGE = (ROOT / "docs/mapped-source.md").read_text("utf-8")


def _example(name: str) -> str:
    found = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```", _PAGE, re.DOTALL)
    assert found is not None, name
    return found[1]


REPLY: dict[str, Any] = json.loads(_example("reply"))
ITEM: dict[str, Any] = REPLY["result"]["rows"][0]
SECTION_TEXT = _example("section")
WHOLE: dict[str, Any] = tomllib.loads(SECTION_TEXT)["sources"]["city"]
SECTION = {key: value for key, value in WHOLE.items() if key not in ("type", "every")}
"""The section without the keys of every source."""


def reply(*items: dict[str, Any]) -> bytes:
    """Return the platform's answer with these items."""
    body = {**REPLY, "result": {"total": len(items), "rows": list(items)}}
    return json.dumps(body, ensure_ascii=False).encode()
