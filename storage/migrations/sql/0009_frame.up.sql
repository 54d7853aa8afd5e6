-- Frame coverage (应统尽统): counts and sizes of each subject, and the cases behind them. What stands
-- and every version of it; sizes are integers in 10^-4 of 10,000 yuan.

CREATE TABLE frame_current (
    city UInt16, city_code LowCardinality(String), level LowCardinality(String),
    subject LowCardinality(String), as_of Int32, on_list UInt32, on_list_sized UInt32,
    candidates UInt32, confirmed UInt32, near UInt32, on_list_size Int128, candidates_size Int128,
    confirmed_size Int128, version UInt64, known_from DateTime64(3, 'UTC'),
    catalogue_version UInt32, retired UInt8
) ENGINE = ReplacingMergeTree(version, retired) PARTITION BY city
ORDER BY (city, city_code, level, subject)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE frame_history (
    city UInt16, city_code LowCardinality(String), level LowCardinality(String),
    subject LowCardinality(String), as_of Int32, on_list UInt32, on_list_sized UInt32,
    candidates UInt32, confirmed UInt32, near UInt32, on_list_size Int128, candidates_size Int128,
    confirmed_size Int128, version UInt64, known_from DateTime64(3, 'UTC'),
    catalogue_version UInt32, retired UInt8
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, city_code, level, subject, version, retired)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE frame_case_current (
    city UInt16, city_code LowCardinality(String), case_code String, kind LowCardinality(String),
    name String, credit_code String, address String, district LowCardinality(String),
    sector LowCardinality(String), class_code LowCardinality(String), feed LowCardinality(String),
    feeds LowCardinality(String), size Int64, threshold Int64, as_of Int32,
    state LowCardinality(String), reason LowCardinality(String), list_month Int32,
    owner LowCardinality(String), due UInt16, opened_at DateTime64(3, 'UTC'),
    decided_at DateTime64(3, 'UTC'), decided_by String, document String, remark String,
    linked_unit String, version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32,
    retired UInt8
) ENGINE = ReplacingMergeTree(version, retired) PARTITION BY city
ORDER BY (city, city_code, case_code)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE frame_case_history (
    city UInt16, city_code LowCardinality(String), case_code String, kind LowCardinality(String),
    name String, credit_code String, address String, district LowCardinality(String),
    sector LowCardinality(String), class_code LowCardinality(String), feed LowCardinality(String),
    feeds LowCardinality(String), size Int64, threshold Int64, as_of Int32,
    state LowCardinality(String), reason LowCardinality(String), list_month Int32,
    owner LowCardinality(String), due UInt16, opened_at DateTime64(3, 'UTC'),
    decided_at DateTime64(3, 'UTC'), decided_by String, document String, remark String,
    linked_unit String, version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32,
    retired UInt8
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, city_code, case_code, version, retired)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Coverage is formed by the reader: on_list / (on_list + confirmed), by count or by size.
CREATE VIEW v_frame AS
SELECT city_code AS city, level, subject,
    concat(toString(intDiv(f.as_of, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][f.as_of % 100 + 1]
    ) AS as_of, on_list, candidates, confirmed, near,
    reinterpret(f.on_list_size, 'Decimal(38, 4)') AS on_list_size,
    reinterpret(f.candidates_size, 'Decimal(38, 4)') AS candidates_size,
    reinterpret(f.confirmed_size, 'Decimal(38, 4)') AS confirmed_size, known_from, on_list_sized
FROM frame_current AS f FINAL;

-- A unit that is on the list and that no feed knows (kind 'over') has no size.
CREATE VIEW v_frame_case AS
SELECT city_code AS city, case_code AS `case`, kind, name, credit_code, address, district, sector,
    class_code, feed, feeds,
    if(f.kind = 'over', NULL, reinterpret(f.size, 'Decimal(18, 4)')) AS size,
    if(f.threshold = 0, NULL, reinterpret(f.threshold, 'Decimal(18, 4)')) AS threshold,
    concat(toString(intDiv(f.as_of, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][f.as_of % 100 + 1]
    ) AS as_of, state, reason,
    if(f.list_month = 0, '', concat(toString(intDiv(f.list_month, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][f.list_month % 100 + 1]
    )) AS list_month, owner,
    if(f.due = 0, NULL, toDate(f.due)) AS due,
    nullIf(f.opened_at, toDateTime64(0, 3, 'UTC')) AS opened_at,
    nullIf(f.decided_at, toDateTime64(0, 3, 'UTC')) AS decided_at, decided_by, document, remark,
    linked_unit, known_from
FROM frame_case_current AS f FINAL;
