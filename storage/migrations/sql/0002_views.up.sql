-- The public SQL interface: columns may be added, never changed. Every view begins with the city's
-- code; periods are SDMX texts. Columns ..._id are the stored keys: a filter on them hits the
-- primary key, one on texts finds its keys through small joins and the period's index.

-- Codes and names behind stored integers. An id keeps its latest name.
CREATE VIEW name_of AS
SELECT city, class, id, argMax(d.code, d.version) AS code, argMax(d.name_zh, d.version) AS name_zh,
    argMax(d.name_en, d.version) AS name_en, argMax(d.attributes, d.version) AS attributes
FROM dimension AS d
WHERE class IN ('city', 'source', 'table', 'item', 'indicator')
GROUP BY city, class, id;

CREATE VIEW v_observation AS
SELECT c.code AS city, s.code AS source, u.code AS unit, i.code AS item, o.period_text AS period,
    o.period_end AS period_end,
    if(o.status IN (0, 3), reinterpret(o.value, 'Decimal(18, 4)'), NULL) AS value,
    transform(o.status, [0, 1, 2, 3, 4],
        ['reported', 'missing', 'not_applicable', 'estimated', 'withdrawn'], 'unknown') AS status,
    l.submission AS submission, l.arrived_at AS arrived_at, l.known_from AS known_from,
    o.city AS city_id, o.item AS item_id, o.period AS period_id, o.unit AS unit_id
FROM (SELECT *, period_text, period_end FROM observation_current FINAL) AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city
LEFT JOIN (SELECT city, toUInt16(id) AS id, code FROM name_of WHERE class = 'source') AS s
    ON s.city = o.city AND s.id = o.source
LEFT JOIN (SELECT city, toUInt32(id) AS id, code FROM name_of WHERE class = 'item') AS i
    ON i.city = o.city AND i.id = o.item
LEFT JOIN (SELECT city, id, code, name_zh FROM dimension FINAL WHERE class = 'unit') AS u
    ON u.city = o.city AND u.id = o.unit
LEFT JOIN (SELECT city, version, submission, arrived_at, known_from FROM ledger FINAL) AS l
    ON l.city = o.city AND l.version = o.version;

-- known_to is the moment another version of the cell became known; NULL: it stands.
CREATE VIEW v_observation_history AS
SELECT c.code AS city, s.code AS source, u.code AS unit, i.code AS item, o.period_text AS period,
    o.period_end AS period_end,
    if(o.status IN (0, 3), reinterpret(o.value, 'Decimal(18, 4)'), NULL) AS value,
    transform(o.status, [0, 1, 2, 3, 4],
        ['reported', 'missing', 'not_applicable', 'estimated', 'withdrawn'], 'unknown') AS status,
    l.submission AS submission, l.arrived_at AS arrived_at, l.known_from AS known_from,
    if(o.superseded_by = 0, NULL, n.known_from) AS known_to,
    o.city AS city_id, o.item AS item_id, o.period AS period_id, o.unit AS unit_id
FROM (
    SELECT city, source, item, period, unit, value, status, version, 0::UInt64 AS superseded_by,
        period_text, period_end
    FROM observation_current FINAL
    UNION ALL
    SELECT city, source, item, period, unit, value, status, version, superseded_by,
        period_text, period_end
    FROM observation_superseded FINAL
    WHERE (city, superseded_by) IN (SELECT city, version FROM ledger)
) AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city
LEFT JOIN (SELECT city, toUInt16(id) AS id, code FROM name_of WHERE class = 'source') AS s
    ON s.city = o.city AND s.id = o.source
LEFT JOIN (SELECT city, toUInt32(id) AS id, code FROM name_of WHERE class = 'item') AS i
    ON i.city = o.city AND i.id = o.item
LEFT JOIN (SELECT city, id, code, name_zh FROM dimension FINAL WHERE class = 'unit') AS u
    ON u.city = o.city AND u.id = o.unit
LEFT JOIN (SELECT city, version, submission, arrived_at, known_from FROM ledger FINAL) AS l
    ON l.city = o.city AND l.version = o.version
LEFT JOIN (SELECT city, version, known_from FROM ledger FINAL) AS n
    ON n.city = o.city AND n.version = o.superseded_by;

-- Formulas of the indicators that are shown for single units: one row an item, factors in 10^-6.
-- One pass over the names, because every join here is paid by each plan of v_indicator.
CREATE VIEW unit_formula AS
SELECT city, city_code, catalogue_version, indicator_code, standing, source,
    items[item_code] AS item, length(codes) AS items_needed, notEmpty(below_of) AS is_ratio,
    splitByChar('/', above_of[item_code]) AS above_parts,
    splitByChar('/', below_of[item_code]) AS below_parts,
    intDiv(toInt128OrZero(above_parts[1]) * 1000000, greatest(toInt128OrZero(above_parts[2]), 1)) AS above,
    intDiv(toInt128OrZero(below_parts[1]) * 1000000, greatest(toInt128OrZero(below_parts[2]), 1)) AS below
FROM (
    SELECT city, city_code, catalogue_version, items, indicator.1 AS indicator_code,
        standings[JSONExtractString(indicator.2, 'table')] AS standing,
        sources[JSONExtractString(indicator.2, 'source')] AS source,
        JSONExtract(indicator.2, 'numerator', 'Map(String, String)') AS above_of,
        JSONExtract(indicator.2, 'denominator', 'Map(String, String)') AS below_of,
        arrayDistinct(arrayConcat(mapKeys(above_of), mapKeys(below_of))) AS codes
    FROM (
        SELECT city, anyIf(code, class = 'city') AS city_code,
            toUInt32(JSONExtractUInt(anyIf(attributes, class = 'city'), 'version')) AS catalogue_version,
            CAST((groupArrayIf(code, class = 'source'), groupArrayIf(toUInt16(id), class = 'source')),
                'Map(String, UInt16)') AS sources,
            CAST((groupArrayIf(code, class = 'item'), groupArrayIf(toUInt32(id), class = 'item')),
                'Map(String, UInt32)') AS items,
            CAST((groupArrayIf(code, class = 'table'),
                groupArrayIf(JSONExtractString(attributes, 'standing'), class = 'table')),
                'Map(String, String)') AS standings,
            groupArrayIf((code, attributes), class = 'indicator'
                AND has(JSONExtract(attributes, 'levels', 'Array(String)'), 'unit')) AS indicators
        FROM dimension FINAL
        WHERE class IN ('city', 'source', 'table', 'item', 'indicator')
        GROUP BY city
    )
    ARRAY JOIN indicators AS indicator
)
ARRAY JOIN codes AS item_code;

-- Stored figures, and the figures of single units (level unit, measure current) computed from
-- observations: a unit has one if every item of the formula is reported. A filter on another
-- level reaches every table below (materialize keeps the constant a column) and reads none.
CREATE VIEW v_indicator AS
SELECT city_code AS city, level, subject, by_level, by_subject, indicator_code AS indicator,
    period_text AS period, period_end, measure, scope, if(isNaN(f.value), NULL, f.value) AS value,
    reinterpret(f.numerator, 'Decimal(38, 10)') AS numerator,
    reinterpret(f.denominator, 'Decimal(38, 10)') AS denominator, units, expected_units, reason,
    toBool(f.provisional) AS provisional, standing, known_from, catalogue_version,
    f.city AS city_id, f.period AS period_id
FROM figure_current AS f FINAL
UNION ALL
SELECT toLowCardinality(g.city_code) AS city, toLowCardinality(g.level) AS level,
    toLowCardinality(u.code) AS subject, toLowCardinality('') AS by_level,
    toLowCardinality('') AS by_subject, toLowCardinality(g.indicator_code) AS indicator,
    g.period_text AS period, g.period_end AS period_end, toLowCardinality(g.measure) AS measure,
    toLowCardinality('all') AS scope,
    if(g.below = 0, NULL, toFloat64(g.above) / toFloat64(g.below)) AS value,
    reinterpret(g.above, 'Decimal(38, 10)') AS numerator,
    reinterpret(g.below, 'Decimal(38, 10)') AS denominator, 1::UInt32 AS units,
    1::UInt32 AS expected_units,
    toLowCardinality(if(g.below = 0, 'zero_denominator', '')) AS reason, false AS provisional,
    toLowCardinality(g.standing) AS standing, l.known_from AS known_from,
    g.catalogue_version AS catalogue_version, g.city AS city_id, g.period AS period_id
FROM (
    SELECT materialize('unit') AS level, materialize('current') AS measure, o.city AS city,
        f.city_code AS city_code, f.indicator_code AS indicator_code, o.period AS period,
        o.period_text AS period_text, o.period_end AS period_end, o.unit AS unit,
        f.standing AS standing, f.catalogue_version AS catalogue_version,
        sum(toInt128(o.value) * f.above) AS above,
        if(any(f.is_ratio), sum(toInt128(o.value) * f.below), toInt128(10000000000)) AS below,
        max(o.version) AS version
    FROM (SELECT *, period_text, period_end FROM observation_current FINAL WHERE status = 0) AS o
    INNER JOIN unit_formula AS f ON f.city = o.city AND f.item = o.item AND f.source = o.source
    GROUP BY level, measure, city, city_code, indicator_code, period, period_text, period_end, unit,
        standing, catalogue_version
    HAVING count() = any(f.items_needed)
) AS g
LEFT JOIN (
    SELECT materialize('unit') AS level, city, id, code FROM dimension FINAL WHERE class = 'unit'
) AS u ON u.level = g.level AND u.city = g.city AND u.id = g.unit
LEFT JOIN (
    SELECT materialize('unit') AS level, city, version, known_from FROM ledger FINAL
) AS l ON l.level = g.level AND l.city = g.city AND l.version = g.version;

CREATE VIEW v_indicator_history AS
SELECT city_code AS city, level, subject, by_level, by_subject, indicator_code AS indicator,
    period_text AS period, period_end, measure, scope, if(isNaN(f.value), NULL, f.value) AS value,
    reinterpret(f.numerator, 'Decimal(38, 10)') AS numerator,
    reinterpret(f.denominator, 'Decimal(38, 10)') AS denominator, units, expected_units, reason,
    toBool(f.provisional) AS provisional, standing, known_from, catalogue_version,
    f.city AS city_id, f.period AS period_id
FROM figure_history AS f FINAL
WHERE (f.city, f.version) IN (SELECT city, version FROM ledger);

CREATE VIEW v_subject AS
SELECT c.code AS city, o.level AS level, o.code AS code, o.name_zh AS name, o.name_en AS name_en,
    o.attributes AS attributes, o.city AS city_id
FROM (SELECT * FROM dimension FINAL WHERE class IN ('subject', 'unit')) AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city;

CREATE VIEW v_item AS
SELECT c.code AS city, toUInt32(o.id) AS id, o.code AS code, o.name_zh AS name, o.name_en AS name_en,
    JSONExtractString(o.attributes, 'unit') AS unit,
    JSONExtractInt(o.attributes, 'decimals') AS decimals,
    JSONExtractString(o.attributes, 'kind') AS kind
FROM (SELECT * FROM name_of WHERE class = 'item') AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city;

CREATE VIEW v_indicator_card AS
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

-- queried, rejected, approved, locked are not tracked yet: NULL, not zero.
CREATE VIEW v_completeness AS
SELECT city_code AS city, level, subject, table_code, period_text AS period, period_end, expected,
    received, on_time, late, missing, exempt, extended, CAST(NULL, 'Nullable(UInt32)') AS queried,
    CAST(NULL, 'Nullable(UInt32)') AS rejected, CAST(NULL, 'Nullable(Bool)') AS approved,
    CAST(NULL, 'Nullable(Bool)') AS locked,
    reinterpret(f.value_expected, 'Decimal(38, 4)') AS value_expected,
    reinterpret(f.value_received, 'Decimal(38, 4)') AS value_received,
    nullIf(f.due_at, toDateTime64(0, 3, 'UTC')) AS due_at, known_from
FROM completeness_current AS f FINAL;

-- One row a submission and period; adds small numbers of the ledger, never scans observations.
-- Before its manifest a submission declares what has been seen of it, and is not settled.
CREATE VIEW v_ledger AS
SELECT c.code AS city, o.submission AS submission, o.reporter AS reporter, o.table_code AS table_code,
    o.period AS period, o.period_end AS period_end, o.declared AS declared, o.accepted AS accepted,
    o.rejected AS rejected,
    toInt64(o.folded) - toInt64(o.quarantined) - toInt64(o.superseded) AS stored,
    o.superseded AS superseded, o.quarantined AS quarantined, o.dead AS dead,
    toInt64(o.accepted) - toInt64(o.folded) - toInt64(o.dead) AS pending,
    o.ended = 1 AND dead = 0 AND pending = 0 AS settled, o.arrived_at AS arrived_at
FROM (
    SELECT city, submission, max(p.reporter) AS reporter, max(p.table_code) AS table_code,
        max(p.period_text) AS period, max(p.period_end) AS period_end, max(p.ended) AS ended,
        if(ended = 1, sum(p.declared), sum(p.folded)) AS declared,
        if(ended = 1, sum(p.accepted), sum(p.folded)) AS accepted, sum(p.rejected) AS rejected,
        sum(p.folded) AS folded, sum(p.quarantined) AS quarantined,
        sum(p.superseded) AS superseded, sum(p.dead) AS dead, max(p.arrived_at) AS arrived_at
    FROM (
        SELECT city, submission, period AS period_id, reporter, table_code, period_text, period_end,
            arrived_at, 1 AS ended, declared, accepted, rejected, 0::UInt64 AS folded,
            0::UInt64 AS quarantined, 0::UInt64 AS superseded, 0::UInt64 AS dead
        FROM manifest FINAL
        UNION ALL
        SELECT r.city, r.submission, r.period, g.reporter, g.table_code, r.period_text, r.period_end,
            g.arrived_at, 0, 0, 0, 0, r.rows, r.quarantined, 0, 0
        FROM (SELECT *, period_text, period_end FROM ledger_period FINAL) AS r
        INNER JOIN (SELECT * FROM ledger FINAL WHERE kind = 'observations') AS g
            ON g.city = r.city AND g.version = r.version
        UNION ALL
        SELECT r.city, g.submission, r.period, '', '', '', toDate(0), toDateTime64(0, 3, 'UTC'),
            0, 0, 0, 0, 0, 0, r.rows, 0
        FROM (SELECT * FROM supersession FINAL
            WHERE (city, version) IN (SELECT city, version FROM ledger)) AS r
        INNER JOIN (SELECT * FROM ledger FINAL WHERE kind = 'observations') AS g
            ON g.city = r.city AND g.version = r.superseded_version
        UNION ALL
        SELECT r.city, r.submission, r.period, '', '', '', toDate(0), toDateTime64(0, 3, 'UTC'),
            0, 0, 0, 0, 0, 0, 0, r.rows
        FROM (SELECT * FROM manifest_chunk FINAL) AS r
        LEFT ANTI JOIN (SELECT * FROM ledger FINAL WHERE kind = 'observations') AS g
            ON g.city = r.city AND g.submission = r.submission AND g.chunk = r.chunk
            AND g.hash = r.hash
    ) AS p
    GROUP BY city, submission, period_id
) AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city;

CREATE VIEW v_quarantine AS
SELECT c.code AS city, l.submission AS submission, l.reporter AS reporter,
    l.table_code AS table_code, o.ordinal AS ordinal, u.code AS unit, i.code AS item,
    o.period_text AS period, o.period_end AS period_end,
    reinterpret(o.value, 'Decimal(18, 4)') AS value,
    transform(o.status, [0, 1, 2, 3, 4],
        ['reported', 'missing', 'not_applicable', 'estimated', 'withdrawn'], 'unknown') AS status,
    o.reason AS reason, l.known_from AS known_from
FROM (SELECT *, period_text, period_end FROM quarantine FINAL) AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city
LEFT JOIN (SELECT city, toUInt32(id) AS id, code FROM name_of WHERE class = 'item') AS i
    ON i.city = o.city AND i.id = o.item
LEFT JOIN (SELECT city, id, code, name_zh FROM dimension FINAL WHERE class = 'unit') AS u
    ON u.city = o.city AND u.id = o.unit
INNER JOIN (SELECT * FROM ledger FINAL) AS l ON l.city = o.city AND l.version = o.version;

-- A finding about a value that another one has replaced is corrected.
CREATE VIEW v_anomaly AS
SELECT c.code AS city, t.code AS table_code, i.code AS item, u.code AS unit, u.name_zh AS unit_name,
    o.period_text AS period, o.period_end AS period_end, o.kind AS kind, o.score AS score,
    reinterpret(o.value, 'Decimal(18, 4)') AS value,
    reinterpret(o.median, 'Decimal(18, 4)') AS median,
    reinterpret(o.proposed, 'Decimal(18, 4)') AS proposed, o.evidence AS evidence,
    if(n.version = o.version, o.state, 'corrected') AS state, o.known_from AS known_from
FROM (SELECT *, period_text, period_end FROM anomaly FINAL) AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city
LEFT JOIN (SELECT city, toUInt32(id) AS id, code FROM name_of WHERE class = 'table') AS t
    ON t.city = o.city AND t.id = o.table_id
LEFT JOIN (SELECT city, toUInt32(id) AS id, code FROM name_of WHERE class = 'item') AS i
    ON i.city = o.city AND i.id = o.item
LEFT JOIN (SELECT city, id, code, name_zh FROM dimension FINAL WHERE class = 'unit') AS u
    ON u.city = o.city AND u.id = o.unit
LEFT JOIN (
    SELECT city, item, period, unit, max(version) AS version
    FROM observation_current
    WHERE (city, item, period, unit) IN (SELECT city, item, period, unit FROM anomaly)
    GROUP BY city, item, period, unit
) AS n ON n.city = o.city AND n.item = o.item AND n.period = o.period AND n.unit = o.unit;

CREATE VIEW v_alert AS
SELECT city, id, kind, level, subject_level, subject, indicator, period, state, opened_at, closed_at,
    evidence
FROM alert FINAL;
