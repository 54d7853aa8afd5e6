CREATE OR REPLACE VIEW v_completeness AS
SELECT city_code AS city, level, subject, table_code, period_text AS period, period_end, expected,
    received, on_time, late, missing, exempt, extended, CAST(NULL, 'Nullable(UInt32)') AS queried,
    CAST(NULL, 'Nullable(UInt32)') AS rejected, CAST(NULL, 'Nullable(Bool)') AS approved,
    CAST(NULL, 'Nullable(Bool)') AS locked,
    reinterpret(f.value_expected, 'Decimal(38, 4)') AS value_expected,
    reinterpret(f.value_received, 'Decimal(38, 4)') AS value_received,
    nullIf(f.due_at, toDateTime64(0, 3, 'UTC')) AS due_at, known_from
FROM completeness_current AS f FINAL;

CREATE OR REPLACE VIEW v_indicator AS
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

CREATE OR REPLACE VIEW unit_formula AS
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

CREATE OR REPLACE VIEW v_item AS
SELECT c.code AS city, toUInt32(o.id) AS id, o.code AS code, o.name_zh AS name, o.name_en AS name_en,
    JSONExtractString(o.attributes, 'unit') AS unit,
    JSONExtractInt(o.attributes, 'decimals') AS decimals,
    JSONExtractString(o.attributes, 'kind') AS kind
FROM (SELECT * FROM name_of WHERE class = 'item' AND NOT retired) AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city;
