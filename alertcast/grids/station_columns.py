"""The columns of a list of stations: by what names they are known, and what is to be filled in."""

from alertcast.grids.roster_columns import EXAMPLE, Column

COLUMNS = (
    Column("code", "编号", ("code", "驿站编号"), "必填，始终不变", "S001", True),
    Column(
        "name",
        "名称",
        ("name", "驿站", "驿站名称"),
        "必填",
        f"{EXAMPLE}：冷坑驿站（导入前删除本行）",
        True,
    ),
    Column(
        "grid",
        "网格编码",
        ("grid", "网格"),
        "必填，所在网格的编码（与网格图层一致）",
        "441224101201",
        True,
    ),
    Column("keeper", "负责人", ("keeper", "联系人"), "必填，姓名", "张三", True),
    Column(
        "phone",
        "电话",
        ("phone", "联系电话"),
        "必填，负责人的一个号码，整列设为文本；座机带区号",
        "13800000000",
        True,
    ),
    Column("hours", "开放时间", ("hours",), "必填，照原文告知居民", "18:00-08:00", True),
    Column("shelter", "可过夜", ("shelter", "可避寒"), "必填，是或否", "是", True),
    Column("lon", "经度", ("lon",), "选填，WGS 84，度；与纬度都填或都不填", ""),
    Column("lat", "纬度", ("lat",), "选填，WGS 84，度", ""),
)
"""The columns of a list of stations, in the order of the template."""

HEADERS = {name: one.field for one in COLUMNS for name in (one.header, *one.others)}
"""Headers a list of stations may have, lower case, and our fields."""
