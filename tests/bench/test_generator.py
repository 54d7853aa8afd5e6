"""The generated city: the same for a seed, exact, and a small one is a share of a large one."""

from decimal import Decimal
from pathlib import Path

import numpy as np

from bench.chunks import rows_by_period, submission_records
from bench.files import cell_texts, csv_body, write_city
from bench.generator import GeneratedCity, joined
from catalog.loader import load
from granary.keys import MISSING
from granary.records import Manifest, decode_record
from granary.wire import content_hash, decode_observations

CITY = GeneratedCity(units=300, months=14)


def test_the_same_seed_gives_the_same_feed_and_another_seed_another() -> None:
    again, other = GeneratedCity(300, 14), GeneratedCity(300, 14, seed=2)
    month = CITY.observations(202403)
    assert np.array_equal(month.value, again.observations(202403).value)
    assert not np.array_equal(month.value[:50], other.observations(202403).value[:50])


def test_a_share_of_a_city_has_exactly_the_rows_of_its_units() -> None:
    small = CITY.share(40)
    part, whole = small.observations(202405), CITY.observations(202405)
    inside = whole.take(np.isin(whole.unit, small.ids))
    for name in ("unit", "item", "period", "value", "status"):
        assert np.array_equal(getattr(part, name), getattr(inside, name))


def test_decimal_texts_are_the_stored_integers() -> None:
    month = CITY.observations(202402)
    for (_, _, _, text), value, status in zip(
        cell_texts(CITY, month), month.value.tolist(), month.status.tolist(), strict=True
    ):
        if status == MISSING:
            assert text == "/"
        else:
            assert Decimal(text) * 10**4 == value


def test_a_revision_brings_values_for_cells_that_stand() -> None:
    month, revision = CITY.observations(202402), CITY.observations(202402, 1)
    cells = set(zip(month.unit.tolist(), month.item.tolist(), strict=True))
    assert 0 < len(revision) < len(month) / 10
    assert set(zip(revision.unit.tolist(), revision.item.tolist(), strict=True)) <= cells
    assert not (revision.status == MISSING).any()


def test_districts_split_a_month_and_units_off_the_list_do_not_report() -> None:
    period = CITY.periods[-1]
    month = CITY.observations(period)
    parts = [CITY.of_district(f"D{n:02d}", month, period) for n in range(1, CITY.districts + 1)]
    whole = joined(parts)
    assert np.array_equal(whole.value, month.value)
    assert not np.isin(CITY.ids[~CITY.listed(period)], month.unit).any()


def test_the_catalogue_folder_loads_as_the_catalogue_it_was_written_from(tmp_path: Path) -> None:
    write_city(CITY, tmp_path)
    assert load(tmp_path) == CITY.catalogue
    assert len((tmp_path / "units.csv").read_text("utf-8").splitlines()) == CITY.units + 1


def test_chunks_carry_every_row_once_and_the_manifest_names_their_hashes() -> None:
    submission = next(CITY.feed())
    *chunks, last = submission_records(1, "s-1", submission, 700, 1_000)
    read = [decode_observations(record.payload) for record in chunks]
    manifest = Manifest.of(decode_record(last.payload))
    assert sum(map(len, read)) == len(submission.columns)
    assert np.array_equal(np.concatenate([part.value for part in read]), submission.columns.value)
    assert manifest.declared == rows_by_period(submission.columns)
    assert [chunk.hash for chunk in manifest.chunks] == [
        content_hash(part.unit, part.item, part.period, part.value, part.status) for part in read
    ]


def test_a_csv_has_a_line_for_every_cell() -> None:
    month = CITY.observations(202401)
    assert csv_body(CITY, month).count(b"\n") == len(month) + 1
