"""The pipeline's health: rate, errors, delay of what comes in; lag and progress of the work."""

from dashboards.panels import BLUE, GREY, ORANGE, PINK, TEAL, Board, Kind, Panel, Source


def _panel(
    title: str,
    queries: tuple[tuple[str, str], ...],
    meaning: str,
    *,
    unit: str = "",
    kind: Kind = Kind.SERIES,
    width: int = 8,
    steps: tuple[tuple[float | None, str], ...] = (),
) -> Panel:
    return Panel(
        title, kind, queries, meaning, width, 8 if kind is Kind.SERIES else 4,
        source=Source.METRICS, unit=unit, steps=steps, colours=(BLUE, ORANGE, TEAL, PINK),
    )  # fmt: skip


def _quantiles(histogram: str) -> tuple[tuple[str, str], ...]:
    rate = f"sum by (le) (rate({histogram}_bucket[5m]))"
    return tuple(
        (f"histogram_quantile({share}, {rate})", name)
        for share, name in ((0.5, "中位"), (0.99, "99%"))
    )


PIPELINE = Board(
    "granary-pipeline",
    "流水线健康",
    "数据流动正常吗，哪一段慢了？",
    (),
    (
        _panel(
            "最久未推进的时间",
            (("max(granary_progress_seconds)", "秒"),),
            "各城市距上一次推进的时间，取最久的一个；持续增大说明停住了。",
            unit="s",
            kind=Kind.STAT,
            width=6,
            steps=((None, GREY), (30, ORANGE), (120, PINK)),
        ),
        _panel(
            "未入账的记录（条）",
            (("sum(granary_lag)", "条"),),
            "日志中账本尚未确认的记录条数。",
            kind=Kind.STAT,
            width=6,
        ),
        _panel(
            "死信（累计，条）",
            (("sum(granary_dead_letters_total)", "条"),),
            "本次启动以来无法解读、送入死信主题的记录。",
            kind=Kind.STAT,
            width=6,
            steps=((None, GREY), (1, PINK)),
        ),
        _panel(
            "待送出（条）",
            (
                ("sum(granary_outbox_pending)", "副本与通知"),
                ("granary_intents_pending", "登记与控制记录"),
            ),
            "等待送出的副本与通知，以及还没有写入日志的登记、控制记录。",
            kind=Kind.STAT,
            width=6,
        ),
        _panel(
            "入库速度（笔/秒）",
            (("sum by (city) (rate(granary_observations_folded_total[1m]))", "{{city}}"),),
            "每秒判定、计入并落库的数据笔数。",
            unit="short",
        ),
        _panel(
            "日志积压（条）",
            (("granary_lag", "{{city}}"),),
            "各城市日志中尚未入账的记录。",
        ),
        _panel(
            "距上次推进",
            (("granary_progress_seconds", "{{city}}"),),
            "各城市距上一次推进的时间。健康看推进，不看进程是否活着。",
            unit="s",
        ),
        _panel(
            "收件到回执",
            _quantiles("granary_receipt_seconds"),
            "从请求到达网关到给出回执的时间。",
            unit="s",
        ),
        _panel(
            "一批数据的处理时间",
            _quantiles("granary_drain_seconds"),
            "从取出一批到账本落库的时间。",
            unit="s",
        ),
        _panel(
            "网关请求（次/秒）",
            (("sum by (status) (rate(granary_gateway_requests_total[1m]))", "{{status}}"),),
            "每秒应答的请求，按状态码。",
            unit="reqps",
        ),
        _panel(
            "退回与隔离（笔/秒）",
            (
                ("sum(rate(granary_observations_rejected_total[5m]))", "退回"),
                ("sum(rate(granary_quarantined_total[5m]))", "隔离"),
            ),
            "每秒被网关退回和被流水线隔离的数据笔数。",
        ),
        _panel(
            "写库重试（次/秒）",
            (("sum by (table) (rate(granary_store_retries_total[5m]))", "{{table}}"),),
            "数据库繁忙而重试的写入：是减速，不是丢失。",
        ),
        _panel(
            "通知（次/秒）",
            (
                ("sum(rate(granary_notices_sent_total[5m]))", "送出"),
                ("sum(rate(granary_notices_failed_total[5m]))", "失败"),
            ),
            "每秒送出与失败的通知。",
        ),
    ),
    "10s",
    "now-1h",
)
