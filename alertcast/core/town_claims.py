"""What a text claims of signals, claim by claim, in its order: the tokens of a sentence, read."""

from dataclasses import replace

from alertcast.core.claim import Claim, Draft, Listed, Scope
from alertcast.core.folding import Folded
from alertcast.core.sentence_places import SentencePlaces
from alertcast.core.token_row import PLACES
from alertcast.core.town_tokens import Lexer, Token
from alertcast.core.town_words import Kind


def claims_of(folded: Folded, lexer: Lexer) -> list[Claim]:
    """Return everything that a text claims of signals, each with the hazards it is about."""
    found: list[Claim] = []
    about: frozenset[str] = frozenset()
    listed = Listed()
    for start, end in folded.sentences():
        tokens = lexer.tokens(folded.text, start, end)
        reader = _Sentence(tokens, listed, found[-1] if found else None)
        said = reader.claims()
        here: frozenset[str] = frozenset()
        for claim in said:
            here |= claim.hazards
            hazards = claim.hazards or here or about
            found.append(replace(claim, hazards=hazards, sentence=folded.quote(start, end)))
        about = here or about
    return found


_MAY_MOVE = (Kind.CHANGE, Kind.EXTEND, Kind.LIFT)


class _Sentence(SentencePlaces):
    """Reads the tokens of one sentence: what is said of its places."""

    def claims(self) -> list[Claim]:
        for token in self._row:
            if token.kind in PLACES:
                self._place(token)
            else:
                _READ.get(token.kind, _Sentence._nothing)(self, token)
        self._flush()
        return self._claims

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
        draft = self._draft
        if draft.is_void and draft.levels:
            self._draft = Draft()
        elif draft.is_lift and draft.is_said and not self._row.is_joined():
            self._flush()
        self._draft.is_issued = True

    def _extend(self, token: Token) -> None:
        self._draft.takes_list = True

    def _stop(self, token: Token) -> None:
        """停止 and 取消 lift a signal; 停止户外活动 and 取消红色区域内的活动 lift nothing."""
        row = self._row
        is_of_signal = row.meets(Kind.LEVEL, Kind.SIGNAL) or row.follows(Kind.SIGNAL)
        if is_of_signal and not row.meets(Kind.OTHER):
            self._lift(token)
        else:
            self._other(token)

    def _lift(self, token: Token) -> None:
        """解除 stands before what it lifts, or after it; 解除冷坑镇交通管制 lifts nothing."""
        draft = self._draft
        if self._row.meets(*PLACES, Kind.HAZARD, Kind.LEVEL, Kind.SIGNAL):
            is_signal = self._row.meets(Kind.HAZARD, Kind.LEVEL, Kind.SIGNAL)
            if not is_signal and self._row.meets(Kind.OTHER):
                self._other(token)
                return
            if draft.is_said or draft.hazards:
                self._flush()
            elif not draft.scope.named:
                draft.scope = Scope()
            self._draft.is_lift = self._draft.lifts_on = True
        elif not self._draft.is_change and not self._draft.is_kept:
            draft.is_lift = draft.is_about_something

    def _maybe(self, token: Token) -> None:
        if self._draft.is_said:
            self._flush()
        self._draft.is_void = True

    def _response(self, token: Token) -> None:
        self._maybe(token)
        self._draft.is_response = True

    def _may(self, token: Token) -> None:
        """可能将冷坑镇升级为红色 may come; 可能出现的冰雹 is no word of a signal."""
        is_when = token.text.startswith("视")  # 视雨情，将全县升级为红色
        comes = _MAY_MOVE if token.text.startswith("预计") else (*_MAY_MOVE, Kind.ISSUE)
        if self._row.runs_into(*comes, over_comma=is_when):
            self._maybe(token)
        else:
            self._other(token)

    def _maybe_after(self, token: Token) -> None:
        """升级为红色的可能: what was said up to here may come."""
        draft = self._draft
        if draft.is_void or not (draft.is_kept or draft.is_issued):
            self._draft = Draft()
        else:  # "橙色预警信号继续生效并有升级为红色的可能": what holds was said first
            draft.levels, draft.is_change, draft.is_rising = draft.levels[:1], False, False

    def _while(self, token: Token) -> None:
        """暴雨红色预警信号生效期间，全县停课: guidance for whenever that level holds."""
        draft = self._draft
        if not (draft.scope.is_said or draft.is_change or draft.is_lift or draft.is_issued):
            self._draft = Draft()

    def _if(self, token: Token) -> None:
        """收到暴雨红色预警信号时: a level that is not said to hold."""
        draft = self._draft
        if draft.is_said or not draft.scope.is_said:
            self._maybe(token)

    def _issuer(self, token: Token) -> None:
        """Whoever issues it stands before what is issued, not among its places."""
        if self._draft.is_said:
            self._flush()
        self._draft = Draft()


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
    Kind.STOP: _Sentence._stop,
    Kind.MAYBE: _Sentence._maybe,
    Kind.MAY: _Sentence._may,
    Kind.WHILE: _Sentence._while,
    Kind.IF: _Sentence._if,
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
