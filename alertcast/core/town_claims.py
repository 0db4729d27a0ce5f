"""What a text claims of signals, claim by claim, in its order: the tokens of a sentence, read."""

from collections.abc import Sequence
from dataclasses import replace

from alertcast.core.claim import Claim, Draft, Scope
from alertcast.core.folding import Folded
from alertcast.core.token_row import PLACES, SAYS_WHAT, Row
from alertcast.core.town_scope import scope_of
from alertcast.core.town_tokens import Lexer, Token
from alertcast.core.town_words import Kind


def claims_of(folded: Folded, lexer: Lexer) -> list[Claim]:
    """Return everything that a text claims of signals, each with the hazards it is about."""
    found: list[Claim] = []
    about: frozenset[str] = frozenset()
    listed = Scope()
    for start, end in folded.sentences():
        tokens = lexer.tokens(folded.text, start, end)
        reader = _Sentence(tokens, listed, found[-1] if found else None)
        said = reader.claims()
        listed = reader.listed
        here: frozenset[str] = frozenset()
        for claim in said:
            here |= claim.hazards
            hazards = claim.hazards or here or about
            found.append(replace(claim, hazards=hazards, sentence=folded.quote(start, end)))
        about = here or about
    return found


class _Sentence:
    """Reads the tokens of one sentence."""

    def __init__(self, tokens: Sequence[Token], listed: Scope, before: Claim | None) -> None:
        self.listed = listed  # the towns last named, for 上述乡镇
        self._row = Row(tokens)
        self._last = before  # the claim before this sentence
        self._depth = 0
        self._draft = Draft()
        self._claims: list[Claim] = []

    def claims(self) -> list[Claim]:
        for token in self._row:
            if token.kind in PLACES:
                self._place(token)
            else:
                _READ.get(token.kind, _Sentence._nothing)(self, token)
        self._flush()
        return self._claims

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
            token, self._row, self.listed, is_aside=self._depth > 0 and draft.names > 0
        )
        if draft.excepts and token.kind in (Kind.TOWN, Kind.COUNTY):
            found = Scope(without=found.named)
        elif draft.excepts:
            draft.excepts = False
        draft.scope |= found
        draft.names += token.kind is Kind.TOWN
        draft.by_town = draft.by_town or token.kind is Kind.BY_TOWN
        if token.kind is Kind.TOWN:
            is_list = self._row.kind_before in (Kind.JOIN, Kind.COMMA) and self.listed.named
            self.listed = (self.listed if is_list else Scope()) | Scope(named=token.codes)

    def _level(self, token: Token) -> None:
        self._included()
        draft = self._draft
        if draft.levels and not draft.is_rising and not token.text.endswith("色"):
            return  # a grade repeats the colour: 红色[Ⅰ级/特别严重]
        is_another = bool(draft.levels) and not draft.is_rising and token.key != draft.levels[-1]
        if is_another and draft.has_list_after:
            self._flush()
            draft = self._draft
        if draft.is_joined and draft.is_rising:  # "寒冷黄色和暴雨黄色预警信号升级为橙色"
            last = self._claims[-1]
            self._claims[-1] = replace(last, levels=(*last.levels, token.key), is_change=True)
        draft.levels.append(token.key)
        draft.is_rising = False

    def _hazard(self, token: Token) -> None:
        draft = self._draft
        if draft.levels and draft.hazards and not draft.is_rising:
            is_joined = self._row.is_joined() and not draft.has_list_after
            scope, kept = draft.scope, draft.is_lift
            self._flush()
            draft = self._draft
            if is_joined and not scope.is_elsewhere:
                draft.scope, draft.is_joined = scope, bool(self._claims)
                draft.is_lift = kept and self._row.kind_before is Kind.JOIN
        draft.hazards.append(token.key)

    def _signal(self, token: Token) -> None:
        self._draft.has_signal = True

    def _change(self, token: Token) -> None:
        draft = self._draft
        if not draft.is_said and self._claims and not draft.scope.is_said and not draft.hazards:
            before = self._claims[-1]  # "发布...黄色预警信号。17时升级为橙色": of the same places
            draft.scope, draft.hazards = before.scope, sorted(before.hazards)
        self._included()
        draft.is_change = True
        draft.is_rising = "级" in token.text or self._row.meets(Kind.LEVEL)
        draft.is_lift = False

    def _keep(self, token: Token) -> None:
        self._included()
        draft = self._draft
        if draft.is_lift and draft.levels:  # "解除红色预警信号，橙色预警信号继续生效"
            draft.is_lift, draft.levels = False, draft.levels[-1:]
        draft.is_kept = True

    def _issue(self, token: Token) -> None:
        if self._draft.is_lift and self._draft.is_said and not self._row.is_joined():
            self._flush()

    def _extend(self, token: Token) -> None:
        self._draft.takes_list = True

    def _lift(self, token: Token) -> None:
        """解除 stands before what it lifts, or after it."""
        draft = self._draft
        if self._row.meets(*PLACES, Kind.HAZARD, Kind.LEVEL, Kind.SIGNAL):
            if draft.is_said or draft.hazards:
                self._flush()
            elif not draft.scope.named:
                draft.scope = Scope()
            self._draft.is_lift = self._draft.lifts_on = True
        elif not self._draft.is_change and not self._draft.is_kept:
            draft.is_lift = draft.is_about_something

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

    def _maybe(self, token: Token) -> None:
        if self._draft.is_said:
            self._flush()
        self._draft.is_void = True

    def _response(self, token: Token) -> None:
        self._maybe(token)
        self._draft.is_response = True

    def _maybe_after(self, token: Token) -> None:
        self._draft.is_void = True

    def _issuer(self, token: Token) -> None:
        """Whoever issues it stands before what is issued, not among its places."""
        if self._draft.is_said:
            self._flush()
        self._draft = Draft()

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
        if claim is not None:
            self._claims.append(claim)


_READ = {
    Kind.LEVEL: _Sentence._level,
    Kind.HAZARD: _Sentence._hazard,
    Kind.SIGNAL: _Sentence._signal,
    Kind.CHANGE: _Sentence._change,
    Kind.KEEP: _Sentence._keep,
    Kind.ISSUE: _Sentence._issue,
    Kind.EXTEND: _Sentence._extend,
    Kind.LIFT: _Sentence._lift,
    Kind.EXCEPT: _Sentence._except,
    Kind.EXCLUDED: _Sentence._excluded,
    Kind.OUT: _Sentence._out,
    Kind.ETC: _Sentence._etc,
    Kind.COUNT: _Sentence._count,
    Kind.MARK: _Sentence._mark,
    Kind.ALSO: _Sentence._also,
    Kind.MAYBE: _Sentence._maybe,
    Kind.PLEASE: _Sentence._maybe,
    Kind.MAYBE_AFTER: _Sentence._maybe_after,
    Kind.RESPONSE: _Sentence._response,
    Kind.ISSUER: _Sentence._issuer,
    Kind.COMMA: _Sentence._comma,
    Kind.OPEN: _Sentence._open,
    Kind.CLOSE: _Sentence._close,
    Kind.COLON: _Sentence._colon,
    Kind.OTHER: _Sentence._other,
}
