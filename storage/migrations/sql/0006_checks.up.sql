-- Findings of checks (审核发现): which stand, and every version of them; a retired row ends one.

CREATE TABLE check_current (
    city UInt16, city_code LowCardinality(String), rule UInt32, rule_code LowCardinality(String),
    name_zh LowCardinality(String), name_en LowCardinality(String), severity LowCardinality(String),
    table_code LowCardinality(String), unit_kind LowCardinality(String), period Int32, unit UInt64,
    district LowCardinality(String), result LowCardinality(String), left_value Float64,
    right_value Float64, influence Float64, tier UInt8, message_zh String, message_en String,
    version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32, retired UInt8,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree(version, retired) PARTITION BY city
ORDER BY (city, rule, period, unit)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE check_history (
    city UInt16, city_code LowCardinality(String), rule UInt32, rule_code LowCardinality(String),
    name_zh LowCardinality(String), name_en LowCardinality(String), severity LowCardinality(String),
    table_code LowCardinality(String), unit_kind LowCardinality(String), period Int32, unit UInt64,
    district LowCardinality(String), result LowCardinality(String), left_value Float64,
    right_value Float64, influence Float64, tier UInt8, message_zh String, message_en String,
    version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32, retired UInt8,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, rule, period, unit, version, retired)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- A message keeps {unit} for the name that the register has now.
CREATE VIEW v_check AS
SELECT o.city_code AS city, o.rule_code AS rule, o.name_zh AS name, o.name_en AS name_en,
    o.severity AS severity, o.table_code AS table_code, o.unit_kind AS unit_kind, u.code AS unit,
    u.name_zh AS unit_name, o.district AS district, o.period_text AS period,
    o.period_end AS period_end, o.result AS result,
    if(isNaN(o.left_value), NULL, o.left_value) AS left_value,
    if(isNaN(o.right_value), NULL, o.right_value) AS right_value,
    if(isNaN(o.influence), NULL, o.influence) AS influence, o.tier AS tier,
    replaceAll(o.message_zh, '{unit}', u.name_zh) AS message_zh,
    replaceAll(o.message_en, '{unit}', u.name_zh) AS message_en, o.known_from AS known_from
FROM (SELECT *, period_text, period_end FROM check_current FINAL) AS o
LEFT JOIN (SELECT city, id, code, name_zh FROM dimension FINAL WHERE class = 'unit') AS u
    ON u.city = o.city AND u.id = o.unit;
