-- Indices, targets and assessments (精准定量指数, 差异化目标, 考核): what stands and every version of it.

CREATE TABLE index_score_current (
    city UInt16, city_code LowCardinality(String), index_code LowCardinality(String), year UInt16,
    period Int32, level LowCardinality(String), subject LowCardinality(String), score Float64,
    rank UInt32, red UInt8, capped UInt8, consequence String, provisional UInt8,
    version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32, retired UInt8,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree(version, retired) PARTITION BY city
ORDER BY (city, city_code, index_code, level, period, subject)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE index_score_history (
    city UInt16, city_code LowCardinality(String), index_code LowCardinality(String), year UInt16,
    period Int32, level LowCardinality(String), subject LowCardinality(String), score Float64,
    rank UInt32, red UInt8, capped UInt8, consequence String, provisional UInt8,
    version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32, retired UInt8,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, city_code, index_code, level, period, subject, version, retired)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE index_component_current (
    city UInt16, city_code LowCardinality(String), index_code LowCardinality(String),
    period Int32, level LowCardinality(String), subject LowCardinality(String),
    indicator_code LowCardinality(String), measure LowCardinality(String), figure_period Int32,
    value Float64, score Float64, weight Float64, weight_used Float64, points Float64,
    reason LowCardinality(String),
    version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32, retired UInt8,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree(version, retired) PARTITION BY city
ORDER BY (city, city_code, index_code, level, period, subject, indicator_code, measure)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE index_component_history (
    city UInt16, city_code LowCardinality(String), index_code LowCardinality(String),
    period Int32, level LowCardinality(String), subject LowCardinality(String),
    indicator_code LowCardinality(String), measure LowCardinality(String), figure_period Int32,
    value Float64, score Float64, weight Float64, weight_used Float64, points Float64,
    reason LowCardinality(String),
    version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32, retired UInt8,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, city_code, index_code, level, period, subject, indicator_code, measure, version, retired)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE target_standing_current (
    city UInt16, city_code LowCardinality(String), level LowCardinality(String),
    subject LowCardinality(String), indicator_code LowCardinality(String),
    measure LowCardinality(String), year UInt16, kind LowCardinality(String), period Int32,
    target Float64, actual Float64, attainment Float64, time_progress Float64,
    progress_kind LowCardinality(String), gap Float64, state LowCardinality(String),
    remaining Float64, per_period Float64, growth_needed Float64, provisional UInt8,
    version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32, retired UInt8,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree(version, retired) PARTITION BY city
ORDER BY (city, city_code, indicator_code, measure, year, kind, level, subject, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE target_standing_history (
    city UInt16, city_code LowCardinality(String), level LowCardinality(String),
    subject LowCardinality(String), indicator_code LowCardinality(String),
    measure LowCardinality(String), year UInt16, kind LowCardinality(String), period Int32,
    target Float64, actual Float64, attainment Float64, time_progress Float64,
    progress_kind LowCardinality(String), gap Float64, state LowCardinality(String),
    remaining Float64, per_period Float64, growth_needed Float64, provisional UInt8,
    version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32, retired UInt8,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, city_code, indicator_code, measure, year, kind, level, subject, period, version, retired)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE assessment_result_current (
    city UInt16, city_code LowCardinality(String), assessment_code LowCardinality(String),
    year UInt16, period Int32, body LowCardinality(String), body_name String, score Float64,
    parts String,
    version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32, retired UInt8,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree(version, retired) PARTITION BY city
ORDER BY (city, city_code, assessment_code, year, period, body)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE assessment_result_history (
    city UInt16, city_code LowCardinality(String), assessment_code LowCardinality(String),
    year UInt16, period Int32, body LowCardinality(String), body_name String, score Float64,
    parts String,
    version UInt64, known_from DateTime64(3, 'UTC'), catalogue_version UInt32, retired UInt8,
    period_text String ALIAS concat(toString(intDiv(period, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][period % 100 + 1]),
    period_end Date ALIAS toLastDayOfMonth(makeDate(intDiv(period, 100),
        if(period % 100 = 0, 12, if(period % 100 > 20, (period % 100 - 20) * 3, period % 100)), 1))
) ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, city_code, assessment_code, year, period, body, version, retired)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE VIEW v_index AS
SELECT city_code AS city, level, subject, index_code, year, period_text AS period, period_end,
    if(isNaN(f.score), NULL, f.score) AS score, nullIf(f.rank, 0) AS rank,
    CAST(f.red, 'Bool') AS past_red_line, CAST(f.capped, 'Bool') AS rank_capped, consequence,
    CAST(f.provisional, 'Bool') AS provisional, known_from, catalogue_version
FROM index_score_current AS f FINAL;

CREATE VIEW v_index_component AS
SELECT city_code AS city, level, subject, index_code, period_text AS period, period_end,
    indicator_code, measure, figure_period, if(isNaN(f.value), NULL, f.value) AS value,
    if(isNaN(f.score), NULL, f.score) AS score, weight, weight_used, points, reason, known_from
FROM index_component_current AS f FINAL;

CREATE VIEW v_target AS
SELECT city_code AS city, level, subject, indicator_code, measure, year, kind,
    period_text AS period, period_end, target, if(isNaN(f.actual), NULL, f.actual) AS actual,
    if(isNaN(f.attainment), NULL, f.attainment) AS attainment,
    if(isNaN(f.time_progress), NULL, f.time_progress) AS time_progress, progress_kind,
    if(isNaN(f.gap), NULL, f.gap) AS gap, state,
    if(isNaN(f.remaining), NULL, f.remaining) AS remaining,
    if(isNaN(f.per_period), NULL, f.per_period) AS per_period,
    if(isNaN(f.growth_needed), NULL, f.growth_needed) AS growth_needed,
    CAST(f.provisional, 'Bool') AS provisional, known_from,
    catalogue_version
FROM target_standing_current AS f FINAL;

CREATE VIEW v_assessment AS
SELECT city_code AS city, assessment_code, year, period_text AS period, period_end, body, body_name,
    if(isNaN(f.score), NULL, f.score) AS score, parts, known_from, catalogue_version
FROM assessment_result_current AS f FINAL;
