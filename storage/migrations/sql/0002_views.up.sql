CREATE VIEW v_observation AS
SELECT c.code AS city, s.code AS source, u.code AS unit, i.code AS item, concat(leftPad(toString(intDiv(o.period, 100)), 4, '0'), multiIf(o.period % 100 = 0, '', o.period % 100 > 20, concat('-Q', toString(o.period % 100 - 20)), concat('-M', leftPad(toString(o.period % 100), 2, '0')))) AS period,
    toLastDayOfMonth(makeDate(intDiv(o.period, 100), multiIf(o.period % 100 = 0, 12, o.period % 100 > 20, (o.period % 100 - 20) * 3, o.period % 100), 1)) AS period_end, if(o.status IN (0, 3), reinterpret(o.value, 'Decimal(18, 4)'), NULL) AS value, transform(o.status, [0, 1, 2, 3, 4], ['reported', 'missing', 'not_applicable', 'estimated', 'withdrawn'], 'unknown') AS status, l.submission AS submission,
    l.arrived_at AS arrived_at, l.known_from AS known_from
FROM (SELECT * FROM observation_current FINAL) AS o
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'city') AS c ON c.city = o.city AND c.id = o.city
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'source') AS s ON s.city = o.city AND s.id = o.source
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'item') AS i ON i.city = o.city AND i.id = o.item
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'unit') AS u ON u.city = o.city AND u.id = o.unit
LEFT JOIN (SELECT city, version, submission, arrived_at, known_from FROM ledger FINAL) AS l
    ON l.city = o.city AND l.version = o.version;

CREATE VIEW v_observation_history AS
SELECT c.code AS city, s.code AS source, u.code AS unit, i.code AS item, concat(leftPad(toString(intDiv(o.period, 100)), 4, '0'), multiIf(o.period % 100 = 0, '', o.period % 100 > 20, concat('-Q', toString(o.period % 100 - 20)), concat('-M', leftPad(toString(o.period % 100), 2, '0')))) AS period,
    toLastDayOfMonth(makeDate(intDiv(o.period, 100), multiIf(o.period % 100 = 0, 12, o.period % 100 > 20, (o.period % 100 - 20) * 3, o.period % 100), 1)) AS period_end, if(o.status IN (0, 3), reinterpret(o.value, 'Decimal(18, 4)'), NULL) AS value, transform(o.status, [0, 1, 2, 3, 4], ['reported', 'missing', 'not_applicable', 'estimated', 'withdrawn'], 'unknown') AS status, l.submission AS submission,
    l.arrived_at AS arrived_at, l.known_from AS known_from,
    if(o.superseded_by = 0, NULL, n.known_from) AS known_to
FROM (SELECT city, source, item, period, unit, value, status, version, toUInt64(0) AS superseded_by
    FROM observation_current FINAL UNION ALL
    SELECT city, source, item, period, unit, value, status, version, superseded_by
    FROM observation_superseded FINAL) AS o
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'city') AS c ON c.city = o.city AND c.id = o.city
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'source') AS s ON s.city = o.city AND s.id = o.source
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'item') AS i ON i.city = o.city AND i.id = o.item
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'unit') AS u ON u.city = o.city AND u.id = o.unit
LEFT JOIN (SELECT city, version, submission, arrived_at, known_from FROM ledger FINAL) AS l
    ON l.city = o.city AND l.version = o.version
LEFT JOIN (SELECT city, version, known_from FROM ledger FINAL) AS n
    ON n.city = o.city AND n.version = o.superseded_by;

CREATE VIEW v_indicator AS
SELECT city_code AS city, level, subject, by_level, by_subject, indicator_code AS indicator,
    concat(leftPad(toString(intDiv(f.period, 100)), 4, '0'), multiIf(f.period % 100 = 0, '', f.period % 100 > 20, concat('-Q', toString(f.period % 100 - 20)), concat('-M', leftPad(toString(f.period % 100), 2, '0')))) AS period, toLastDayOfMonth(makeDate(intDiv(f.period, 100), multiIf(f.period % 100 = 0, 12, f.period % 100 > 20, (f.period % 100 - 20) * 3, f.period % 100), 1)) AS period_end, measure, scope,
    if(isNaN(value), NULL, value) AS value,
    reinterpret(numerator, 'Decimal(38, 10)') AS numerator,
    reinterpret(denominator, 'Decimal(38, 10)') AS denominator, units, expected_units, reason,
    toBool(provisional) AS provisional, standing, known_from, catalogue_version
FROM figure_current AS f FINAL
UNION ALL
SELECT c.code AS city, 'unit' AS level, u.code AS subject, '' AS by_level, '' AS by_subject, i.code AS indicator,
    concat(leftPad(toString(intDiv(o.period, 100)), 4, '0'), multiIf(o.period % 100 = 0, '', o.period % 100 > 20, concat('-Q', toString(o.period % 100 - 20)), concat('-M', leftPad(toString(o.period % 100), 2, '0')))) AS period, toLastDayOfMonth(makeDate(intDiv(o.period, 100), multiIf(o.period % 100 = 0, 12, o.period % 100 > 20, (o.period % 100 - 20) * 3, o.period % 100), 1)) AS period_end, 'current' AS measure, 'all' AS scope,
    o.value / 10000 AS value, toDecimal128(reinterpret(o.value, 'Decimal(18, 4)'), 10) AS numerator,
    toDecimal128(1, 10) AS denominator, 1 AS units, 1 AS expected_units, '' AS reason, false AS provisional,
    i.standing AS standing, l.known_from AS known_from, i.catalogue_version AS catalogue_version
FROM (SELECT * FROM observation_current FINAL WHERE status = 0) AS o
INNER JOIN (
    SELECT d.city AS city, d.code AS code, t.standing AS standing, n.id AS item, v.catalogue_version AS catalogue_version, t.source AS source
    FROM (
        SELECT city, code, JSONExtractString(attributes, 'table') AS table_code,
            JSONExtractKeys(attributes, 'numerator')[1] AS item_code
        FROM dimension FINAL WHERE class = 'indicator'
            AND length(JSONExtractKeys(attributes, 'numerator')) = 1
            AND length(JSONExtractKeys(attributes, 'denominator')) = 0
            AND JSONExtractString(attributes, 'numerator', JSONExtractKeys(attributes, 'numerator')[1]) = '1'
            AND has(JSONExtract(attributes, 'levels', 'Array(String)'), 'unit')
    ) AS d
    INNER JOIN (SELECT city, code, JSONExtractString(attributes, 'standing') AS standing, JSONExtractString(attributes, 'source') AS source FROM dimension FINAL WHERE class = 'table') AS t
        ON t.city = d.city AND t.code = d.table_code
    INNER JOIN (SELECT city, id, code FROM dimension FINAL WHERE class = 'item') AS n
        ON n.city = d.city AND n.code = d.item_code
    INNER JOIN (SELECT city, toUInt32(JSONExtractUInt(attributes, 'version')) AS catalogue_version FROM dimension FINAL WHERE class = 'city') AS v
        ON v.city = d.city
) AS i ON i.city = o.city AND i.item = o.item
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'source') AS s ON s.city = o.city AND s.id = o.source
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'city') AS c ON c.city = o.city AND c.id = o.city
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'unit') AS u ON u.city = o.city AND u.id = o.unit
LEFT JOIN (SELECT city, version, known_from FROM ledger FINAL) AS l ON l.city = o.city AND l.version = o.version
WHERE s.code = i.source;

CREATE VIEW v_indicator_history AS
SELECT city_code AS city, level, subject, by_level, by_subject, indicator_code AS indicator,
    concat(leftPad(toString(intDiv(f.period, 100)), 4, '0'), multiIf(f.period % 100 = 0, '', f.period % 100 > 20, concat('-Q', toString(f.period % 100 - 20)), concat('-M', leftPad(toString(f.period % 100), 2, '0')))) AS period, toLastDayOfMonth(makeDate(intDiv(f.period, 100), multiIf(f.period % 100 = 0, 12, f.period % 100 > 20, (f.period % 100 - 20) * 3, f.period % 100), 1)) AS period_end, measure, scope,
    if(isNaN(value), NULL, value) AS value,
    reinterpret(numerator, 'Decimal(38, 10)') AS numerator,
    reinterpret(denominator, 'Decimal(38, 10)') AS denominator, units, expected_units, reason,
    toBool(provisional) AS provisional, standing, known_from, catalogue_version
FROM figure_history AS f FINAL;

CREATE VIEW v_subject AS
SELECT c.code AS city, d.level AS level, d.code AS code, d.name_zh AS name, d.name_en AS name_en
FROM (SELECT * FROM dimension FINAL WHERE class IN ('subject', 'unit')) AS d
LEFT JOIN (SELECT city, code FROM dimension FINAL WHERE class = 'city') AS c ON c.city = d.city;

CREATE VIEW v_item AS
SELECT c.code AS city, toUInt32(d.id) AS id, d.code AS code, d.name_zh AS name, d.name_en AS name_en,
    JSONExtractString(d.attributes, 'unit') AS unit, JSONExtractInt(d.attributes, 'decimals') AS decimals,
    JSONExtractString(d.attributes, 'kind') AS kind
FROM (SELECT * FROM dimension FINAL WHERE class = 'item') AS d
LEFT JOIN (SELECT city, code FROM dimension FINAL WHERE class = 'city') AS c ON c.city = d.city;

CREATE VIEW v_indicator_card AS
SELECT c.code AS city, toUInt32(d.id) AS id, d.code AS code, d.name_zh AS name, d.name_en AS name_en,
    JSONExtractString(d.attributes, 'unit') AS unit, JSONExtractInt(d.attributes, 'decimals') AS decimals, JSONExtractString(d.attributes, 'dimension') AS dimension, JSONExtractString(d.attributes, 'role') AS role,
    JSONExtractString(d.attributes, 'direction') AS direction, JSONExtractString(d.attributes, 'table') AS table_code, JSONExtractString(d.attributes, 'numerator_text') AS numerator_text,
    JSONExtractString(d.attributes, 'denominator_text') AS denominator_text, JSONExtract(d.attributes, 'yellow', 'Nullable(Float64)') AS yellow,
    JSONExtract(d.attributes, 'red', 'Nullable(Float64)') AS red, JSONExtractString(d.attributes, 'lines_measure') AS lines_measure, JSONExtractString(d.attributes, 'lines_source') AS lines_source,
    JSONExtractString(d.attributes, 'consequence_zh') AS consequence, JSONExtractString(d.attributes, 'reward_zh') AS reward, JSONExtractString(d.attributes, 'note') AS note
FROM (SELECT * FROM dimension FINAL WHERE class = 'indicator') AS d
LEFT JOIN (SELECT city, code FROM dimension FINAL WHERE class = 'city') AS c ON c.city = d.city;

CREATE VIEW v_completeness AS
SELECT city_code AS city, level, subject, table_code, concat(leftPad(toString(intDiv(f.period, 100)), 4, '0'), multiIf(f.period % 100 = 0, '', f.period % 100 > 20, concat('-Q', toString(f.period % 100 - 20)), concat('-M', leftPad(toString(f.period % 100), 2, '0')))) AS period, toLastDayOfMonth(makeDate(intDiv(f.period, 100), multiIf(f.period % 100 = 0, 12, f.period % 100 > 20, (f.period % 100 - 20) * 3, f.period % 100), 1)) AS period_end,
    expected, received, on_time, late, missing, exempt, extended, CAST(NULL, 'Nullable(UInt32)') AS queried,
    CAST(NULL, 'Nullable(UInt32)') AS rejected, CAST(NULL, 'Nullable(Bool)') AS approved,
    CAST(NULL, 'Nullable(Bool)') AS locked, toDecimal128(value_expected, 4) / 10000 AS value_expected,
    toDecimal128(value_received, 4) / 10000 AS value_received, nullIf(due_at, toDateTime64(0, 3, 'UTC')) AS due_at, known_from
FROM completeness_current AS f FINAL;

CREATE VIEW v_ledger AS
WITH
    told AS (SELECT * FROM manifest FINAL),
    good AS (SELECT city, version, submission, chunk, hash FROM ledger FINAL WHERE kind = 'observations'),
    folded AS (
        SELECT p.city AS city, p.submission AS submission, p.period AS period, sum(p.rows) AS rows,
            sum(p.quarantined) AS quarantined
        FROM (SELECT * FROM ledger_period FINAL) AS p
        INNER JOIN good AS g ON g.city = p.city AND g.version = p.version
        GROUP BY city, submission, period
    ),
    replaced AS (
        SELECT x.city AS city, g.submission AS submission, x.period AS period, sum(x.rows) AS rows
        FROM (SELECT * FROM supersession FINAL) AS x
        INNER JOIN good AS g ON g.city = x.city AND g.version = x.superseded_version
        INNER JOIN good AS by ON by.city = x.city AND by.version = x.version
        GROUP BY city, submission, period
    ),
    lost AS (
        SELECT m.city AS city, m.submission AS submission, m.period AS period, sum(m.rows) AS rows
        FROM (SELECT * FROM manifest_chunk FINAL) AS m
        LEFT ANTI JOIN good AS g ON g.city = m.city AND g.submission = m.submission AND g.chunk = m.chunk AND g.hash = m.hash
        GROUP BY city, submission, period
    ),
    every AS (
        SELECT city, submission, reporter, table_code, period, declared, accepted, rejected, arrived_at, 1 AS ended FROM told
        UNION ALL
        SELECT f.city, f.submission, any(l.reporter), any(l.table_code), f.period, any(f.rows), any(f.rows), 0, any(l.arrived_at), 0
        FROM folded AS f INNER JOIN (SELECT city, submission, reporter, table_code, arrived_at FROM ledger FINAL WHERE kind = 'observations') AS l
            ON l.city = f.city AND l.submission = f.submission
        WHERE (f.city, f.submission) NOT IN (SELECT city, submission FROM told)
        GROUP BY f.city, f.submission, f.period
    )
SELECT c.code AS city, e.submission AS submission, e.reporter AS reporter, e.table_code AS table_code,
    concat(leftPad(toString(intDiv(e.period, 100)), 4, '0'), multiIf(e.period % 100 = 0, '', e.period % 100 > 20, concat('-Q', toString(e.period % 100 - 20)), concat('-M', leftPad(toString(e.period % 100), 2, '0')))) AS period, toLastDayOfMonth(makeDate(intDiv(e.period, 100), multiIf(e.period % 100 = 0, 12, e.period % 100 > 20, (e.period % 100 - 20) * 3, e.period % 100), 1)) AS period_end, e.declared AS declared, e.accepted AS accepted, e.rejected AS rejected,
    toInt64(folded.rows) - toInt64(folded.quarantined) - toInt64(replaced.rows) AS stored, replaced.rows AS superseded,
    folded.quarantined AS quarantined, lost.rows AS dead,
    toInt64(e.accepted) - toInt64(folded.rows) - toInt64(lost.rows) AS pending,
    e.ended = 1 AND dead = 0 AND pending = 0 AS settled, e.arrived_at AS arrived_at
FROM every AS e
LEFT JOIN folded ON folded.city = e.city AND folded.submission = e.submission AND folded.period = e.period
LEFT JOIN replaced ON replaced.city = e.city AND replaced.submission = e.submission AND replaced.period = e.period
LEFT JOIN lost ON lost.city = e.city AND lost.submission = e.submission AND lost.period = e.period
LEFT JOIN (SELECT city, code FROM dimension FINAL WHERE class = 'city') AS c ON c.city = e.city;

CREATE VIEW v_quarantine AS
SELECT c.code AS city, l.submission AS submission, l.reporter AS reporter, l.table_code AS table_code, o.ordinal AS ordinal,
    u.code AS unit, i.code AS item, concat(leftPad(toString(intDiv(o.period, 100)), 4, '0'), multiIf(o.period % 100 = 0, '', o.period % 100 > 20, concat('-Q', toString(o.period % 100 - 20)), concat('-M', leftPad(toString(o.period % 100), 2, '0')))) AS period, reinterpret(o.value, 'Decimal(18, 4)') AS value, transform(o.status, [0, 1, 2, 3, 4], ['reported', 'missing', 'not_applicable', 'estimated', 'withdrawn'], 'unknown') AS status,
    o.reason AS reason, l.known_from AS known_from
FROM (SELECT * FROM quarantine FINAL) AS o
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'city') AS c ON c.city = o.city AND c.id = o.city
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'item') AS i ON i.city = o.city AND i.id = o.item
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'unit') AS u ON u.city = o.city AND u.id = o.unit
LEFT JOIN (SELECT * FROM ledger FINAL) AS l ON l.city = o.city AND l.version = o.version;

CREATE VIEW v_anomaly AS
SELECT c.code AS city, t.code AS table_code, i.code AS item, u.code AS unit, u.name_zh AS unit_name, concat(leftPad(toString(intDiv(o.period, 100)), 4, '0'), multiIf(o.period % 100 = 0, '', o.period % 100 > 20, concat('-Q', toString(o.period % 100 - 20)), concat('-M', leftPad(toString(o.period % 100), 2, '0')))) AS period,
    toLastDayOfMonth(makeDate(intDiv(o.period, 100), multiIf(o.period % 100 = 0, 12, o.period % 100 > 20, (o.period % 100 - 20) * 3, o.period % 100), 1)) AS period_end, o.kind AS kind, o.score AS score, reinterpret(o.value, 'Decimal(18, 4)') AS value,
    reinterpret(o.median, 'Decimal(18, 4)') AS median, reinterpret(o.proposed, 'Decimal(18, 4)') AS proposed,
    o.evidence AS evidence, if(n.version = o.version, o.state, 'corrected') AS state, o.known_from AS known_from
FROM (SELECT * FROM anomaly FINAL) AS o
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'city') AS c ON c.city = o.city AND c.id = o.city
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'table') AS t ON t.city = o.city AND t.id = o.table_id
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'item') AS i ON i.city = o.city AND i.id = o.item
LEFT JOIN (SELECT city, id, code, name_zh, attributes FROM dimension FINAL WHERE class = 'unit') AS u ON u.city = o.city AND u.id = o.unit
LEFT JOIN (
    SELECT city, item, period, unit, max(version) AS version FROM observation_current
    WHERE (city, item, period, unit) IN (SELECT city, item, period, unit FROM anomaly)
    GROUP BY city, item, period, unit
) AS n ON n.city = o.city AND n.item = o.item AND n.period = o.period AND n.unit = o.unit;

CREATE VIEW v_alert AS
SELECT city, id, kind, level, subject_level, subject, indicator, period, state, opened_at, closed_at, evidence FROM alert FINAL
