"""Which figures and counts a lock keeps, and until when."""

from indicators.catalogue import Catalogue
from indicators.locks import Locks
from indicators.periods import Frequency, within
from tests.indicators.cities import catalogue
from tests.stream.catalogues import changed, indicator, rich, without_indicator

YEARLY = changed(indicator("output", also=["quarter", "year"]), base=catalogue())
OUTPUT, TAX = YEARLY.indicators
MONTHS = within(202600, Frequency.MONTH)


def locked(*periods: int, given: Catalogue = YEARLY) -> Locks:
    locks = Locks()
    for version, period in enumerate(periods, 1):
        assert locks.lock("T", period, version, given)
    return locks


def test_a_lock_keeps_the_figures_whose_own_table_it_is_and_the_completeness() -> None:
    locks = locked(202603)
    assert locks.locked("T", 202603)
    assert locks.keeps(OUTPUT, 202603)
    assert locks.keeps(TAX, 202603)
    assert locks.keeps_counts("T", 202603)
    assert not locks.keeps(OUTPUT, 202602)
    assert not locks.locked("P", 202603)
    assert not locks.keeps_counts("P", 202603)


def test_a_quarter_is_kept_from_its_last_lock_until_one_month_is_reopened() -> None:
    locks = locked(202601, 202603)
    assert not locks.keeps(OUTPUT, 202621)
    locks.lock("T", 202602, 3, YEARLY)
    assert locks.keeps(OUTPUT, 202621)
    assert not locks.keeps(OUTPUT, 202600)
    released = locks.reopen("T", 202601)
    assert [(lock.period, lock.version) for lock in released] == [(202601, 1), (202621, 3)]
    assert not locks.keeps(OUTPUT, 202621)
    assert locks.keeps(OUTPUT, 202603)


def test_a_year_is_kept_when_all_its_months_are_locked() -> None:
    assert not locked(*MONTHS[:-1]).keeps(OUTPUT, 202600)
    assert locked(*MONTHS).keeps(OUTPUT, 202600)
    assert not locked(*MONTHS).keeps(TAX, 202600), "it has no figures of a year"


def test_an_indicator_that_came_after_the_lock_is_not_kept_and_one_that_went_is() -> None:
    before = changed(without_indicator("tax_per_mu"), base=catalogue())
    locks = locked(202603, given=before)
    assert locks.keeps(OUTPUT, 202603)
    assert not locks.keeps(TAX, 202603)


def test_quotes_are_kept_by_the_lock_of_the_table_they_are_from() -> None:
    given = rich()
    output = given.indicator["output"]
    locks = locked(202602, given=given)
    assert locks.quotes_kept(output, 202602) == set()
    locks.lock("P", 202602, 2, given)
    assert locks.quotes_kept(output, 202602) == {"P"}


def test_locking_twice_and_reopening_what_is_open_have_no_effect() -> None:
    locks = locked(202603)
    assert not locks.lock("T", 202603, 9, YEARLY)
    assert [lock.version for lock in locks.holding()] == [1]
    assert locks.reopen("T", 202602) == []
    assert len(locks.reopen("T", 202603)) == 1
    assert locks.reopen("T", 202603) == []
    assert not locks.keeps(OUTPUT, 202603)


def test_a_lock_before_any_catalogue_refuses_observations_and_keeps_nothing() -> None:
    locks = Locks()
    locks.lock("T", 202603, 1, None)
    assert locks.locked("T", 202603)
    assert not locks.keeps_counts("T", 202603)
    assert not locks.keeps(OUTPUT, 202603)
