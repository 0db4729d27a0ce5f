"""A sheet on paper: A4, each table with its headers on every page, whose copy it is at the foot.

Nothing is cut off: a row that is higher than a page goes on on the next one.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from alertcast.core.sheet import Sheet, Table
from alertcast.dispatch.paper import font_named, wrapped

WIDTH, HEIGHT = landscape(A4)  # points, as all lengths here
MARGIN = 30.0
FOOT = 26.0
SIZE, LEADING = 8.0, 10.0
PAD = 3.0
TITLE, HEADING = 14.0, 10.5
NOTHING = "（无）"


@dataclass(frozen=True, slots=True)
class _Band:
    """Something as wide as the page: lines of text in columns."""

    cells: Sequence[Sequence[str]]  # the lines of each cell
    lefts: Sequence[float]
    size: float = SIZE
    leading: float = LEADING
    is_row: bool = False  # has a line under it
    is_head: bool = False  # stands on grey
    gap: float = 0.0  # before it
    keep: float = 0.0  # what must fit below it on the same page

    @property
    def height(self) -> float:
        return self.gap + self.leading * max(len(cell) for cell in self.cells) + 2 * PAD


def as_pdf(sheet: Sheet, font: Path | None = None) -> bytes:
    """Return a sheet as PDF; `font`: a TrueType file to embed. Raises FontError."""
    name = font_named(font)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), pageCompression=1)
    canvas.setTitle(sheet.title)
    canvas.setSubject(sheet.mark)
    foot = wrapped(sheet.mark, WIDTH - 2 * MARGIN - 60, name, 7)
    pages = list(_pages(sheet, name))
    for number, bands in enumerate(pages, 1):
        _draw(canvas, name, bands)
        canvas.setFont(name, 7)
        for line, text in enumerate(foot[:2]):
            canvas.drawString(MARGIN, FOOT - 8 - 8 * line, text)
        canvas.drawRightString(WIDTH - MARGIN, FOOT - 8, f"{number} / {len(pages)}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _pages(sheet: Sheet, font: str) -> Iterator[list[_Band]]:
    """Yield the bands of each page."""
    room = HEIGHT - MARGIN - FOOT
    page: list[_Band] = []
    left = room
    for head, band in _bands(sheet, font):
        fresh = room - (0.0 if head is None else head.height)
        rest: _Band | None = band
        while rest is not None:
            fits, rest = _split(rest, left, fresh)
            if fits is not None:
                page.append(fits)
                left -= fits.height
            if rest is not None:
                yield page
                page, left = [] if head is None else [head], fresh
    yield page


def _bands(sheet: Sheet, font: str) -> Iterator[tuple[_Band | None, _Band]]:
    """Yield each band with the one that is repeated above it on a new page."""
    whole = WIDTH - 2 * MARGIN
    title = wrapped(sheet.title, whole, font, TITLE)
    yield None, _Band([title], [MARGIN], TITLE, TITLE + 4)
    for note in sheet.notes:
        yield None, _Band([wrapped(note, whole, font, SIZE)], [MARGIN])
    for table in sheet.tables:
        yield from _table(table, font)
    if sheet.signatures:
        lines = [f"{one}：____________________" for one in sheet.signatures]
        lefts = [MARGIN + number * whole / len(lines) for number in range(len(lines))]
        yield None, _Band([[line] for line in lines], lefts, HEADING, HEADING + 4, gap=24.0)


def _table(table: Table, font: str) -> Iterator[tuple[_Band | None, _Band]]:
    shares = table.widths or tuple(1.0 for _ in table.headers)
    widths = [(WIDTH - 2 * MARGIN) * share / sum(shares) for share in shares]
    lefts = [MARGIN + sum(widths[:at]) for at in range(len(widths))]

    def band(cells: Sequence[str], *, is_head: bool = False) -> _Band:
        lines = [
            wrapped(cell, width - 2 * PAD, font, SIZE)
            for cell, width in zip(cells, widths, strict=True)
        ]
        return _Band(lines, lefts, is_row=True, is_head=is_head)

    head = band(table.headers, is_head=True)
    yield (
        None,
        _Band([[f"{table.title}（{len(table.rows)}）"]], [MARGIN], HEADING, HEADING + 4, gap=6.0),
    )
    yield None, head
    for row in table.rows:
        yield head, band(row)
    if not table.rows:
        yield head, _Band([[NOTHING]], [MARGIN], is_row=True)


def _split(band: _Band, room: float, fresh: float) -> tuple[_Band | None, _Band | None]:
    """Return what of a band fits into `room`, and what is left of it.

    What fits into `fresh`, the room of a new page, is not torn.
    """
    if band.height + band.keep <= room:
        return band, None
    if band.height <= fresh or room < 4 * band.leading:
        return None, band
    lines = int((room - band.gap - 2 * PAD) / band.leading)
    first = [cell[:lines] or [""] for cell in band.cells]
    rest = [cell[lines:] or [""] for cell in band.cells]
    styles = (band.lefts, band.size, band.leading, band.is_row, band.is_head)
    return _Band(first, *styles, gap=band.gap), _Band(rest, *styles)


def _draw(canvas: Canvas, font: str, bands: Sequence[_Band]) -> None:
    top = HEIGHT - MARGIN
    canvas.setStrokeGray(0.65)
    for band in bands:
        bottom = top - band.height
        if band.is_head:
            canvas.setFillGray(0.92)
            canvas.rect(MARGIN, bottom, WIDTH - 2 * MARGIN, band.height, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.setFont(font, band.size)
        base = top - band.gap - PAD - band.size
        for left, lines in zip(band.lefts, band.cells, strict=True):
            for number, line in enumerate(lines):
                canvas.drawString(left + PAD, base - band.leading * number, line)
        if band.is_row:
            canvas.line(MARGIN, bottom, WIDTH - MARGIN, bottom)
        top = bottom
