CREATE OR REPLACE VIEW v_indicator_history AS
SELECT city_code AS city, level, subject, by_level, by_subject, indicator_code AS indicator,
    period_text AS period, period_end, measure, scope, if(isNaN(f.value), NULL, f.value) AS value,
    reinterpret(f.numerator, 'Decimal(38, 10)') AS numerator,
    reinterpret(f.denominator, 'Decimal(38, 10)') AS denominator, units, expected_units, reason,
    toBool(f.provisional) AS provisional, standing, known_from, catalogue_version,
    f.city AS city_id, f.period AS period_id
FROM figure_history AS f FINAL
WHERE (f.city, f.version) IN (SELECT city, version FROM ledger);

CREATE OR REPLACE VIEW v_indicator_card AS
SELECT c.code AS city, toUInt32(o.id) AS id, o.code AS code, o.name_zh AS name, o.name_en AS name_en,
    JSONExtractString(o.attributes, 'unit') AS unit, JSONExtractInt(o.attributes, 'decimals') AS decimals,
    JSONExtractString(o.attributes, 'dimension') AS dimension, JSONExtractString(o.attributes, 'role') AS role,
    JSONExtractString(o.attributes, 'direction') AS direction, JSONExtractString(o.attributes, 'table') AS table_code,
    JSONExtractString(o.attributes, 'numerator_text') AS numerator_text,
    JSONExtractString(o.attributes, 'denominator_text') AS denominator_text,
    JSONExtract(o.attributes, 'yellow', 'Nullable(Float64)') AS yellow,
    JSONExtract(o.attributes, 'red', 'Nullable(Float64)') AS red,
    JSONExtractString(o.attributes, 'lines_measure') AS lines_measure, JSONExtractString(o.attributes, 'lines_source') AS lines_source,
    JSONExtractString(o.attributes, 'consequence_zh') AS consequence,
    JSONExtractString(o.attributes, 'reward_zh') AS reward, JSONExtractString(o.attributes, 'note') AS note,
    o.code AS indicator, o.name_zh AS name_zh,
    JSONExtractRaw(o.attributes, 'numerator') AS numerator,
    JSONExtractRaw(o.attributes, 'denominator') AS denominator,
    JSONExtractRaw(o.attributes, 'measures') AS measures,
    JSONExtractRaw(o.attributes, 'levels') AS levels,
    JSONExtractString(o.attributes, 'consequence_zh') AS consequence_zh, JSONExtractString(o.attributes, 'reward_zh') AS reward_zh,
    o.attributes AS attributes
FROM (SELECT * FROM name_of WHERE class = 'indicator') AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city;

CREATE OR REPLACE VIEW v_item AS
SELECT c.code AS city, toUInt32(o.id) AS id, o.code AS code, o.name_zh AS name, o.name_en AS name_en,
    JSONExtractString(o.attributes, 'unit') AS unit,
    JSONExtractInt(o.attributes, 'decimals') AS decimals,
    JSONExtractString(o.attributes, 'kind') AS kind
FROM (SELECT * FROM name_of WHERE class = 'item') AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city;

CREATE OR REPLACE VIEW name_of AS
SELECT city, class, id, argMax(d.code, d.version) AS code, argMax(d.name_zh, d.version) AS name_zh,
    argMax(d.name_en, d.version) AS name_en, argMax(d.attributes, d.version) AS attributes
FROM dimension AS d
WHERE class IN ('city', 'source', 'table', 'item', 'indicator')
GROUP BY city, class, id;

ALTER TABLE figure_history ADD COLUMN IF NOT EXISTS retired UInt8 AFTER catalogue_version;
ALTER TABLE figure_history DELETE WHERE retired SETTINGS mutations_sync = 2;
ALTER TABLE figure_history DROP COLUMN retired;

ALTER TABLE completeness_history ADD COLUMN IF NOT EXISTS retired UInt8 AFTER known_from;
ALTER TABLE completeness_history DELETE WHERE retired SETTINGS mutations_sync = 2;
ALTER TABLE completeness_history DROP COLUMN retired;

ALTER TABLE figure_current ADD COLUMN IF NOT EXISTS retired UInt8 AFTER catalogue_version;
CREATE OR REPLACE TABLE figure_current_moved AS figure_current ENGINE = ReplacingMergeTree(version) PARTITION BY city
ORDER BY (city, city_code, indicator_code, level, measure, period, by_level, subject, by_subject,
    scope, standing)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
INSERT INTO figure_current_moved SELECT * FROM figure_current FINAL SETTINGS max_partitions_per_insert_block = 0;
EXCHANGE TABLES figure_current_moved AND figure_current;
DROP TABLE figure_current_moved;
ALTER TABLE figure_current DROP COLUMN retired;

ALTER TABLE completeness_current ADD COLUMN IF NOT EXISTS retired UInt8 AFTER known_from;
CREATE OR REPLACE TABLE completeness_current_moved AS completeness_current ENGINE = ReplacingMergeTree(version) PARTITION BY city
ORDER BY (city, city_code, table_code, period, level, subject)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
INSERT INTO completeness_current_moved SELECT * FROM completeness_current FINAL SETTINGS max_partitions_per_insert_block = 0;
EXCHANGE TABLES completeness_current_moved AND completeness_current;
DROP TABLE completeness_current_moved;
ALTER TABLE completeness_current DROP COLUMN retired;

ALTER TABLE dimension ADD COLUMN IF NOT EXISTS retired UInt8 AFTER attributes;
CREATE OR REPLACE TABLE dimension_moved AS dimension ENGINE = ReplacingMergeTree(version) PARTITION BY city
ORDER BY (city, class, id, level, code)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
INSERT INTO dimension_moved SELECT * FROM dimension FINAL SETTINGS max_partitions_per_insert_block = 0;
EXCHANGE TABLES dimension_moved AND dimension;
DROP TABLE dimension_moved;
ALTER TABLE dimension DROP COLUMN retired;
