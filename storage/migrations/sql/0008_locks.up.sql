-- Decisions to lock and to reopen are few, but the records beside them hold whole catalogues: no
-- FINAL, so that their bodies need not be read; rows inserted again fall to DISTINCT.
CREATE VIEW v_lock AS
SELECT c.code AS city, o.table_code AS table_code,
    concat(toString(intDiv(o.period_id, 100)),
        ['', '-M01', '-M02', '-M03', '-M04', '-M05', '-M06', '-M07', '-M08', '-M09', '-M10', '-M11',
        '-M12', '', '', '', '', '', '', '', '', '-Q1', '-Q2', '-Q3', '-Q4'][o.period_id % 100 + 1]
    ) AS period,
    o.decision AS decision, o.reason AS reason, o.by AS by, o.document AS document,
    fromUnixTimestamp64Milli(o.decided_ms, 'UTC') AS decided_at,
    o.decision = 'lock' AND o.version > maxIf(o.version, o.decision = 'reopen')
        OVER (PARTITION BY o.city, o.table_code, o.period_id) AS in_force,
    o.known_from AS known_from
FROM (
    SELECT DISTINCT city, version, type AS decision, JSONExtractString(body, 'table') AS table_code,
        toInt32(JSONExtractInt(body, 'period')) AS period_id,
        JSONExtractString(body, 'reason') AS reason, JSONExtractString(body, 'by') AS by,
        JSONExtractString(body, 'document') AS document,
        JSONExtractInt(body, 'decided_ms') AS decided_ms, known_from
    FROM control_event
    WHERE type IN ('lock', 'reopen') AND (city, version) IN (SELECT city, version FROM ledger)
) AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city;

CREATE OR REPLACE VIEW v_completeness AS
SELECT city_code AS city, level, subject, table_code, period_text AS period, period_end, expected,
    received, on_time, late, missing, CAST(NULL, 'Nullable(UInt32)') AS exempt,
    CAST(NULL, 'Nullable(UInt32)') AS extended, CAST(NULL, 'Nullable(UInt32)') AS queried,
    CAST(NULL, 'Nullable(UInt32)') AS rejected, CAST(NULL, 'Nullable(Bool)') AS approved,
    CAST((f.city_code, f.table_code, f.period_text) IN
        (SELECT city, table_code, period FROM v_lock WHERE in_force), 'Nullable(Bool)') AS locked,
    reinterpret(f.value_expected, 'Decimal(38, 4)') AS value_expected,
    reinterpret(f.value_received, 'Decimal(38, 4)') AS value_received,
    nullIf(f.due_at, toDateTime64(0, 3, 'UTC')) AS due_at, known_from
FROM completeness_current AS f FINAL;
