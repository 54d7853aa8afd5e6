-- Cells under a department's key that has no unit (未匹配), the last of each, until they are answered:
-- the key was given a unit, and a later submission brought that unit's figure. `unit` is the one that
-- the key has meanwhile, '' for none. A correspondence counts from when it was first put, so that
-- changing its end does not open what is answered.
CREATE VIEW v_unmatched AS
SELECT c.code AS city, t.source AS source, w.reporter AS reporter, w.table_code AS table_code,
    k.level AS scheme, k.code AS key, k.name_zh AS key_name, w.period AS period,
    w.period_end AS period_end, i.code AS item,
    if(w.status IN (0, 3), reinterpret(w.value, 'Decimal(18, 4)'), NULL) AS value,
    w.submission AS submission, w.since AS since, l.unit_code AS unit
FROM (
    SELECT q.city AS city, g.table_code AS table_code, q.unit AS key_id, q.item AS item,
        q.period AS period_id, any(q.period_text) AS period, any(q.period_end) AS period_end,
        argMax(q.value, (q.version, q.ordinal)) AS value,
        argMax(q.status, (q.version, q.ordinal)) AS status,
        argMax(g.reporter, q.version) AS reporter, argMax(g.submission, q.version) AS submission,
        max(q.version) AS at, min(g.known_from) AS since
    FROM (SELECT *, period_text, period_end FROM quarantine FINAL WHERE reason = 'unmatched') AS q
    INNER JOIN (SELECT * FROM ledger FINAL WHERE kind = 'observations') AS g
        ON g.city = q.city AND g.version = q.version
    GROUP BY city, table_code, key_id, item, period_id
) AS w
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = w.city
LEFT JOIN (
    SELECT n.city AS city, n.code AS code, JSONExtractString(n.attributes, 'source') AS source,
        toUInt16(s.id) AS source_id
    FROM (SELECT * FROM name_of WHERE class = 'table') AS n
    LEFT JOIN (SELECT city, id, code FROM name_of WHERE class = 'source') AS s
        ON s.city = n.city AND s.code = JSONExtractString(n.attributes, 'source')
) AS t ON t.city = w.city AND t.code = w.table_code
LEFT JOIN (SELECT city, toUInt32(id) AS id, code FROM name_of WHERE class = 'item') AS i
    ON i.city = w.city AND i.id = w.item
LEFT JOIN (SELECT city, id, level, code, name_zh FROM dimension FINAL WHERE class = 'unit') AS k
    ON k.city = w.city AND k.id = w.key_id
LEFT JOIN (
    SELECT q.city AS city, q.key_id AS key_id, q.period_id AS period_id,
        argMax(r.unit, r.valid_from) AS unit, argMax(r.code, r.valid_from) AS unit_code,
        argMax(r.first_put, r.valid_from) AS first_put
    FROM (
        SELECT DISTINCT city, unit AS key_id, period AS period_id, period_end
        FROM quarantine WHERE reason = 'unmatched'
    ) AS q
    INNER JOIN (
        SELECT city, xxHash64(concat(substring(grouping, 6), ':', member)) AS key_id,
            any(e.unit) AS unit, code, valid_from,
            argMax(e.valid_to, (e.version, e.ordinal)) AS valid_to,
            argMax(e.action, (e.version, e.ordinal)) AS last, min(e.version) AS first_put
        FROM (
            SELECT * FROM register_event FINAL
            WHERE startsWith(grouping, ':key.')
                AND (city, version) IN (SELECT city, version FROM ledger)
        ) AS e
        GROUP BY city, grouping, member, kind, code, valid_from
        HAVING last = 'put_membership'
    ) AS r ON r.city = q.city AND r.key_id = q.key_id
    WHERE r.valid_from <= toString(q.period_end)
        AND (r.valid_to = '' OR r.valid_to > toString(q.period_end))
    GROUP BY city, key_id, period_id
) AS l ON l.city = w.city AND l.key_id = w.key_id AND l.period_id = w.period_id
LEFT JOIN (
    SELECT o.city AS city, o.source AS source, o.item AS item, o.period AS period_id,
        o.unit AS unit, o.version AS version, g.submission AS submission
    FROM (
        SELECT city, source, item, period, unit, version FROM observation_current FINAL
        WHERE (city, item, period) IN
            (SELECT city, item, period FROM quarantine WHERE reason = 'unmatched')
    ) AS o
    INNER JOIN (SELECT city, version, submission FROM ledger FINAL) AS g
        ON g.city = o.city AND g.version = o.version
) AS a ON a.city = w.city AND a.source = t.source_id AND a.item = w.item
    AND a.period_id = w.period_id AND a.unit = l.unit
WHERE l.unit_code = '' OR a.version <= greatest(w.at, l.first_put) OR a.submission = w.submission;
