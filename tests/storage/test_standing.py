"""What stands as of a version: nothing that a later catalogue retired, whatever it was named."""

import pytest

from storage.fold_reads import FoldReads
from storage.standing import FIGURES, Standing
from stream.recompute import checked
from stream.recovery import recover
from tests.storage.filled import JANUARY, begun, fold_into
from tests.stream.catalogues import CHANGES, changed, rich, without_member

pytestmark = pytest.mark.integration


def test_what_catalogues_leave_out_rename_and_bring_back_differs_in_nothing(database: str) -> None:
    log = begun(given=rich())
    log.submission("A", [(f"u{at}", item, JANUARY, at) for at in range(4) for item in (1, 3, 4)])
    names = ("no member", "another code", "no due instant", "another city code", "nothing")
    for number, name in enumerate(names, 2):
        log.catalogue(changed(*CHANGES[name]), f"catalogue:{number}")
        fold_into(database, log)
        found = checked(recover(FoldReads(database), 1, 0, 10**9), Standing(database))
        assert (found.differences, found.figures > 10) == ([], True), name


def test_a_retired_figure_stands_before_its_catalogue_and_not_after(database: str) -> None:
    log = begun(given=rich())
    log.submission("A", [("u0", 1, JANUARY, 10)])
    log.catalogue(changed(without_member("district", "Y")), "catalogue:2")
    fold_into(database, log)
    at = len(log.messages) - 1
    subjects = [set(Standing(database).rows(FIGURES, 1, upto)["subject"]) for upto in (at, at + 1)]
    assert ["Y" in one for one in subjects] == [True, False]
