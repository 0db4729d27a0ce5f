"""Whether a CAP 1.2 message is valid by the schema of its standard (`oasis/CAP-v1.2.xsd`).

Reading is lenient, see `cap`; what we hand on is not.
"""

from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

from xmlschema import XMLSchema10, XMLSchemaException

from alertcast.sources.cap_xml import read_xml
from alertcast.sources.parsed import Unreadable

SCHEMA = Path(__file__).parent / "oasis" / "CAP-v1.2.xsd"


def invalid(data: bytes) -> str | None:
    """Return why a document is not a valid CAP 1.2 message, None if it is; nothing is fetched."""
    try:
        return _fault(read_xml(data))
    except Unreadable as error:
        return str(error)
    except (XMLSchemaException, RecursionError) as error:
        return f"it can not be checked: {type(error).__name__}"


def _fault(root: Element) -> str | None:
    faults = _schema().iter_errors(root, use_location_hints=False)
    fault = next(faults, None)
    return None if fault is None else f"{fault.path}: {fault.reason}"


@cache
def _schema() -> XMLSchema10:
    return XMLSchema10(SCHEMA, allow="local")
