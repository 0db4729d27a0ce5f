"""What a picture of a warning says, in Chinese, or in English where no font has Chinese letters."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a picture in one language."""

    is_chinese: bool
    ways: Mapping[str, str]  # how a grid was found
    counted: Mapping[str, str]  # why its touch is enough, where it is not its share
    grazed: str
    untouched: str
    warning: str
    no_level: str
    approximate: str

    def touched(self, hits: int, grids: int) -> str:
        """Return how many grids are touched: nothing and all are said in so many words."""
        if not hits:
            return "没有触及任何网格" if self.is_chinese else "touches no grid"
        if hits == grids:
            return f"触及全部 {hits} 个网格" if self.is_chinese else f"touches all {hits} grids"
        if self.is_chinese:
            return f"触及 {grids} 个网格中的 {hits} 个"
        return f"touches {hits} of {grids} grids"

    def times(self, sent: str, expires: str | None) -> str:
        """Return when the warning was sent and when it runs out."""
        if self.is_chinese:
            return f"{sent} 发布" + (f"，{expires} 失效" if expires else "")
        return f"sent {sent}" + (f", expires {expires}" if expires else "")

    def nearest(self, km: float) -> str:
        """Return how far away the nearest grid is."""
        if self.is_chinese:
            return f"最近的网格在 {km:.0f} 公里外"
        return f"the nearest is {km:.0f} km away"

    def flat(self, number: int) -> str:
        """Return how many touched grids have no polygon, so that they can not be seen."""
        if self.is_chinese:
            return f"其中 {number} 个没有图形，图上不见"
        return f"{number} of them have no polygon and are not seen"


ZH = Words(
    is_chinese=True,
    ways={
        "polygon": "多边形触及",
        "circle": "圆形触及",
        "town shape": "随所在镇街（自身无图形）",
        "code": "按编码",
    },
    counted={"area": "按面积计入", "part": "预警图形的一块在网格内"},
    grazed="只擦到边，不计入",
    untouched="未触及",
    warning="预警范围",
    no_level="等级不明",
    approximate="网格边界为近似",
)
EN = Words(
    is_chinese=False,
    ways={
        "polygon": "by polygon",
        "circle": "by circle",
        "town shape": "with its town (no polygon)",
        "code": "by code",
    },
    counted={"area": "counts by its area", "part": "a part of the warning lies in it"},
    grazed="only grazed, does not count",
    untouched="not touched",
    warning="warning",
    no_level="no level",
    approximate="boundaries are approximate",
)
