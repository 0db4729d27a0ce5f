"""The documentation as its readers see it: files, headings, tables, code blocks."""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.joinpath("docs").rglob("*.md"), ROOT / "grids/README.md"])
_MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Block:
    """A code block, and the HTML comment directly above it."""

    language: str
    text: str
    mark: str  # "fresh", "file: myoffice/grids.geojson", or ""


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def tokens(page: Path) -> list[Token]:
    return _MARKDOWN.parse(page.read_text("utf-8"))


def blocks(page: Path) -> list[Block]:
    found, mark = [], ""
    for token in tokens(page):
        if token.type == "html_block":
            comment = re.fullmatch(r"\s*<!--\s*(.*?)\s*-->\s*", token.content, re.DOTALL)
            mark = comment[1] if comment else ""
        elif token.type == "fence":
            found.append(Block(token.info.strip(), token.content, mark))
            mark = ""
        elif token.nesting == 0 and token.type != "inline":
            mark = ""
    return found


def code_spans(page: Path) -> list[str]:
    return [
        child.content
        for token in tokens(page)
        for child in token.children or []
        if child.type == "code_inline"
    ]


def links(page: Path) -> list[str]:
    return [
        str(child.attrs.get("href") or child.attrs.get("src"))
        for token in tokens(page)
        for child in token.children or []
        if child.type in ("link_open", "image")
    ]


def headings(page: Path) -> list[str]:
    whole = tokens(page)
    return [inline.content for opened, inline in pairwise(whole) if opened.type == "heading_open"]


def tables(page: Path) -> dict[str, list[list[str]]]:
    """Return the rows of all tables below each heading, cells as they are written."""
    found: dict[str, list[list[str]]] = {}
    heading, row, in_heading = "", [], False
    for token in tokens(page):
        match token.type:
            case "heading_open":
                in_heading = True
            case "heading_close":
                in_heading = False
            case "inline" if in_heading:
                heading = token.content
            case "inline":
                row.append(token.content)
            case "tr_open":
                row = []
            case "tr_close":
                found.setdefault(heading, []).append(row)
    return found
