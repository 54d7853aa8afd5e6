-- Members of groupings with their type, lead district, validity and successors; '' and NULL where none is given.
CREATE OR REPLACE VIEW v_subject AS
SELECT c.code AS city, o.level AS level, o.code AS code, o.name_zh AS name, o.name_en AS name_en,
    JSONExtractString(o.member, 'type') AS type, JSONExtractString(o.member, 'lead') AS lead,
    toDate32OrNull(JSONExtractString(o.member, 'valid_from')) AS valid_from,
    toDate32OrNull(JSONExtractString(o.member, 'valid_to')) AS valid_to,
    JSONExtract(o.member, 'successors', 'Array(String)') AS successors,
    o.attributes AS attributes, o.city AS city_id
FROM (
    SELECT *, if(class = 'subject', attributes, '{}') AS member
    FROM dimension FINAL WHERE class IN ('subject', 'unit')
) AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city;
