-- Every table begins with the city, its partition, and may be inserted into again: rows of one key
-- replace each other. The key begins with the city too: FINAL then never merges two cities' rows,
-- and reads partitions apart whatever the session's settings. `version` names the log record that
-- wrote the row. An insert is on the disk when it is acknowledged, since the ledger vouches for it
-- (6 ms dearer). period_text is the views' period; its index lets a query by SDMX text skip what a
-- query by id would, for 24 ms of work a million rows inserted.

CREATE TABLE observation_current (
    city UInt16, source UInt16, item UInt32, period Int32, unit UInt64,
    value Int64 CODEC(Delta, LZ4), status Int8, version UInt64,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1)),
    INDEX by_period period_text TYPE minmax
) ENGINE = ReplacingMergeTree(version) PARTITION BY city
ORDER BY (city, item, period, unit, source)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE observation_superseded (
    city UInt16, source UInt16, item UInt32, period Int32, unit UInt64,
    value Int64, status Int8, version UInt64, superseded_by UInt64,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1)),
    INDEX by_period period_text TYPE minmax
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, item, period, unit, source, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE unit_return (
    city UInt16, table_id UInt32, period Int32, unit UInt64, arrived_ms Int64, version UInt64
) ENGINE = ReplacingMergeTree(version) PARTITION BY city
ORDER BY (city, table_id, period, unit)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE quarantine (
    city UInt16, version UInt64, ordinal UInt32, unit UInt64, item UInt32, period Int32,
    value Int64, status Int8, reason LowCardinality(String),
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, version, ordinal)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE ledger (
    city UInt16, version UInt64, kind LowCardinality(String), submission String,
    reporter LowCardinality(String), table_code LowCardinality(String), chunk UInt32, chunks UInt32,
    hash String, rows UInt32, arrived_at DateTime64(3, 'UTC'), known_from DateTime64(3, 'UTC'),
    catalogue_at UInt64, register_at UInt64, reason String
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE ledger_period (
    city UInt16, version UInt64, submission String, period Int32, rows UInt32, quarantined UInt32,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, version, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE supersession (
    city UInt16, version UInt64, period Int32, superseded_version UInt64, rows UInt32
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, version, superseded_version, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE manifest (
    city UInt16, version UInt64, submission String, reporter LowCardinality(String),
    table_code LowCardinality(String), period Int32, declared UInt64, accepted UInt64,
    rejected UInt64, arrived_at DateTime64(3, 'UTC'),
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, submission, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE manifest_chunk (
    city UInt16, version UInt64, submission String, chunk UInt32, period Int32, rows UInt32,
    hash String
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, submission, chunk, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE figure_current (
    city UInt16, city_code LowCardinality(String), indicator UInt32,
    indicator_code LowCardinality(String), period Int32, measure LowCardinality(String),
    scope LowCardinality(String), standing LowCardinality(String), level LowCardinality(String),
    subject LowCardinality(String), by_level LowCardinality(String),
    by_subject LowCardinality(String), value Float64, numerator Int128, denominator Int128,
    units UInt32, expected_units UInt32, reason LowCardinality(String), provisional UInt8,
    version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree(version) PARTITION BY city
ORDER BY (city, city_code, indicator_code, level, measure, period, by_level, subject, by_subject,
    scope, standing)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE figure_history (
    city UInt16, city_code LowCardinality(String), indicator UInt32,
    indicator_code LowCardinality(String), period Int32, measure LowCardinality(String),
    scope LowCardinality(String), standing LowCardinality(String), level LowCardinality(String),
    subject LowCardinality(String), by_level LowCardinality(String),
    by_subject LowCardinality(String), value Float64, numerator Int128, denominator Int128,
    units UInt32, expected_units UInt32, reason LowCardinality(String), provisional UInt8,
    version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, city_code, indicator_code, level, measure, period, by_level, subject, by_subject,
    scope, standing, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE completeness_current (
    city UInt16, city_code LowCardinality(String), table_id UInt32,
    table_code LowCardinality(String), period Int32, level LowCardinality(String),
    subject LowCardinality(String), expected UInt32, received UInt32, on_time UInt32, late UInt32,
    missing UInt32, exempt UInt32, extended UInt32, value_expected Int128, value_received Int128,
    due_at DateTime64(3, 'UTC'), version UInt64, known_from DateTime64(3, 'UTC'),
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree(version) PARTITION BY city
ORDER BY (city, city_code, table_code, period, level, subject)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE completeness_history (
    city UInt16, city_code LowCardinality(String), table_id UInt32,
    table_code LowCardinality(String), period Int32, level LowCardinality(String),
    subject LowCardinality(String), expected UInt32, received UInt32, on_time UInt32, late UInt32,
    missing UInt32, exempt UInt32, extended UInt32, value_expected Int128, value_received Int128,
    due_at DateTime64(3, 'UTC'), version UInt64, known_from DateTime64(3, 'UTC'),
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, city_code, table_code, period, level, subject, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE anomaly (
    city UInt16, table_id UInt32, item UInt32, period Int32, unit UInt64,
    kind LowCardinality(String), score Float64, value Int64, median Int64, proposed Int64,
    evidence String, state LowCardinality(String), version UInt64,
    known_from DateTime64(3, 'UTC'),
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree(version) PARTITION BY city
ORDER BY (city, item, period, unit, kind)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE register_event (
    city UInt16, version UInt64, ordinal UInt32, action LowCardinality(String),
    kind LowCardinality(String), code String, unit UInt64, name String,
    grouping LowCardinality(String), member LowCardinality(String), valid_from String,
    valid_to String, attributes String
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, version, ordinal)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE control_event (
    city UInt16, version UInt64, id String, type LowCardinality(String), body String,
    known_from DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE dimension (
    city UInt16, class LowCardinality(String), id UInt64, level LowCardinality(String), code String,
    name_zh String, name_en String, attributes String, version UInt64
) ENGINE = ReplacingMergeTree(version) PARTITION BY city
ORDER BY (city, class, id, level, code)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE alert (
    city String, id String, kind LowCardinality(String), level LowCardinality(String),
    subject_level LowCardinality(String), subject String, indicator String, period String,
    state LowCardinality(String), opened_at DateTime64(3, 'UTC'),
    closed_at Nullable(DateTime64(3, 'UTC')), evidence String, revision UInt64
) ENGINE = ReplacingMergeTree(revision) ORDER BY (city, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
