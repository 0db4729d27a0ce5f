"""Where one word for a place says that a claim holds, beside its neighbours."""

from collections.abc import Callable

from alertcast.core.claim import Listed, Scope
from alertcast.core.token_row import Row
from alertcast.core.town_tokens import Token
from alertcast.core.town_words import Kind

_NARROWS = frozenset({Kind.TOWN, Kind.REST, Kind.PART, Kind.UNKNOWN, Kind.WHOLE, Kind.BY_TOWN})
"""What a county's name stands before to say where it lies."""

_PLAIN: dict[Kind, Callable[[Token], Scope]] = {
    Kind.COUNTY: lambda token: Scope(named=token.codes),
    Kind.WHOLE: lambda token: Scope(is_whole=True),
    Kind.REST: lambda token: Scope(is_rest=True),
    Kind.FOREIGN: lambda token: Scope(is_elsewhere=True),
    Kind.BY_TOWN: lambda token: Scope(),
}


def scope_of(token: Token, row: Row, listed: Listed, *, is_aside: bool, is_lift: bool) -> Scope:
    """Return what the word at which `row` stands means.

    `listed` are the towns named so far (上述乡镇). `is_aside`: it stands in brackets after names.
    `is_lift`: what is said of it ends a signal.
    """
    before, after = row.kind_before, row.kind_after
    if token.kind is Kind.TOWN:
        county = row.before if before is Kind.COUNTY else None
        inside = token.codes & county.codes if county else token.codes
        return Scope(named=inside or token.codes)
    if token.kind in (Kind.COUNTY, Kind.WHOLE) and after in _NARROWS:
        return Scope()
    if token.kind is Kind.THESE:
        return _these(token, listed, is_lift=is_lift)
    if token.kind in _PLAIN:
        return _PLAIN[token.kind](token)
    is_named = is_aside or before in (Kind.TOWN, Kind.REST) or after is Kind.TOWN
    if token.kind is Kind.PART and (is_named or row.listed_in_brackets()):
        return Scope()  # 北部的冷坑镇, 冷坑镇(山区), 城区(城中、东城): told as those towns
    return Scope(unread=(token.text,))


def _these(token: Token, listed: Listed, *, is_lift: bool) -> Scope:
    """上述3镇: the last three that were named; 上述乡镇: all, but nothing is lifted by a guess."""
    is_clear = not is_lift or len(set(listed.lists)) == 1
    found = listed.last(token.number) if token.number else listed.all if is_clear else None
    return Scope(named=found) if found else Scope(unread=(token.text,))
