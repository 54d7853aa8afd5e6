-- A finding is about one version of a cell: the next finding of the cell stands beside it, so that
-- what was open at a moment can be told later. Another source's value of the cell corrects nothing.

CREATE OR REPLACE TABLE anomaly_moved AS anomaly ENGINE = ReplacingMergeTree PARTITION BY city
ORDER BY (city, table_id, item, period, unit, kind, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
INSERT INTO anomaly_moved SELECT * FROM anomaly FINAL SETTINGS max_partitions_per_insert_block = 0;
EXCHANGE TABLES anomaly_moved AND anomaly;
DROP TABLE anomaly_moved;

CREATE OR REPLACE VIEW v_anomaly AS
SELECT c.code AS city, t.code AS table_code, i.code AS item, u.code AS unit, u.name_zh AS unit_name,
    o.period_text AS period, o.period_end AS period_end, o.kind AS kind, o.score AS score,
    reinterpret(o.value, 'Decimal(18, 4)') AS value,
    reinterpret(o.median, 'Decimal(18, 4)') AS median,
    reinterpret(o.proposed, 'Decimal(18, 4)') AS proposed, o.evidence AS evidence,
    if(n.superseded_by = 0, o.state, 'corrected') AS state, o.known_from AS known_from
FROM (SELECT *, period_text, period_end FROM anomaly FINAL
    WHERE (city, version) IN (SELECT city, version FROM ledger)) AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city
LEFT JOIN (SELECT city, toUInt32(id) AS id, code FROM name_of WHERE class = 'table') AS t
    ON t.city = o.city AND t.id = o.table_id
LEFT JOIN (SELECT city, toUInt32(id) AS id, code FROM name_of WHERE class = 'item') AS i
    ON i.city = o.city AND i.id = o.item
LEFT JOIN (SELECT city, id, code, name_zh FROM dimension FINAL WHERE class = 'unit') AS u
    ON u.city = o.city AND u.id = o.unit
LEFT JOIN (
    SELECT city, item, period, unit, version, max(s.superseded_by) AS superseded_by
    FROM observation_superseded AS s
    WHERE (city, item, period, unit, version) IN (SELECT city, item, period, unit, version FROM anomaly)
        AND (city, s.superseded_by) IN (SELECT city, version FROM ledger)
    GROUP BY city, item, period, unit, version
) AS n ON n.city = o.city AND n.item = o.item AND n.period = o.period AND n.unit = o.unit
    AND n.version = o.version;

-- A manifest whose ledger row is still to come says nothing yet: its chunks would look dead.
CREATE OR REPLACE VIEW v_ledger AS
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
        WHERE (city, version) IN (SELECT city, version FROM ledger)
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
        FROM (SELECT * FROM manifest_chunk FINAL
            WHERE (city, version) IN (SELECT city, version FROM ledger)) AS r
        LEFT ANTI JOIN (SELECT * FROM ledger FINAL WHERE kind = 'observations') AS g
            ON g.city = r.city AND g.submission = r.submission AND g.chunk = r.chunk
            AND g.hash = r.hash
    ) AS p
    GROUP BY city, submission, period_id
) AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city;
