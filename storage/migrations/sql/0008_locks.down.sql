CREATE OR REPLACE VIEW v_completeness AS
SELECT city_code AS city, level, subject, table_code, period_text AS period, period_end, expected,
    received, on_time, late, missing, CAST(NULL, 'Nullable(UInt32)') AS exempt,
    CAST(NULL, 'Nullable(UInt32)') AS extended, CAST(NULL, 'Nullable(UInt32)') AS queried,
    CAST(NULL, 'Nullable(UInt32)') AS rejected, CAST(NULL, 'Nullable(Bool)') AS approved,
    CAST(NULL, 'Nullable(Bool)') AS locked,
    reinterpret(f.value_expected, 'Decimal(38, 4)') AS value_expected,
    reinterpret(f.value_received, 'Decimal(38, 4)') AS value_received,
    nullIf(f.due_at, toDateTime64(0, 3, 'UTC')) AS due_at, known_from
FROM completeness_current AS f FINAL;
DROP VIEW IF EXISTS v_lock;
