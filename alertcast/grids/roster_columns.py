"""The columns of a roster: by what names they are known, and what a person has to fill in."""

from dataclasses import dataclass

from alertcast.core.role import Role

EXAMPLE = "示例"
"""A row whose name begins with this, or with "example", is refused: it came with the template."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column as a template offers it."""

    field: str  # of ours
    header: str  # Chinese, as templates write it
    others: tuple[str, ...]  # by what else it is known, English and Chinese, lower case
    meaning: str  # Chinese, for who fills it in
    example: str
    is_required: bool = False


COLUMNS = (
    Column(
        "person",
        "人员编号",
        ("person", "person_code", "编号", "人员编码"),
        "选填。本单位自己的编号，同一人始终不变；不填则按姓名和手机号区分人员",
        "P0001",
    ),
    Column(
        "name", "姓名", ("name", "人员姓名"), "必填", f"{EXAMPLE}：张三（导入前删除本行）", True
    ),
    Column(
        "phone",
        "手机号",
        (
            "phone",
            "mobile",
            "电话",
            "手机",
            "手机号码",
            "电话号码",
            "移动电话",
            "联系电话",
            "联系方式",
        ),
        "必填，一格一个号码，整列设为文本；座机带区号，不收短信，只接语音电话",
        "13800000000",
        True,
    ),
    Column(
        "other_phone",
        "备用电话",
        (
            "other_phone",
            "phone2",
            "其他电话",
            "其他号码",
            "备用号码",
            "办公电话",
            "固定电话",
            "座机",
        ),
        "选填。第一个号码叫不到时改打这个",
        "07580000000",
    ),
    Column(
        "role",
        "岗位",
        ("role", "角色", "职务"),
        "必填，写《岗位说明》中的任一名称。一人多岗，一岗一行",
        "",
        True,
    ),
    Column(
        "place",
        "责任区编码",
        ("place", "地点", "责任区"),
        "必填，网格、镇街、县区或市的编码（与网格图层一致）",
        "441224101201",
    ),
    Column("grid", "网格编码", ("grid", "网格"), "可代替责任区编码", ""),
    Column("town", "镇街编码", ("town", "镇街"), "可代替责任区编码", ""),
    Column("team", "工作队", ("team", "队伍"), "选填，工作队员所在队伍", "一队"),
    Column(
        "language",
        "语言",
        ("language", "languages", "方言", "语种"),
        "选填，普通话（默认）、粤语、客家话、英语，或 BCP 47 标签；会几种写几种，最愿意用的在前",
        "客家话、普通话",
    ),
    Column(
        "prefers",
        "联系方式偏好",
        ("prefers", "preference", "联系偏好", "首选方式", "通知方式"),
        "选填，电话优先、短信优先（另一种方式叫应时也用它），座机优先或手机优先（先叫哪个号码）；可写两项",
        "电话优先",
    ),
    Column(
        "specialities",
        "专长",
        ("specialities", "speciality", "skills", "特长", "技能"),
        "选填，例如医生、电工、有船；几项用顿号分开",
        "电工",
    ),
    Column(
        "valid_from",
        "任职开始",
        ("valid_from", "from", "开始日期", "起始日期", "任职日期", "生效日期"),
        "选填，从这一天起在这个岗位上；不填就是已经在岗",
        "2026-01-01",
    ),
    Column(
        "valid_to",
        "任职结束",
        ("valid_to", "to", "until", "结束日期", "截止日期", "到期日期", "届满日期"),
        "选填，在岗的最后一天；过了这一天不再叫应此人",
        "2028-12-31",
    ),
    Column("drills", "参加演练", ("drills", "演练"), "选填，是或否；演练只发给填“是”的人", "否"),
)
"""The columns of a roster, in the order of the template."""

_PARTY = (
    "party",
    "party_member",
    "party_membership",
    "political_status",
    "党员",
    "是否党员",
    "中共党员",
    "政治面貌",
    "入党时间",
    "入党日期",
    "党龄",
    "所在党支部",
)
HEADERS = {
    **{name: one.field for one in COLUMNS for name in (one.header, *one.others)},
    **dict.fromkeys(_PARTY, "party"),
    "问题": "mark",  # of an annotated copy
}
"""Headers a roster may have, lower case, and our fields."""

NEVER = {"party": "posts are kept, party membership is not"}
"""Fields that are not even read, and why."""


def role_names(role: Role) -> tuple[str, ...]:
    """Return every name by which a roster may call a role; the first is the one to write."""
    return (role.zh, *role.words, role.en, role.key)


LANGUAGES = {
    **dict.fromkeys(("普通话", "国语", "汉语", "mandarin"), "zh-CN"),
    **dict.fromkeys(("粤语", "广东话", "广州话", "白话", "cantonese"), "yue"),
    **dict.fromkeys(("客家话", "客家", "客语", "hakka"), "hak"),
    **dict.fromkeys(("英语", "英文", "english"), "en"),
}
"""What people write instead of a BCP 47 tag, in lower case."""

PREFERENCES = {
    **dict.fromkeys(("电话优先", "语音优先", "voice", "voice first"), "voice"),
    **dict.fromkeys(("短信优先", "sms", "sms first"), "sms"),
    **dict.fromkeys(("座机优先", "固话优先", "landline", "landline first"), "landline"),
    **dict.fromkeys(("手机优先", "mobile", "mobile first"), "mobile"),
}
"""What a person may prefer: a kind, or a sort of number."""
