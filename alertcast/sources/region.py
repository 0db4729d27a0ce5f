"""The places whose warnings a source is asked for, by administrative code (GB/T 2260)."""

from typing import Annotated

from pydantic import AfterValidator, Field

from alertcast.core.jurisdiction import check_prefix

Region = Annotated[tuple[Annotated[str, AfterValidator(check_prefix)], ...], Field(min_length=1)]
"""At least one beginning of a code: province, city or county; its province and country are in."""
