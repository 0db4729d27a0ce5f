"""One CAP element as its reader wants it: children by name, text trimmed at its ends only."""

from collections.abc import Callable
from xml.etree.ElementTree import Element

from alertcast.sources.parsed import Findings

_PARTS = frozenset({"info", "area", "resource", "parameter", "geocode", "eventCode"})
"""Children that are asked for their own children, and never for their text."""


class Node:
    """A CAP element and the path that reasons about it carry; its children are looked at once."""

    __slots__ = ("_children", "element", "path", "text")

    text: Callable[[str], str | None]
    """Returns the text of the first child of a name that has one; asked fifty times an alert."""

    def __init__(self, element: Element, path: str) -> None:
        """Take an element; `path` is "" for the alert itself, else like "info[0]/area[1]"."""
        self.element, self.path = element, path
        tag = element.tag
        at = tag.rfind("}") + 1
        namespace = tag[:at]
        children: dict[str, list[Element]] = {}
        texts: dict[str, str] = {}
        for child in element:
            tag = child.tag
            if not tag.startswith(namespace):
                continue  # foreign markup
            name = tag[at:]
            if name in children:
                children[name].append(child)
            else:
                children[name] = [child]
            if name not in texts and name not in _PARTS:
                text = "".join(child.itertext()) if len(child) else child.text
                if text and (text := text.strip()):
                    texts[name] = text
        self._children = children
        self.text = texts.get

    def under(self, name: str) -> str:
        """Return the path of a child."""
        return f"{self.path}/{name}" if self.path else name

    def has(self, name: str) -> bool:
        """Say whether there is a child of that name, even an empty one."""
        return name in self._children

    def nodes(self, name: str) -> list["Node"]:
        """Return the children of that name, in the namespace of this element."""
        children = self._children.get(name)
        if children is None:
            return []
        return [Node(child, self.under(f"{name}[{n}]")) for n, child in enumerate(children)]

    def own_text(self) -> str:
        """Return all text within, trimmed at its ends."""
        return _text_of(self.element)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of the children of that name, without empty ones."""
        children = self._children.get(name)
        if children is None:
            return ()
        return tuple([text for child in children if (text := _text_of(child))])

    def pairs(self, name: str, findings: Findings) -> tuple[tuple[str, str], ...]:
        """Return valueName and value of each child; CAP 1.0 wrote them as one text "name=value"."""
        pairs = []
        for n, child in enumerate(self._children.get(name, ())):
            if (plain := self._plain_pair(child)) is not None:  # nearly always
                pairs.append(plain)
                continue
            node = Node(child, self.under(f"{name}[{n}]"))
            value_name, value = node.text("valueName"), node.text("value")
            if value_name is None and value is None:
                value_name, _, value = node.own_text().partition("=")
                value_name, value = value_name.strip(), value.strip()
            if value_name and value:
                pairs.append((value_name, value))
            elif name == "geocode":
                findings.repair("empty_geocode", node.path, "without name or value; left out")
        return tuple(pairs)

    def _plain_pair(self, element: Element) -> tuple[str, str] | None:
        """Return valueName and value where an element holds just those, else None."""
        if len(element) != 2:
            return None
        named, valued = element
        tag = self.element.tag
        namespace = tag[: tag.rfind("}") + 1]
        if named.tag != f"{namespace}valueName" or valued.tag != f"{namespace}value":
            return None
        if len(named) or len(valued):
            return None
        name, value = (named.text or "").strip(), (valued.text or "").strip()
        return (name, value) if name and value else None

    def word(self, name: str, allowed: tuple[str, ...], findings: Findings) -> str | None:
        """Return the child's text as one of CAP's own words, or None if it is absent or unknown."""
        text = self.text(name)
        if text is None or text in allowed:
            return text
        known = {word.casefold(): word for word in allowed}
        found = known.get(text.casefold())
        if found is not None:
            findings.repair("wrong_case", self.under(name), f"{text!r} read as {found!r}")
        return found


def _text_of(element: Element) -> str:
    whole = "".join(element.itertext()) if len(element) else element.text or ""
    return whole.strip()
