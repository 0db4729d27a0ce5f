"""Where the claims of one sentence hold: its places, lists, exceptions and brackets, in order."""

from collections.abc import Sequence
from dataclasses import replace

from alertcast.core.claim import Claim, Draft, Listed, Scope
from alertcast.core.token_row import SAYS_WHAT, Row
from alertcast.core.town_scope import scope_of
from alertcast.core.town_tokens import Token
from alertcast.core.town_words import Kind

_EXCEPTED = frozenset({Kind.TOWN, Kind.COUNTY, Kind.THESE})
"""What names towns that 除...外 takes out."""


class SentencePlaces:
    """One sentence as far as it was read: a draft of a claim, and the places that it is about."""

    def __init__(self, tokens: Sequence[Token], listed: Listed, before: Claim | None) -> None:
        self._listed = listed  # the towns named so far, for 上述乡镇
        self._row = Row(tokens)
        self._last = before  # the claim before this sentence
        self._depth = 0
        self._draft = Draft()
        self._claims: list[Claim] = []

    def _nothing(self, token: Token) -> None:
        """Pass over a word that says nothing."""

    def _place(self, token: Token) -> None:
        draft = self._draft
        if draft.is_response:  # what it says of another ladder ends before the next place
            self._draft = draft = Draft()
        if draft.is_said and not draft.excepts:
            after = self._row.after_list()
            is_end = after not in SAYS_WHAT
            is_inside = self._row.is_inside and (is_end or after is Kind.KEEP)
            is_after = is_end if draft.takes_list else is_inside
            is_exception = after is Kind.EXCLUDED or self._row.ends_exception()
            if is_after or is_exception or self._row.kind_before is Kind.EXTEND:
                draft.has_list_after = True
            else:
                is_lifted_too = draft.lifts_on and self._row.kind_before is Kind.JOIN
                self._flush()
                draft = self._draft
                draft.is_lift = draft.lifts_on = is_lifted_too
        found = scope_of(
            token,
            self._row,
            self._listed,
            is_aside=self._depth > 0 and draft.names > 0,
            is_lift=draft.is_lift,
        )
        if draft.excepts and token.kind in _EXCEPTED:
            found = Scope(without=found.named, unread=found.unread)
        elif draft.excepts:
            draft.excepts = False
        draft.scope |= found
        draft.names += token.kind is Kind.TOWN
        draft.by_town = draft.by_town or token.kind is Kind.BY_TOWN
        if token.kind is Kind.TOWN:
            goes_on = self._row.kind_before in (Kind.JOIN, Kind.COMMA)
            self._listed.name(token.codes, goes_on=goes_on)

    def _except(self, token: Token) -> None:
        is_inner = self._row.kind_before in (Kind.OPEN, Kind.WHOLE) or token.text.startswith("不")
        if self._draft.is_said and not is_inner:
            self._flush()
        self._draft.excepts = True

    def _excluded(self, token: Token) -> None:
        scope = self._draft.scope
        self._draft.scope = replace(scope, without=scope.without | scope.named, named=frozenset())

    def _out(self, token: Token) -> None:
        """外 ends what 除 began; without it, 以外 takes out what stands before it."""
        draft = self._draft
        if not draft.excepts and not draft.is_said and token.text != "外":
            self._excluded(token)
        draft.excepts = False

    def _included(self) -> None:
        """除冷坑镇升级为红色外: a level inside the exception makes it a claim about those towns."""
        draft = self._draft
        if draft.excepts:
            scope = draft.scope
            draft.scope = replace(scope, named=scope.named | scope.without, without=frozenset())
            draft.excepts = False

    def _etc(self, token: Token) -> None:
        """等: the list names as many as it counts, or not all."""
        draft = self._draft
        is_list = self._row.kind_before in (Kind.TOWN, Kind.UNKNOWN, Kind.COUNTY)
        named = max(draft.names, self._row.listed_in_brackets())
        if is_list and (not token.number or token.number > named):
            draft.scope |= Scope(unread=(token.text,))

    def _count(self, token: Token) -> None:
        if self._row.kind_before is Kind.TOWN and token.number > self._draft.names:
            self._draft.scope |= Scope(unread=(token.text,))

    def _mark(self, token: Token) -> None:
        draft = self._draft
        draft.takes_list = True
        is_new = not draft.is_said and not draft.scope.is_said and not draft.hazards
        draft.is_list = is_new and token.text.startswith(("预警", "生效", "发布", "升级", "实施"))

    def _also(self, token: Token) -> None:
        if self._claims and not self._draft.is_said:
            self._draft.scope |= self._claims[-1].scope

    def _comma(self, token: Token) -> None:
        is_in_list = self._row.kind_before is Kind.TOWN and self._row.kind_after in (
            Kind.TOWN,
            Kind.UNKNOWN,
        )
        if is_in_list:
            return
        draft = self._draft
        if draft.is_void or (draft.is_forecast and not draft.is_said):
            self._draft = Draft()
        self._draft.takes_list = self._draft.excepts = False

    def _open(self, token: Token) -> None:
        if not self._row.is_paired:
            self._comma(token)
            return
        self._depth += 1
        self._draft.takes_list = self._draft.is_said and not self._draft.scope.named

    def _close(self, token: Token) -> None:
        if self._row.is_paired:
            self._depth -= 1
            self._draft.takes_list = self._draft.excepts = False

    def _colon(self, token: Token) -> None:
        self._draft.takes_list = self._draft.is_said

    def _other(self, token: Token) -> None:
        draft = self._draft
        draft.takes_list = False
        if self._depth:
            return
        if not draft.is_said:
            draft.is_forecast = True
            draft.other = draft.other or draft.scope.is_said

    def _flush(self) -> None:
        draft, self._draft = self._draft, Draft()
        claim = draft.claim(self._last)
        if claim is None:
            return
        self._claims.append(claim)
        if draft.is_joined and draft.has_list_after:
            self._list_joined(claim.scope)

    def _list_joined(self, scope: Scope) -> None:
        """冰雹橙色、暴雨黄色预警信号，影响区域：北市镇: the list is that of both hazards."""
        for number in range(len(self._claims) - 2, -1, -1):
            if self._claims[number].scope.is_said:
                return
            self._claims[number] = replace(self._claims[number], scope=scope)
