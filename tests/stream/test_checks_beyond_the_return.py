"""Rules that look at other units and the register find what recomputation finds, come what may."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from tests.indicators.cities import catalogue, name
from tests.stream.folded import begun, differences, fold, standing
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore

OUTPUT, TAX, LET, RENTED = 1, 3, 10, 11
MARCH, APRIL = 202603, 202604


def leasing() -> Catalogue:
    told = catalogue().model_dump(mode="json")
    told["items"] += [
        {"id": number, "code": code, "name": name(code), "unit": "m²", "decimals": 2,
         "kind": "stock"}
        for number, code in ((LET, "let"), (RENTED, "rented"))
    ]  # fmt: skip
    told["tables"].append(
        {"id": 2, "code": "L", "name": name("租赁"), "frequency": "month", "source": "district",
         "unit_kind": "lease", "items": ["let", "rented"], "expected": "listed",
         "purpose": "administrative", "legal_basis": "示例"}
    )  # fmt: skip
    told["reporters"][0]["tables"].append("L")

    def rule(number: int, table: str, expression: str, **more: Any) -> dict[str, Any]:
        message = {"zh": "{left}与{right}" + "".join(f"{{{f}}}" for f in more.get("facts", {})),
                   "en": "{left}"}  # fmt: skip
        return {"id": number, "code": f"r{number}", "name": name("规则"), "table": table,
                "expression": expression, "message": message, "source": "示例", **more}  # fmt: skip

    told["checks"] = [
        rule(1, "T", 't == sum_pointing(let, "L", "lessor", rented > 0)', influence="t"),
        rule(2, "L", "let == rented", facts={"lessor": 'name_at("enterprise", "lessor")',
                                             "tax": 'value_at(tax, "T", "lessor")'}),
        rule(3, "L", "let >= rented", when='date("due") <= period_end()',
             facts={"late": 'period_end() - date("due")'}),
    ]  # fmt: skip
    return Catalogue.model_validate(told)


def lease(code: str, lessor: str, due: str = "2026-04-15", ended: str = "") -> RegisterRow:
    told = {"lessor": lessor, "due": due, "listed_from": "2020-01-01", "listed_to": ended}
    return RegisterRow(
        "put_unit", "lease", code, code, attributes=tuple((k, v) for k, v in told.items() if v)
    )


def told(store: MemoryStore) -> list[tuple[str, int, str]]:
    rows = standing(store, "check_current", ("rule", "period", "unit"))
    return sorted((row["rule_code"], int(row["period"]), row["message_zh"]) for row in rows)


def folded(log: Log) -> list[tuple[str, int, str]]:
    store = MemoryStore()
    fold(log, store)
    assert differences(log, store) == []
    return told(store)


def test_a_lease_that_comes_changes_ends_or_whose_lessor_is_renamed_is_judged_anew() -> None:
    log = begun(leasing())
    log.register([lease("a", "u0", due="2026-03-21")], "register:leases")
    log.submission("t", [("u0", OUTPUT, MARCH, 7), ("u0", TAX, MARCH, 5)])
    assert folded(log) == []  # nobody has told of a lease yet
    log.submission("l", [("a", LET, MARCH, 6), ("a", RENTED, MARCH, 8)], table="L", kind="lease")
    assert folded(log) == [("r1", MARCH, "7与6"), ("r2", MARCH, "6与8u05"), ("r3", MARCH, "6与810")]
    log.register([RegisterRow("put_unit", "enterprise", "u0", "甲厂")], "register:named")
    assert folded(log)[1] == ("r2", MARCH, "6与8甲厂5")
    log.submission("tax", [("u0", TAX, MARCH, 9)])
    assert folded(log)[1] == ("r2", MARCH, "6与8甲厂9")
    log.register([lease("a", "u0", due="2026-03-31", ended="2026-03-31")], "register:ended")
    assert folded(log) == [
        ("r1", MARCH, "7与0"),
        ("r2", MARCH, "6与8甲厂9"),
        ("r3", MARCH, "6与80"),
    ]
    log.register([lease("a", "u1", due="2027-03-31")], "register:let by another")
    assert folded(log) == [("r1", MARCH, "7与0"), ("r2", MARCH, "6与8u1—")]


#: A return of a unit in one month: who, when, both values; sometimes only the first of them.
RETURN = st.tuples(
    st.sampled_from([MARCH, MARCH, APRIL]),
    st.integers(0, 2),
    st.none() | st.integers(0, 2) | st.integers(1, 2),
)
TOLD = st.dictionaries(st.sampled_from(["u0", "u1"]), RETURN, min_size=1)
LEASED = st.dictionaries(st.sampled_from("ab"), RETURN, min_size=1)
PUT = st.builds(
    lease, st.sampled_from("ab"), st.sampled_from(["u0", "u1", "nobody", ""]),
    st.sampled_from(["2026-03-31", "2026-04-30", ""]), st.sampled_from(["", "2026-04-15"]),
)  # fmt: skip
OTHER = st.sampled_from(
    [
        RegisterRow("drop_unit", "lease", "a"),
        RegisterRow("drop_unit", "enterprise", "u0"),
        RegisterRow("put_unit", "enterprise", "u0", "甲厂"),
        RegisterRow("drop_membership", "enterprise", "u1", grouping="district", member="Y"),
    ]
)
STEP = st.tuples(st.just("T"), TOLD) | st.tuples(st.just("L"), LEASED) | st.tuples(
    st.just("register"), st.lists(PUT | OTHER, min_size=1, max_size=3)
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEP, min_size=3, max_size=8))
def test_whatever_comes_stands_as_recomputation_gives_it(steps: list[Any]) -> None:
    log = begun(leasing())
    log.register([lease("a", "u0"), lease("b", "u1")], "register:leases")
    for number, (what, rows) in enumerate(steps):
        if what == "register":
            log.register(rows, f"register:r{number}")
            continue
        kind, items = {"T": ("enterprise", (OUTPUT, TAX)), "L": ("lease", (LET, RENTED))}[what]
        cells = [
            (code, item, period, value)
            for code, (period, *values) in rows.items()
            for item, value in zip(items, values, strict=True)
            if value is not None
        ]
        log.submission(f"s{number}", cells, table=what, kind=kind)
    folded(log)
