"""What a text says of a signal: "in these towns, for this hazard, this level holds"."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a claim holds, as far as it could be read."""

    named: frozenset[str] = frozenset()  # codes of towns
    without: frozenset[str] = frozenset()  # 除...外
    is_rest: bool = False
    is_whole: bool = False
    is_elsewhere: bool = False  # names places of other counties
    unread: tuple[str, ...] = ()  # words for places that could not be read as towns

    @property
    def is_said(self) -> bool:
        """Say whether the claim says where it holds; else its whole place is meant."""
        return bool(self.named or self.without or self.is_rest or self.is_whole or self.unread)

    def __or__(self, other: "Scope") -> "Scope":
        return Scope(
            self.named | other.named,
            self.without | other.without,
            self.is_rest or other.is_rest,
            self.is_whole or other.is_whole,
            self.is_elsewhere or other.is_elsewhere,
            self.unread + other.unread,
        )


@dataclass(slots=True)
class Listed:
    """The towns that a text has named so far, list by list."""

    lists: list[frozenset[str]] = field(default_factory=list)

    def name(self, codes: frozenset[str], *, goes_on: bool) -> None:
        """Take in a town that was named; `goes_on`: in the list of the one before it."""
        if goes_on and self.lists:
            self.lists[-1] |= codes
        else:
            self.lists.append(codes)

    def last(self, number: int) -> frozenset[str]:
        """Return the last `number` towns that were named, whole lists only; none if none fit."""
        found = frozenset[str]()
        for one in reversed(self.lists):
            found |= one
            if len(found) >= number:
                break
        return found if len(found) == number else frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Return all of them."""
        return frozenset[str]().union(*self.lists)


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a text says of signals."""

    scope: Scope
    hazards: frozenset[str]  # keys; none: that of the sentence
    levels: tuple[str, ...]  # in the order said; the last holds
    is_lift: bool = False
    is_change: bool = False  # 升级, 降级, 变更
    is_kept: bool = False  # 继续生效
    sentence: str = ""  # as it was written

    @property
    def level(self) -> str | None:
        """The level that the claim says holds."""
        return self.levels[-1] if self.levels else None

    @property
    def is_unwritten(self) -> bool:
        """Say whether it lets a level go on that it does not write: 其余乡镇预警信号继续生效."""
        return self.is_kept and not (self.levels or self.is_lift or self.is_change)


@dataclass(slots=True)
class Draft:
    """A claim as far as it was read."""

    scope: Scope = Scope()
    hazards: list[str] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)
    names: int = 0  # how many names the list has so far
    is_lift: bool = False
    is_change: bool = False
    is_rising: bool = False  # a change whose level is not read yet
    is_kept: bool = False
    lifts_on: bool = False  # 解除 stands before it, and before what is joined to it
    is_list: bool = False  # 预警区域: the towns of the claim before
    is_joined: bool = False  # to the claim before, about the same towns and another hazard
    has_signal: bool = False
    is_issued: bool = False  # 发布 stands before it
    is_response: bool = False  # about 应急响应
    is_void: bool = False  # what may come, what others do, what is asked for
    takes_list: bool = False  # the towns come after the level
    has_list_after: bool = False
    excepts: bool = False  # inside 除...外
    is_forecast: bool = False  # words that are not known stand before what it claims
    other: bool = False  # they stand after its places
    by_town: bool = False

    @property
    def is_said(self) -> bool:
        """Say whether it claims something already, so that the next place begins another."""
        is_lifted = self.is_lift and bool(self.hazards or self.has_signal)
        goes_on = self.is_kept and self.has_signal and self.scope.is_said
        return bool(self.levels) or is_lifted or goes_on

    @property
    def is_about_something(self) -> bool:
        """Say whether it has read anything that could be lifted."""
        return bool(self.levels or self.hazards or self.has_signal or self.scope.is_said)

    def claim(self, last: Claim | None) -> Claim | None:
        """Return what was claimed, if anything; `last` is the claim of an earlier sentence."""
        scope = self._scope()
        if self.is_void or scope is None:
            return None
        if self.is_list and not self.levels:
            return replace(last, scope=scope, is_kept=False) if last and scope.is_said else None
        is_open = self.is_rising and bool(self.levels)  # 升级, to a level that is not said
        return Claim(
            scope,
            frozenset(self.hazards),
            () if is_open else tuple(self.levels),
            self.is_lift,
            self.is_change,
            self.is_kept,
        )

    def _scope(self) -> Scope | None:
        """Return where it holds, with what could not be read of it; None: nothing was claimed."""
        scope = self.scope
        if scope.is_elsewhere and not scope.is_said:
            return None
        if not self._says_something():
            is_list = scope.is_rest or bool(scope.named)
            is_alone = is_list and not (self.is_forecast or self.other)
            return scope | Scope(unread=("所列镇街",)) if is_alone else None
        if self.by_town and not scope.is_said:
            return Scope(unread=("分镇",))
        if self.other and (scope.named or scope.is_rest or scope.without):
            return scope | Scope(unread=("夹杂的其他内容",))
        return scope

    def _says_something(self) -> bool:
        about = self.scope.is_said or bool(self.hazards)
        is_kept = self.is_kept and (self.scope.is_said or bool(self.hazards and self.has_signal))
        is_lift = self.is_lift and (about or self.has_signal)
        is_raised = self.is_rising and about
        if self.is_lift and not is_lift:
            return False
        return bool(self.levels) or is_kept or is_lift or is_raised or self.is_list
