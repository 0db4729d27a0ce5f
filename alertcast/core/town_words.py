"""The words by which Chinese warnings say where and how, as patterns of folded text."""

from enum import StrEnum

NUMBER = r"(?:\d+|[一二两三四五六七八九十]+)"

_TOWNS = (
    r"(?:乡镇街道|乡镇[(]街道?[)]|镇乡?[(]街道?[)]|镇[(]街道?、乡[)]|镇[(]乡、街道?[)]"
    r"|镇乡?街道?|乡镇街|乡镇|街镇|镇区|街道|县[(]市、区[)]|县市区|县区|区县|镇|乡)"
)
_AREAS = rf"(?:{_TOWNS}|地区|区域|地方|各地|范围)"
_HERE = r"(?:(?:我|本|全)(?:县|市|区)|县内|市内|区内|县域|辖区|县|市)?"
_SIDE = r"(?:东北|西北|东南|西南|东|西|南|北|中)[部面片]"
_AS_IT_GOES = "(?<![监重电巡忽近])视(?![频察为觉])"  # 视雨情, not 监视, 视频
_MUST_RISE = "(?=升|提|降|发布|解除|变更|扩)"


class Kind(StrEnum):
    """What a token is."""

    TOWN = "town"  # a town of the issuer's place
    BARE = "bare"  # its name without 镇; a town only where both neighbours fit
    UNKNOWN = "unknown"  # a town's name by its form, not in the gazetteer
    COUNTY = "county"  # a county of the issuer's place
    FOREIGN = "foreign"  # a place elsewhere
    WHOLE = "whole"  # 全县
    REST = "rest"  # 其余乡镇
    THESE = "these"  # 上述乡镇
    PART = "part"  # 北部乡镇, 部分镇街: towns that are not named
    BY_TOWN = "by_town"  # 分镇
    EXCEPT = "except"  # 除
    EXCLUDED = "excluded"  # 除外: what stands before it
    OUT = "out"  # 以外
    ETC = "etc"  # 等
    COUNT = "count"  # 三镇
    HAZARD = "hazard"
    LEVEL = "level"
    SIGNAL = "signal"  # 预警信号
    CHANGE = "change"  # 升级为
    KEEP = "keep"  # 继续生效
    ISSUE = "issue"  # 发布
    EXTEND = "extend"  # 扩展至
    LIFT = "lift"  # 解除
    STOP = "stop"  # 停止: lifts if a signal is stopped
    MAYBE = "maybe"  # 可能(升级)
    MAY = "may"  # 可能(将冷坑镇升级): only if that follows
    WHILE = "while"  # (红色预警信号)生效期间
    IF = "if"  # 收到(红色预警信号)时
    MAYBE_AFTER = "maybe_after"  # (升级)的可能
    PLEASE = "please"  # 请
    RESPONSE = "response"  # 应急响应: another ladder with levels of its own
    MARK = "mark"  # 涉及, 范围: the towns follow
    ISSUER = "issuer"
    TIME = "time"
    JOIN = "join"  # 、 和 及
    COMMA = "comma"
    COLON = "colon"
    OPEN = "open"
    CLOSE = "close"
    ALSO = "also"  # 一并: with what was named before
    FILL = "fill"  # says nothing of where or how
    OTHER = "other"


REST = (
    rf"{_HERE}的?(?:其余|余下|剩余|剩下)(?:的)?(?:各|{NUMBER}个?)?{_AREAS}?"
    rf"|{_HERE}的?(?:其它|其他|另外|别的)的?(?:各|{NUMBER}个?)?{_AREAS}"
)

PART = (
    rf"(?:{_HERE}的?)?{_SIDE}(?:(?:、|和|及|与)?{_SIDE})*"
    rf"(?:(?:的|及|和|、)*(?:高寒)?山区)?的?(?:各)?{_AREAS}?"
    rf"|高寒山区|高海拔(?:山区|地区)?|山区{_TOWNS}?|(?:沿江|沿河|沿海|平原|丘陵){_AREAS}?"
    rf"|部分{_AREAS}?|局部(?:{_AREAS})?|个别{_AREAS}?|大部分?{_AREAS}?|多个{_AREAS}"
    r"|城区|县城|一带"
)

WHOLE = (
    r"(?:全|我|本)(?:县|市|区)(?:范围内?|境内|辖区内?|域)?(?:的)?(?:各|所有|全部)?"
    rf"(?:{NUMBER}个?)?{_AREAS}?|(?:各|所有|全部){_TOWNS}|全境"
)

MAYBE = (
    rf"(?:不排除|可能|有望|或者?|{_AS_IT_GOES}[^,;。]{{0,6}}|适时|必要时|届时)(?:会|将|再|进一步|继续)*"
    rf"{_MUST_RISE}|预计[^,。;]{{0,12}}?(?=升级|降级|解除)"
)

MAY = (
    r"(?:有?可能|不排除|有望|适时|必要时|届时|预计|拟|考虑|有(?=发布|升级|提升)"
    rf"|{_AS_IT_GOES}[^,;。]{{1,10}}?(?=,|将|对|把))"
    r"(?:会|还|再|进一步|继续|随时)*(?:将|对|把)?"
)

WHILE = (
    r"(?:生效|有效|持续)(?:期间|期内|时)|期间|(?<=信号)时(?=,)"
    r"|(?:的)?防御(?:指引|指南|措施)"
    r"|(?:解除|取消|停止|失效)[之以]?(?:前|后)(?![期述面发一续])"
)

IF = (
    r"收到|接到|一旦|如果|若(?!干)"
    r"|(?<![相应适])当(?![前地天日晚])(?=[^,;。]{0,16}(?:时|后|期间)(?:,|;|。|$))"
)

MARK = (
    rf"(?:预警|生效|影响|涉及|覆盖|适用|发布|升级|扩展|实施)的?(?:区域|范围|{_TOWNS}|地区)"
    r"(?:分别)?(?:为|是|有|包括|包含|:)*"
    r"|涉及到?|包括|包含|覆盖|分别[为是有]|具体[为是]|其中|仅?限于|仅?适用于|仅?针对"
)

ISSUE = (
    r"(?:变更|更新|升级|降级|联合|重新|新增|首次)发布(?!为)|(?:新)?发布(?!会)"
    r"|签发|发出|增发|挂出|启动"
)

CHANGE = (
    r"(?:升级|升格|提升|上调|提高|升|降级|下调|调低|降低|降|变更|变更发布|更新|更新发布|调整|更改|改|转)"
    r"(?:发布)?(?:为|至|到|成)|升级|降级|调升|调降|改发"
)

KEEP = (
    r"(?:继续|仍然?|持续|一直|依然)(?:保持|维持)?(?:有效|生效|发布|为|是|维持|保持|执行)"
    r"|生效中?|有效|正在生效|维持(?:原有?)?(?:不变)?|保持不变|保持(?!警|关注|联系|通|畅|高度|良好)"
    r"|不变|仍(?=[红橙黄蓝白])"
)

STOP = r"(?:停止|取消|终止|中止)(?:发布|生效|执行)?|失效"

LIFT = (
    r"解除|撤销|撤消"
    r"|暂?无(?:任何|有效)?预警(?:信号)?|没有预警(?:信号)?|未发布预警(?:信号)?"
)

TIME = (
    r"\d[\d:.-]*(?:年|月|日|号|时|点|分|秒|小时|分钟|整)?(?:整|起|许|左右|前|后)?"
    r"|今[天日晚晨早]|昨[天日晚]|明[天日晚晨早]"
    r"|上午|下午|晚上|夜间|凌晨|中午|傍晚|早晨|早上|午后|半"
)

FILL = (
    r"已经?|现已?|将|对|把|在|给|向|的|之|于|目前|当前|自|从|由|起|即时?|同时|同步|也|均|都"
    r"|仍然?|分别|再次?|全部|联合|决定|我|本|该|为|是|有|等级|级别|级|气象(?:灾害)?|灾害|风险"
    r"|天气|范围内?|境内|辖区内?|区域|所属|各|地区|实施|执行|正式|随后|先后|相继|陆续|经|会商|此外|截至|截止"
    rf"|原|原有|变化|原来|属|{_TOWNS}|内|[-.]|了|予以?|均已|新增"
)

FIRST: tuple[tuple[Kind, str], ...] = ((Kind.RESPONSE, r"(?:应急)?响应"), (Kind.REST, REST))
"""What is looked for before bare names of towns, in this order."""

THEN: tuple[tuple[Kind, str], ...] = (
    (Kind.EXCLUDED, r"除外"),
    (Kind.EXCEPT, r"除了|除(?![湿雪冰此])|不(?:含|包括|包含)"),
    (Kind.OUT, r"[以之]外|外(?=[,、全其各我的])"),
    (
        Kind.THESE,
        rf"(?:上述|以上|前述|这些?|该)(?P<these>{NUMBER})?个?(?:{_AREAS}|地)",
    ),
    (Kind.BY_TOWN, r"分(?:镇街?|乡镇|区域?)"),
    (Kind.PART, PART),
    (Kind.WHOLE, WHOLE),
    (Kind.MAYBE, MAYBE),
    (Kind.MAY, MAY),
    (Kind.WHILE, WHILE),
    (Kind.IF, IF),
    (Kind.MAYBE_AFTER, r"的可能性?"),
    (Kind.MARK, MARK),
    (Kind.EXTEND, r"(?:的?(?:范围|区域))?(?:扩展|扩大|扩|延伸|拓展)(?:到|至|为)?"),
    (Kind.ISSUE, ISSUE),
    (Kind.CHANGE, CHANGE),
    (Kind.KEEP, KEEP),
    (Kind.LIFT, LIFT),
    (Kind.STOP, STOP),
    (Kind.ISSUE, r"变更|更新"),
    (Kind.SIGNAL, r"预警信号|预警|警报|信号"),
    (Kind.PLEASE, r"(?:敬)?请"),
    (Kind.ETC, rf"等(?:(?P<etc>{NUMBER})个?(?:{_TOWNS}|地)|地区?|{_TOWNS})?(?!级|待|于)"),
    (
        Kind.COUNT,
        rf"(?:共计?)?(?P<count>{NUMBER})个?(?:{_SIDE})?(?:山区)?(?:{_TOWNS}|地)"
        rf"(?:、?(?:{NUMBER})个?街道?)?",
    ),
    (Kind.TIME, TIME),
    (Kind.JOIN, r"[、/|·&+]|以及|连同|和|及|与|跟|兼|并(?:且)?|暨"),
    (Kind.ALSO, r"一并|一同|一起"),
    (Kind.COMMA, r","),
    (Kind.COLON, r":"),
    (Kind.OPEN, r"[(\[]"),
    (Kind.CLOSE, r"[)\]]"),
    (Kind.FILL, FILL),
)
"""What is looked for after them, in this order."""

ISSUERS = (
    r"(?:国家|省|市|县|区)?(?:气象(?:灾害预警中心|台|局|站|中心|服务中心)"
    r"|(?:突发事件)?预警信息?发布中心|应急管理局|应急局|自然资源局|水[利务]局|林业局"
    r"|农业农村局|交通运输局|教育局|公安局|住建局|三防(?:指挥部|办公室|办)?(?:办公室)?"
    r"|防汛(?:防旱|抗旱)?(?:防风)?(?:防冻)?指挥部(?:办公室)?)"
)

TOWN_ENDS = frozenset({"镇", "街道", "乡", "镇街道"})
"""Words that make a town's name of unknown words before them."""

NO_TOWNS = frozenset({"城镇", "村镇", "集镇", "小镇", "城乡", "家乡", "返乡", "下乡"})
"""Words that end so and name no town."""
