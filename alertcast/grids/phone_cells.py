"""The numbers in the cells of a table: read, and what was added to one told."""

from collections.abc import Iterable
from dataclasses import dataclass

from alertcast.core.alert import ReasonKind
from alertcast.grids.phones import PhoneError, area_code_among, masked, read_phone
from alertcast.grids.problem import Problem
from alertcast.grids.table import Row


@dataclass(frozen=True, slots=True)
class PhoneCells:
    """How the numbers of one table are read."""

    area_code: str  # "0758", for fixed lines without their own; "": those are mistakes
    whence: str  # where it is from, in words

    @classmethod
    def of(cls, rows: Iterable[Row], fields: tuple[str, ...], area_code: str) -> "PhoneCells":
        """Return how to read them: with `area_code`, else with the one that all others have."""
        if area_code:
            return cls(area_code, "of the configuration")
        numbers = (row.get(field) for row in rows for field in fields)
        return cls(area_code_among(numbers), "that all other fixed lines have")

    def read(self, row: Row, field: str) -> tuple[str | None, list[Problem]]:
        """Return the number of a cell as E.164, None if it is bad, and what is to be said of it."""
        text = row.get(field)
        try:
            phone = read_phone(text, area_code=self.area_code)
        except PhoneError as error:
            what = f"other {error}" if field == "other_phone" else str(error)
            return None, [row.problem(error.rule, what, field)]
        if not phone.added:
            return phone.number, []
        is_zero = phone.added == "0"
        rule = "zero_added" if is_zero else "area_code_added"
        what = "0 was" if is_zero else f"area code {phone.added} {self.whence} was"
        message = f"phone {masked(text)!r}: the {what} put before it"
        return phone.number, [row.problem(rule, message, field, ReasonKind.NOTE)]
