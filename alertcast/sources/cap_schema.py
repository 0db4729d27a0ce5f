"""Whether a CAP 1.2 message is valid by the schema of its standard (`oasis/CAP-v1.2.xsd`).

Reading is lenient, see `cap`; what we hand on is not.
"""

from pathlib import Path

from lxml import etree

from alertcast.sources.cap_xml import as_utf8, read_xml
from alertcast.sources.parsed import Unreadable

SCHEMA = Path(__file__).parent / "oasis" / "CAP-v1.2.xsd"


def invalid(data: bytes) -> str | None:
    """Return why a document is not a valid CAP 1.2 message, None if it is; nothing is fetched."""
    try:
        read_xml(data)  # which refuses what an attack needs
        schema = etree.XMLSchema(etree.parse(SCHEMA, _parser()))  # not shared: threads ask
        if schema.validate(etree.fromstring(as_utf8(data), _parser())):
            return None
    except Unreadable as error:
        return str(error)
    except etree.LxmlError as error:
        return f"it can not be checked: {str(error)[:200]}"
    return str(schema.error_log.last_error)[:300]


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
