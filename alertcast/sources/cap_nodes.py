"""One CAP element as its reader wants it: children by name, text trimmed at its ends only."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from alertcast.sources.parsed import Findings


@dataclass(frozen=True, slots=True)
class Node:
    """A CAP element and the path that reasons about it carry."""

    element: Element
    path: str  # "" for the alert itself, else like "info[0]/area[1]"

    def under(self, name: str) -> str:
        """Return the path of a child."""
        return f"{self.path}/{name}" if self.path else name

    def has(self, name: str) -> bool:
        """Say whether there is a child of that name, even an empty one."""
        return self.element.find(self._qualified(name)) is not None

    def nodes(self, name: str) -> list["Node"]:
        """Return the children of that name, in the namespace of this element."""
        children = self.element.findall(self._qualified(name))
        return [Node(child, self.under(f"{name}[{n}]")) for n, child in enumerate(children)]

    def own_text(self) -> str:
        """Return all text within, trimmed at its ends."""
        return _text_of(self.element)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of the children of that name, without empty ones."""
        children = self.element.findall(self._qualified(name))
        return tuple(text for child in children if (text := _text_of(child)))

    def text(self, name: str) -> str | None:
        """Return the text of the first child of that name that has one."""
        return next(iter(self.texts(name)), None)

    def pairs(self, name: str, findings: Findings) -> tuple[tuple[str, str], ...]:
        """Return valueName and value of each child; CAP 1.0 wrote them as one text "name=value"."""
        pairs = []
        for node in self.nodes(name):
            value_name, value = node.text("valueName"), node.text("value")
            if value_name is None and value is None:
                value_name, _, value = node.own_text().partition("=")
            if value_name and value:
                pairs.append((value_name.strip(), value.strip()))
            elif name == "geocode":
                findings.repair("empty_geocode", node.path, "without name or value; left out")
        return tuple(pairs)

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

    def _qualified(self, name: str) -> str:
        namespace = self.element.tag.rpartition("}")[0]
        return f"{namespace}}}{name}" if namespace else name


def _text_of(element: Element) -> str:
    whole = "".join(element.itertext()) if len(element) else element.text or ""
    return whole.strip()
