-- Figures that a department's file made of other keys than the unit has now (主键已变): a key was given
-- to the unit, or taken from it, for the period after the file had come. They stand as they were sent
-- until the file is sent again. `added` and `gone` are the keys.
CREATE VIEW v_keys_changed AS
SELECT c.code AS city, f.source AS source, f.table_code AS table_code, f.scheme AS scheme,
    u.code AS unit, u.name_zh AS unit_name, f.period AS period, f.period_end AS period_end,
    f.item AS item, if(f.status IN (0, 3), reinterpret(f.value, 'Decimal(18, 4)'), NULL) AS value,
    f.added AS added, f.gone AS gone, l.submission AS submission, l.known_from AS known_from
FROM (
    SELECT city, source, table_code, scheme, item, unit, period_id, version,
        any(k.period) AS period, any(k.period_end) AS period_end, any(k.value) AS value,
        any(k.status) AS status,
        arraySort(groupArrayIf(k.key, k.now > k.before)) AS added,
        arraySort(groupArrayIf(k.key, k.now < k.before)) AS gone
    FROM (
        SELECT city, source, table_code, scheme, item, unit, period_id, version, key,
            any(s.period) AS period, any(s.period_end) AS period_end, any(s.value) AS value,
            any(s.status) AS status,
            max(s.now_last = 'put_membership'
                AND (s.now_to = '' OR s.now_to > toString(s.period_end))) AS now,
            max(s.then_last = 'put_membership'
                AND (s.then_to = '' OR s.then_to > toString(s.period_end))) AS before
        FROM (
            SELECT o.city AS city, t.source AS source, t.table_code AS table_code,
                t.scheme AS scheme, t.item AS item, o.unit AS unit, o.period AS period_id,
                o.version AS version, e.key AS key, e.valid_from AS valid_from,
                any(o.period_text) AS period, any(o.period_end) AS period_end,
                any(o.value) AS value, any(o.status) AS status,
                argMax(e.action, (e.at, e.ordinal)) AS now_last,
                argMax(e.valid_to, (e.at, e.ordinal)) AS now_to,
                argMaxIf(e.action, (e.at, e.ordinal), e.at < o.version) AS then_last,
                argMaxIf(e.valid_to, (e.at, e.ordinal), e.at < o.version) AS then_to
            FROM (
                SELECT *, period_text, period_end FROM observation_current FINAL
                WHERE (city, unit) IN (
                    SELECT city, unit FROM register_event WHERE startsWith(grouping, ':key.'))
            ) AS o
            INNER JOIN (
                SELECT n.city AS city, toUInt16(s.id) AS source_id, toUInt32(i.id) AS item_id,
                    s.code AS source, n.table_code AS table_code, n.scheme AS scheme, i.code AS item
                FROM (
                    SELECT city, code AS table_code,
                        JSONExtractString(attributes, 'source') AS source,
                        JSONExtractString(attributes, 'keys') AS scheme,
                        arrayJoin(JSONExtract(attributes, 'items', 'Array(String)')) AS item
                    FROM name_of
                    WHERE class = 'table' AND JSONExtractString(attributes, 'keys') != ''
                ) AS n
                INNER JOIN (SELECT city, id, code FROM name_of WHERE class = 'source') AS s
                    ON s.city = n.city AND s.code = n.source
                INNER JOIN (SELECT city, id, code FROM name_of WHERE class = 'item') AS i
                    ON i.city = n.city AND i.code = n.item
            ) AS t ON t.city = o.city AND t.source_id = o.source AND t.item_id = o.item
            INNER JOIN (
                SELECT city, unit, substring(grouping, 6) AS scheme, member AS key, valid_from,
                    valid_to, action, version AS at, ordinal
                FROM register_event FINAL
                WHERE startsWith(grouping, ':key.')
                    AND (city, version) IN (SELECT city, version FROM ledger)
            ) AS e ON e.city = o.city AND e.unit = o.unit AND e.scheme = t.scheme
            WHERE e.valid_from <= toString(o.period_end)
            GROUP BY city, source, table_code, scheme, item, unit, period_id, version, key,
                valid_from
        ) AS s
        GROUP BY city, source, table_code, scheme, item, unit, period_id, version, key
        HAVING now != before
    ) AS k
    GROUP BY city, source, table_code, scheme, item, unit, period_id, version
) AS f
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = f.city
LEFT JOIN (SELECT city, id, code, name_zh FROM dimension FINAL WHERE class = 'unit') AS u
    ON u.city = f.city AND u.id = f.unit
LEFT JOIN (SELECT city, version, submission, known_from FROM ledger FINAL) AS l
    ON l.city = f.city AND l.version = f.version;
