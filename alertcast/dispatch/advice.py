"""What each finding of the doctor means and what to do about it, Chinese first, English second."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Said:
    """One thing in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that is stuck or missing."""

    key: str  # of WORDS
    subject: str  # a channel, a source, the id of a broadcast; "" where there is only one
    count: int
    since: datetime | None  # None: not known, or never
    what: Said
    todo: Said


WORDS: dict[str, tuple[str, str, str, str]] = {
    # what is found, in Chinese and English; what to do, in Chinese and English
    "database": (
        "数据库不可用：{subject}",
        "the database can not be used: {subject}",
        "核对 [database] url，看数据库是否在运行；版本旧了就先备份，再运行 alertcast db upgrade",
        "check [database] url and that the server runs; if it is of an older version, back it up "
        "and run `alertcast db upgrade`",
    ),
    "secret": (
        "环境变量 {subject} 没有设置",
        "{subject} is not set",
        "写进 alertcast.env；新密钥由 alertcast init 在空目录里生成",
        "put it into alertcast.env; `alertcast init` in an empty folder makes a fresh one",
    ),
    "rotation": (
        "数据密钥还没有换完",
        "the data key is still being replaced",
        "再运行一次 alertcast db rotate-key；换完之前保留旧密钥 ALERTCAST_DATA_KEY_OLD",
        "run `alertcast db rotate-key` again; keep ALERTCAST_DATA_KEY_OLD until it has ended",
    ),
    "disk": (
        "磁盘快满了：{subject}",
        "the disk is nearly full: {subject}",
        "清理旧备份和日志，或者扩容；写满以后什么也发不出去",
        "remove old backups and logs, or make it larger: nothing leaves once it is full",
    ),
    "clock_skew": (
        "本机时钟与数据库相差 {count} 秒",
        "this machine's clock and the database's are {count} s apart",
        "在两台机器上启用 NTP 对时",
        "let NTP keep both clocks",
    ),
    "grids": (
        "还没有导入网格",
        "there are no grids",
        "运行 alertcast grids import",
        "run `alertcast grids import`",
    ),
    "roster": (
        "还没有导入责任人名册",
        "there is no roster",
        "运行 alertcast roster import",
        "run `alertcast roster import`",
    ),
    "users": (
        "没有人可以登录",
        "nobody can log in",
        "运行 alertcast users add",
        "run `alertcast users add`",
    ),
    "asleep": (
        "没有任何进程在运行",
        "nothing runs at all",
        "启动 alertcast serve",
        "start `alertcast serve`",
    ),
    "help": (
        "{count} 个求助没有处置",
        "{count} calls for help are open",
        "在页面打开求助，马上联系，写明处置情况后关闭",
        "open them on the page, make contact at once, write what was done and close them",
    ),
    "approval": (
        "下发 {subject} 等待确认",
        "broadcast {subject} waits for approval",
        "带班领导在页面确认，或者停止叫应",
        "an approver confirms it on the page, or somebody stops it",
    ),
    "held": (
        "下发 {subject} 从备份恢复后暂停",
        "broadcast {subject} is held since a restore",
        "核对备份之后叫过谁，再由带班领导确认继续，或者停止叫应",
        "compare with who was called since the backup; an approver lets it go on, or it is stopped",
    ),
    "alert": (
        "{count} 条预警等值班员处理",
        "{count} alerts wait for the officer",
        "在页面看原因，启动，或者写明理由不下发",
        "read why on the page; start them, or write the reason and dismiss them",
    ),
    "manual": (
        "{count} 个号码没有渠道可用，等人工拨打",
        "{count} phones have no channel and wait to be dialled",
        "打开「人工拨打」逐个拨打；数量大时检查渠道配置",
        "dial them on the page 人工拨打 (Dial by hand); if they are many, look at the channels",
    ),
    "overdue": (
        "{count} 条消息早该发出",
        "{count} messages should have left long ago",
        "看下面有没有停用或限流的渠道、停掉的发送进程；最急的先人工拨打",
        "see below for a channel that is stopped or a sender that is gone; dial the most urgent",
    ),
    "unsure": (
        "{count} 次请求结果不明，问过渠道还没有问清",
        "{count} requests have no known outcome, and asking the provider has not helped",
        "到渠道的控制台核对；仍不清楚就人工拨打",
        "look them up at the provider's own page; if that does not tell, dial",
    ),
    "receipts_waiting": (
        "{count} 条回执收下了还没有处理",
        "{count} receipts are kept and not applied",
        "看 alertcast serve 或 alertcast worker 是否在运行，日志里有没有错误",
        "see that `alertcast serve` or `alertcast worker` runs, and what its log says",
    ),
    "receipts_unreadable": (
        "渠道 {subject} 有 {count} 条回执的状态词不认识",
        "{count} receipts of {subject} have a word we do not know",
        "向渠道核对它的状态词，把原文报告给开发者；状态没有被猜测",
        "ask the provider what it means and report it; nothing was guessed",
    ),
    "receipts_broken": (
        "渠道 {subject} 有 {count} 条回执无法处理，原样保存",
        "{count} receipts of {subject} could not be applied; they are kept",
        "在日志里找 could not be applied，报告给开发者；其中的按键会一直重试，其余请向本人核实",
        "look for `could not be applied` in the log and report it; keys are tried again, for "
        "the others ask the person",
    ),
    "receipts_unmatched": (
        "渠道 {subject} 有 {count} 条回执对不上任何请求",
        "{count} receipts of {subject} belong to no request of ours",
        "核对渠道账户是否还有别的系统在用，回调地址是否指错",
        "see whether another system uses the same account, or its callbacks point here",
    ),
    "stopped": (
        "渠道 {subject} 已停用",
        "channel {subject} is stopped",
        "处理好渠道账户后，在页面点「问题已解决，恢复发送」",
        "mend the account, then press 问题已解决，恢复发送 (Mended: send again) on the page",
    ),
    "paused": (
        "渠道 {subject} 还要歇 {count} 秒：限流，或者连续失败",
        "channel {subject} rests {count} s more: throttled, or failing again and again",
        "会自己恢复；一再出现就把 rate 调低，或者检查网络",
        "it comes back by itself; if it happens again and again, lower its rate or see the network",
    ),
    "slow": (
        "渠道 {subject} 收下消息却没有回执，由其他渠道承担",
        "channel {subject} takes messages and reports nothing; others carry what they can",
        "问渠道是否积压；核对 public_base_url 和回调地址",
        "ask the provider whether it has a backlog; check public_base_url and its callbacks",
    ),
    "forged": (
        "渠道 {subject} 拒绝了 {count} 次伪造回执",
        "{count} forged callbacks of {subject} were refused",
        "核对签名密钥和 public_base_url；都没错就是有人冒充",
        "check its token and public_base_url; if both are right, somebody poses as the provider",
    ),
    "source": (
        "来源 {subject} 连续 {count} 次失败",
        "source {subject} has failed {count} times in a row",
        "打电话问气象台有没有新预警；检查网络和地址。没有消息不等于没有预警",
        "telephone the observatory; check the network and the address. Silence is no all-clear",
    ),
    # what the watch finds, by core.watch.KINDS
    "undecided": (
        "{count} 条预警收到了还没有决定",
        "{count} alerts came in and were not decided on",
        "看 alertcast serve 是否在运行，日志里有没有错误",
        "see that `alertcast serve` runs, and what its log says",
    ),
    "step": (
        "{count} 个网格的下一步叫应没有按时开始",
        "the next step of {count} grids is overdue",
        "看 alertcast serve 是否在运行，日志里有没有错误；急的先人工拨打",
        "see that `alertcast serve` runs, and what its log says; dial the urgent ones",
    ),
    "queue": (
        "{count} 条消息到时间了没有人取走",
        "{count} messages are due and no sender takes them",
        "看发送进程是否在运行，渠道是否停用，速率是否太低",
        "see that senders run, that the channel is not stopped and its rate not too low",
    ),
    "lease": (
        "{count} 条消息的发送进程中断了，没有收回",
        "the sender of {count} messages died, and they were not taken back",
        "看 alertcast serve 是否在运行：它每秒收回一次",
        "see that `alertcast serve` runs: it takes them back every second",
    ),
    "still": (
        "下发 {subject} 停着不动",
        "nothing happens in broadcast {subject}",
        "在页面看它缺什么；可以停止叫应",
        "see on the page what it waits for; it can be stopped",
    ),
    "feed": (
        "来源 {subject} 很久没有正常答复",
        "source {subject} has not answered well for long",
        "打电话问气象台有没有新预警；检查网络和地址",
        "telephone the observatory; check the network and the address",
    ),
    "pull": (
        "渠道 {subject} 的回执和按键取不回来",
        "receipts and keys of channel {subject} can not be fetched",
        "检查密钥、地址和网络；取回以前没有按键会到，先人工拨打急的",
        "check its secret, address and network; no key arrives until then: dial the urgent ones",
    ),
    "tick": (
        "定时任务停了：叫应不会往下走",
        "time does not pass: no ladder climbs",
        "启动或重启 alertcast serve",
        "start `alertcast serve`, or start it again",
    ),
    "worker": (
        "没有进程在发送：{subject}",
        "nobody sends: {subject}",
        "启动 alertcast serve 或 alertcast worker",
        "start `alertcast serve` or `alertcast worker`",
    ),
    "receipts": (
        "没有进程在处理回执",
        "nobody applies receipts",
        "启动或重启 alertcast serve",
        "start `alertcast serve`, or start it again",
    ),
    "watch": (
        "巡查停了",
        "nobody watches",
        "启动或重启 alertcast serve",
        "start `alertcast serve`, or start it again",
    ),
    "beat": (
        "外部心跳没有送达",
        "the external heartbeat is not delivered",
        "核对 [heartbeat] url 和网络；对方可能已经报警",
        "check [heartbeat] url and the network; the other side may have raised the alarm",
    ),
    "dissent": (
        "预警 {subject} 的几个来源说法不一",
        "the sources of alert {subject} contradict each other",
        "在页面打开这条预警，对照各来源，打电话向气象台核实",
        "open it on the page, compare what each says, and telephone the observatory",
    ),
    "no_news": (
        "来源 {subject} 有回应，却很久没有新内容",
        "source {subject} answers, and has brought nothing new for long",
        "镜像可能停在旧内容上：打开它的网页，或问气象台；确属平静就调大 news_within",
        "its mirror may have stopped: see its page or ask; if all is calm, make news_within longer",
    ),
    "stalled": (
        "来源 {subject} 有回应，却缺少其他来源早已收到的 {count} 条预警",
        "source {subject} answers, and lacks {count} warnings that others brought long ago",
        "不要只靠这个来源；看其他来源和气象台，镜像可能停在旧内容上",
        "do not rely on it alone: its mirror may have stopped; see the others and the observatory",
    ),
    "withdrawn": (
        "预警 {subject} 已不在生效列表里，没有收到解除（推断解除）",
        "alert {subject} has left the list of those in force without an official end",
        "打电话向气象台核实；说已解除的，在这条预警的页面「登记解除」，才会转告",
        "telephone the observatory; if it is lifted, write that down on the page of the alert "
        "(登记解除): no all-clear is sent before",
    ),
    "no_leader": (
        "{count} 个网格在名册里没有负责人",
        "{count} grids have no leader in the roster",
        "运行 alertcast roster check 看是哪些，补进名册再导入",
        "see which with `alertcast roster check`, add them and import the roster",
    ),
    "no_duty": (
        "{subject} 现在无人值班",
        "nobody is on duty in {subject}",
        "在「值班」页补排班，或者 alertcast duty import；此前有事同时打给所有值班岗位",
        "fill the gap on the page 值班 (Duty) or with `alertcast duty import`; until then calls go "
        "to all desks at once",
    ),
    "call_list": (
        "离线拨打名单没有写成",
        "the offline call list could not be written",
        "检查名单目录是否可写、磁盘是否有空间",
        "check that its folder can be written and that the disk has room",
    ),
}
"""Everything that may be found."""


def advise(key: str, *, subject: str = "", count: int = 1, since: datetime | None = None) -> Advice:
    """Return what is said of a finding; raises KeyError for one that has no words."""
    zh, en, todo_zh, todo_en = WORDS[key]
    filled = {"subject": subject, "count": count}
    return Advice(
        key,
        subject,
        count,
        since,
        Said(zh.format(**filled), en.format(**filled)),
        Said(todo_zh, todo_en),
    )
