"""The words of what is found in a file that is to be brought in, for whoever has to mend it."""

from alertcast.core.layer_changes import ChangeKind
from alertcast.core.upload import Broken, UploadKind
from alertcast.dispatch.upload_kinds import CanNotTake
from alertcast.grids.annotate import WORDS
from alertcast.grids.parents import TownsFrom
from alertcast.web.words import gettext, language, mark

KINDS = {
    UploadKind.ROSTER: mark("责任人名册"),
    UploadKind.STATIONS: mark("驿站"),
    UploadKind.LAYER: mark("网格图层"),
}
"""What is in a file."""

REASONS = {
    CanNotTake.EMPTY: mark("请选择一个文件。"),
    CanNotTake.TOO_LARGE: mark("文件超过 32 MB，请在服务器上用命令导入。"),
    CanNotTake.OTHER_FORMAT: mark("不支持这种格式的文件。"),
    CanNotTake.UNPACKS_TOO_LARGE: mark("压缩包损坏、解开后过大，或里面还有压缩包。没有接收。"),
    CanNotTake.TOO_MANY: mark("已有几个文件等待处理，或另一个文件正在检查。请先处理它们。"),
    CanNotTake.NO_LAYER: mark("还没有网格图层，请先导入图层。"),
    CanNotTake.NO_ROSTER: mark("还没有名册，请先导入名册。"),
    CanNotTake.NO_NAME: mark("请填写名称。"),
}
"""Why a file is not taken."""

BROKEN = {
    Broken.MEMORY: mark("处理这个文件需要的内存超过 2 GB。请拆成几个文件，或减少空行和格式。"),
    Broken.TIME: mark("处理了半小时还没有完，已经停下。请拆成几个文件，或改用命令导入。"),
    Broken.CRASHED: mark("处理它的进程中途结束了：可能内存不够，或文件有问题。"),
    Broken.ENDED: mark("没有处理成，服务器日志写有原因。"),
}
"""Why nothing came of the work on a file."""

TOWNS = {
    TownsFrom.COLUMNS: mark("文件里有这些列"),
    TownsFrom.NAMES: mark("按镇街名称找今天的编码"),
    TownsFrom.DIGITS: mark("取编码的前几位"),
}
"""Where town and county of a grid are taken from."""

FIELDS = {
    "name": mark("姓名"),
    "phone": mark("手机号"),
    "other_phone": mark("备用电话"),
    "languages": mark("语言"),
    "drills": mark("参加演练"),
    "specialities": mark("专长"),
    "prefers": mark("联系方式偏好"),
}
"""What may differ of a person."""

STATION_FIELDS = {
    "name": mark("名称"),
    "grid_code": mark("网格"),
    "keeper": mark("负责人"),
    "phone": mark("电话"),
    "hours": mark("开放时间"),
    "shelter": mark("可过夜"),
    "lon": mark("经度"),
    "lat": mark("纬度"),
}
"""What may differ of a station."""

CHANGES = {
    "added": mark("新增"),
    "changed": mark("更改"),
    "removed": mark("减少"),
    ChangeKind.RENUMBERED: mark("换了编码"),
    ChangeKind.LIKELY_RENUMBERED: mark("可能换了编码"),
    ChangeKind.RENAMED: mark("改名"),
    ChangeKind.PARENT: mark("换了镇街、县区或社区"),
    ChangeKind.REDRAWN: mark("边界重画"),
    ChangeKind.KIND: mark("换了类型"),
    ChangeKind.TOWN_GONE: mark("镇街编码不再有"),
    ChangeKind.ALIAS_LOST: mark("旧编码查不到了"),
}
"""What happened to a person, a station, a grid or a town."""

_FILE = {
    "missing_column": mark("缺少必需的列"),
    "duplicate_column": mark("有两列是同一内容"),
    "unknown_column": mark("有一列不认识，没有读"),
    "not_kept": mark("有一列不保存，没有读"),
    "hidden_sheet": mark("隐藏的工作表没有读"),
    "no_header": mark("有一张工作表没有表头，没有读"),
    "encoding": mark("文字编码是猜的，请核对一个名称"),
    "damaged": mark("文件损坏"),
    "macros": mark("工作簿带宏，请另存为 .xlsx"),
    "not_a_workbook": mark("不是 .xlsx 工作簿"),
    "old_workbook": mark("旧格式或有密码，请另存为没有密码的 .xlsx"),
    "not_csv": mark("从这里起不是 CSV"),
    "too_large": mark("文件过大"),
    "unreadable": mark("文件读不出"),
}

_LAYER = {
    "bad_crs": mark("坐标系名称不对"),
    "bad_encoding": mark("文字编码名称不对"),
    "crs_conflict": mark("文件写明的坐标系与填写的不同"),
    "crs_missing": mark("文件没有写明坐标系，请填写"),
    "encoding_conflict": mark("文字不是写明的编码"),
    "encoding_unknown": mark("文字不是 UTF-8，请填写编码"),
    "garbled": mark("文字是乱码，请填写编码"),
    "needs_pyarrow": mark("服务器没有安装 GeoParquet 支持"),
    "no_geometry": mark("没有图形"),
    "no_layer": mark("没有图层"),
    "no_features": mark("图层里没有网格"),
    "other_format": mark("文件内容与扩展名不符"),
    "several_layers": mark("有几个图层，请填写其中一个"),
    "missing_property": mark("缺少必需的属性"),
    "duplicate": mark("编码重复"),
    "bad_kind": mark("类型不认识"),
    "bad_county": mark("县区编码不是六位数字"),
    "empty_polygon": mark("图形是空的"),
    "not_polygon": mark("图形不是面"),
    "outside_world": mark("坐标在地球之外"),
    "flat_polygon": mark("图形没有面积"),
    "mended": mark("边界自相交，已修复"),
    "no_polygon": mark("没有边界，按所在镇街通知"),
    "sliver": mark("碎片"),
    "overlap": mark("两个网格重叠"),
    "same_shape": mark("两个网格同一边界"),
    "gap": mark("网格之间有空隙，那里没有人通知"),
    "seams": mark("细小的重叠和空隙"),
    "outside_parent": mark("小区在所属社区之外"),
    "outside_county": mark("网格在所属县区之外"),
    "outside_town": mark("网格远离本镇街"),
    "far_away": mark("网格远离本县区"),
    "shifted": mark("整个县区偏移，可能是 GCJ-02 或 BD-09 坐标"),
    "position_untold": mark("无从核对位置"),
    "cut": mark("文字被截断"),
    "reader_warning": mark("读取时的提示"),
}


_RULES = {UploadKind.ROSTER: WORDS, UploadKind.STATIONS: WORDS, UploadKind.LAYER: _LAYER}


def rule_text(kind: UploadKind, rule: str, said: str) -> str:
    """Return what a rule means; in English, and of a rule without words, the sentence itself."""
    if language() == "en":
        return said
    named = _RULES[kind].get(rule) or _FILE.get(rule)
    return said if named is None else gettext(named)
