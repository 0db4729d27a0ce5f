"""The offline call list on paper: A4, a box to tick, the watermark across every page."""

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from alertcast.core.call_list import HEADERS, CallList, lines
from alertcast.dispatch.paper import font_named, wrapped

WIDTH, HEIGHT = landscape(A4)
MARGIN = 30.0  # points, as all lengths here
COLUMNS = (30.0, 34.0, 190.0, 120.0, 70.0, 105.0, 30.0, 45.0, 157.9)
SIZE, LEADING = 9.0, 11.0
MOST_LINES = 4
"""Lines of one cell; whoever stands for more grids than fit is counted, not cut off in silence."""


def as_pdf(found: CallList, fetched_by: str, at: datetime, font: Path | None = None) -> bytes:
    """Return the list as PDF with the watermark of whoever fetches it.

    `font`: a TrueType file to embed. Raises FontError if it can not be.
    """
    name = font_named(font)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), pageCompression=1)
    mark = found.watermark(fetched_by, at)
    canvas.setTitle(mark)
    canvas.setAuthor(found.office)
    pages = list(_pages(found, name))
    for number, (top, rows) in enumerate(pages, 1):
        _watermark(canvas, name, mark)
        _head(canvas, name, found)
        _table(canvas, name, top, rows)
        canvas.setFont(name, 8)
        canvas.drawString(MARGIN, 16, mark)
        canvas.drawRightString(WIDTH - MARGIN, 16, f"{number} / {len(pages)}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


Row = tuple[list[list[str]], float]
"""The lines of each cell, and the height of the row."""


def _pages(found: CallList, font: str) -> Iterator[tuple[float, list[Row]]]:
    """Yield for each page where its table begins, and its rows."""
    top = HEIGHT - MARGIN - 48 - LEADING * len(_words(found, font))
    left = top
    rows: list[Row] = []
    for cells in (HEADERS, *lines(found)):
        wrapped = [_wrapped(c, w - 6, font) for c, w in zip(cells, COLUMNS, strict=True)]
        height = LEADING * max(len(cell) for cell in wrapped) + 8
        if left - height < MARGIN + 10 and rows:
            yield top, rows
            rows, left = [_header(font)], top - LEADING - 8
        rows.append((wrapped, height))
        left -= height
    yield top, rows


def _header(font: str) -> Row:
    cells = zip(HEADERS, COLUMNS, strict=True)
    return [_wrapped(cell, width - 6, font) for cell, width in cells], LEADING + 8


def _wrapped(text: str, width: float, font: str) -> list[str]:
    """Return `text` in lines no wider than `width`; what is beyond the last one is counted."""
    found = wrapped(text, width, font, SIZE)
    if len(found) <= MOST_LINES:
        return found
    rest = "".join(found[MOST_LINES:]).count("、") + 1
    return [*found[: MOST_LINES - 1], f"{found[MOST_LINES - 1][:-5]}…余{rest}处"]


def _words(found: CallList, font: str) -> list[str]:
    width = WIDTH - 2 * MARGIN
    return [line for word in found.words for line in _wrapped(word, width, font)][:8]


def _head(canvas: Canvas, font: str, found: CallList) -> None:
    drill = "演练　" if found.mode == "drill" else ""
    canvas.setFillGray(0)
    canvas.setFont(font, 14)
    canvas.drawString(MARGIN, HEIGHT - MARGIN - 10, f"{drill}离线叫应名单　{found.county}")
    canvas.setFont(font, SIZE)
    made = found.local(found.made_at)
    count = f"共 {len(found.callees)} 个号码"
    head = "　".join((found.office, f"核实电话 {found.check_number}", f"制于 {made}", count))
    canvas.drawString(MARGIN, HEIGHT - MARGIN - 26, head)
    for number, line in enumerate(_words(found, font)):
        canvas.drawString(MARGIN, HEIGHT - MARGIN - 40 - LEADING * number, line)


def _table(canvas: Canvas, font: str, top: float, rows: list[Row]) -> None:
    canvas.setFont(font, SIZE)
    canvas.setStrokeGray(0.6)
    canvas.line(MARGIN, top, WIDTH - MARGIN, top)
    for cells, height in rows:
        left = MARGIN
        for cell, width in zip(cells, COLUMNS, strict=True):
            for number, line in enumerate(cell):
                canvas.drawString(left + 3, top - LEADING * (number + 1), line)
            left += width
        top -= height
        canvas.line(MARGIN, top, WIDTH - MARGIN, top)


def _watermark(canvas: Canvas, font: str, mark: str) -> None:
    canvas.saveState()
    canvas.setFillGray(0.88)
    canvas.setFont(font, 16)
    canvas.rotate(20)
    for row in range(-2, 7):
        canvas.drawString(60 + (row % 2) * 90, row * 95, f"{mark}　{mark}")
    canvas.restoreState()
