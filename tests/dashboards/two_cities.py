"""Both example cities in the embedded server, folded from their data, read as their readers do."""

from dataclasses import dataclass
from decimal import Decimal

from clickhouse_driver import Client

from dashboards.console.store import DriverStore
from granary.clock import utc
from granary.demo import retail
from granary.records import Record
from storage.clickhouse import connect
from storage.migrations import migrate
from tests.folded_city import START_MS, FoldedCity, lishui, retail_city
from tests.storage.embedded.server_process import OWNER, PASSWORDS, READER

#: The last month is open: these states have not reported it and its due instant is ahead.
LIVE = 201812
SILENT = ("NT", "TAS")
NOW_MS = START_MS + 3_600_000


@dataclass(frozen=True)
class Cities:
    """Where the two cities are, and the fold that can add to the retail one."""

    owner_url: str
    reader_url: str
    port: int
    retail: FoldedCity

    def store(self) -> DriverStore:
        return DriverStore(lambda numpy: connect(self.owner_url, numpy=numpy), connections=2)

    def reader(self) -> DriverStore:
        return DriverStore(
            lambda numpy: connect(self.reader_url, numpy=numpy, read_only=True), connections=1
        )

    def report(self, state: str, name: str, *, more: Decimal = Decimal(0)) -> None:
        """Submit a state's observations of the open month, each larger by `more`."""
        cells = [
            (one.unit, retail.ITEM, one.period, one.value + more)
            for one in retail.observations()
            if one.period == LIVE and one.state == state
        ]
        self.retail.submit(name, state, retail.TABLE, cells)


def fill(port: int) -> Cities:
    """Migrate an empty server and fold both cities into it."""
    owner, reader = (
        f"clickhouse://{user}:{PASSWORDS[user]}@127.0.0.1:{port}/granary"
        for user in (OWNER, READER)
    )
    migrate(owner)
    lishui(owner, 1)
    city = retail_city(owner, 2, first=201701, last=201811)
    found = Cities(owner, reader, port, city)
    due_ms = NOW_MS + 86_400_000
    body = {"table": retail.TABLE, "period": LIVE, "report_by_ms": due_ms, "accept_by_ms": due_ms}
    city.control(Record("calendar:2018-M12", "calendar", body))
    for state in sorted({one.state for one in retail.observations()} - set(SILENT)):
        found.report(state, f"S-{state}-{LIVE}")
    with connect(owner) as client:
        _alerts(client)
        _findings(client)
    return found


def _alerts(owner: Client) -> None:
    """Two alerts as supervision copies them: a red line that stands, an overdue one made up."""
    at = utc(NOW_MS)
    evidence = '{"text_zh": "%s"}'
    owner.execute(
        "INSERT INTO alert (city, id, kind, level, subject_level, subject, indicator, period,"
        " state, opened_at, closed_at, evidence, revision) VALUES",
        [
            (
                "lishui", "A-1", "line", "红线", "district", "jinyun", "value_added_per_energy",
                "2019", "open", at, None, evidence % "现值0.51万元/吨标准煤,低于红线0.60", 1,
            ),
            (
                "aus_retail", "A-2", "overdue", "红线", "district", "NT", "",
                "2018-M10", "resolved", at, at, evidence % "应报7家,未报7家", 2,
            ),
        ],
    )  # fmt: skip


def _findings(owner: Client) -> None:
    """Two findings of one city: a value that stands, and one that another has replaced since."""
    cell = (
        " FROM observation_current AS o WHERE o.city = 1 AND o.item = 1"
        " AND o.unit = (SELECT any(id) FROM dimension WHERE class = 'unit'"
        " AND level = 'district' AND code = %(district)s)"
    )
    for district in ("yunhe", "jinyun"):
        owner.execute(
            "INSERT INTO anomaly SELECT o.city, 1, o.item, o.period, o.unit,"
            " 'far_from_own_median', 9.5, o.value, 10000, 20000, '', 'open',"
            f" o.version, %(at)s{cell}",
            {"at": utc(NOW_MS), "district": district},
        )
    owner.execute(
        "INSERT INTO observation_superseded SELECT o.city, o.source, o.item, o.period, o.unit,"
        " o.value, o.status, o.version, (SELECT max(version) FROM ledger WHERE city = 1)"
        f"{cell}",
        {"district": "jinyun"},
    )
