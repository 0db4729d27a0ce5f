"""From what a text claims to what holds in each town: later, nearer and higher claims win."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from alertcast.core.claim import Claim, Scope
from alertcast.core.gazetteer import Region


@dataclass(frozen=True, slots=True)
class TownLevel:
    """What the text says of one town."""

    level: str | None  # None: no signal holds there (any more)
    sentence: str  # that says so, as it was written


class Resolver:
    """Applies claims one after the other; towns that are named win over the rest, that over all."""

    def __init__(
        self, region: Region, rank: Callable[[str | None], int], highest: str | None
    ) -> None:
        self._region, self._rank, self._highest = region, rank, highest
        self._found: dict[str, tuple[int, Claim]] = {}
        self.presumed: set[str] = set()
        self._floors: dict[str, str | None] = {}
        self.twice: set[str] = set()  # codes named under a level, and under a lower one that stays

    def resolved(self, claims: list[Claim]) -> dict[str, TownLevel]:
        """Return what holds in each town that the claims speak of."""
        named = frozenset[str]().union(*(c.scope.named | c.scope.without for c in claims))
        for number, claim in enumerate(claims):
            if claim.scope.unread and not claim.scope.named:
                continue
            if not claim.scope.is_said and self._announces(claim, claims[number + 1 :]):
                continue
            self._excepted(claim, claims)
            for code in self._towns(claim.scope, named):
                self._apply(code, claim)
        self._left_by_lifts(claims)
        return {
            code: TownLevel(None if claim.is_lift else self._level(claim), claim.sentence)
            for code, (_, claim) in sorted(self._found.items())
        }

    @property
    def kept(self) -> dict[str, str | None]:
        """Code of a town that keeps a level not written -> the least that the text says holds."""
        kept = [code for code, (_, claim) in self._found.items() if claim.is_unwritten]
        return {code: self._floors.get(code) for code in kept}

    @property
    def had(self) -> dict[str, str]:
        """Town code -> the level that the text says held there before it."""
        changed = ((code, one) for code, (_, one) in self._found.items() if one.is_change)
        had = {code: claim.levels[0] for code, claim in changed if len(claim.levels) > 1}
        lifted = ((code, one) for code, (_, one) in self._found.items() if one.is_lift)
        return had | {code: claim.levels[0] for code, claim in lifted if claim.levels}

    def _towns(self, scope: Scope, named: frozenset[str]) -> Iterable[str]:
        towns = self._region.towns
        if scope.is_whole or not scope.is_said:
            return [code for code in towns if code not in scope.without]
        rest = [code for code in towns if code not in named] if scope.is_rest else []
        if scope.without and not scope.is_rest and not scope.named:
            rest = [code for code in towns if code not in scope.without]
        return [*rest, *(code for code in towns if code in scope.named)]

    def _apply(self, code: str, claim: Claim) -> None:
        strength = 3 if code in claim.scope.named else 2 if claim.scope.is_rest else 1
        known = self._found.get(code)
        if known is not None and self._contradicts(strength, claim, *known):
            self.twice.add(code)
        if known is not None:
            self._at_least(code, claim, known[1])
        if known is not None and not self._overrides(strength, claim, *known):
            return
        self._found[code] = strength, claim

    def _contradicts(self, strength: int, claim: Claim, before: int, known: Claim) -> bool:
        """Say whether a town raised by name is named again as one that stays at a lower level."""
        return (
            strength == before == 3
            and claim.is_kept
            and known.is_change
            and not known.is_lift
            and self._rank(self._level(claim)) < self._rank(self._level(known))
        )

    def _at_least(self, code: str, claim: Claim, known: Claim) -> None:
        """Note what is written of a town of which it is also said that its level goes on."""
        if claim.is_unwritten != known.is_unwritten and not (claim.is_lift or known.is_lift):
            written = self._level(known if claim.is_unwritten else claim)
            if self._rank(written) > self._rank(self._floors.get(code)):
                self._floors[code] = written

    def _overrides(self, strength: int, claim: Claim, before: int, known: Claim) -> bool:
        """Say whether a later claim counts instead of an earlier one about the same town."""
        if known.is_lift and not claim.is_lift:
            return True
        if claim.is_unwritten or known.is_unwritten:
            return strength > before or (strength == before and claim.is_change)
        is_moved = claim.is_change and (not claim.is_kept or len(claim.levels) > 1)
        moves = is_moved or claim.is_lift
        if strength < before:  # 全县 lowers a town named before only if it says from which level
            had = None if known.is_lift else self._level(known)
            is_from = claim.levels[:1] == (had,) and (claim.is_lift or len(claim.levels) > 1)
            is_rise = not claim.is_lift and self._rank(self._level(claim)) > self._rank(had)
            return moves and (is_from or is_rise)
        if strength > before or moves:
            return True
        return self._rank(self._level(claim)) >= self._rank(self._level(known))

    def _level(self, claim: Claim) -> str | None:
        if not claim.levels:
            return self._highest
        if claim.is_change:
            return claim.level
        return max(claim.levels, key=self._rank)

    def _announces(self, claim: Claim, later: Iterable[Claim]) -> bool:
        """Say whether a claim without places only announces what a later one says of towns."""
        named = [c for c in later if c.scope.named and not c.is_lift and not c.is_kept]
        levels = [one.level for one in named]
        return (
            not claim.is_lift
            and claim.level in levels
            and max(map(self._rank, levels)) <= self._rank(claim.level)
        )

    def _excepted(self, claim: Claim, claims: Iterable[Claim]) -> None:
        """除冷坑镇外解除: what is excepted keeps what it had, unless more is said of it."""
        before = claim.levels if claim.is_lift else claim.levels[:-1]
        if not before:
            return
        kept = Claim(Scope(), frozenset(), before[:1], is_kept=True, sentence=claim.sentence)
        for code in claim.scope.without:
            if not any(code in one.scope.named for one in claims):
                self._found.setdefault(code, (3, kept))

    def _left_by_lifts(self, claims: Iterable[Claim]) -> None:
        """Where some towns are lifted and nothing is said of the rest, it still holds there."""
        lifts = [c for c in claims if c.is_lift and c.scope.named and not c.scope.is_whole]
        if not lifts or any(not c.is_lift for c in claims):
            return
        levels = lifts[-1].levels or ((self._highest,) if self._highest else ())
        kept = Claim(Scope(), frozenset(), levels, is_kept=True, sentence=lifts[-1].sentence)
        self.presumed = self._region.towns.keys() - self._found.keys()
        self._found |= dict.fromkeys(self.presumed, (1, kept))
