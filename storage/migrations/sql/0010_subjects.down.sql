CREATE OR REPLACE VIEW v_subject AS
SELECT c.code AS city, o.level AS level, o.code AS code, o.name_zh AS name, o.name_en AS name_en,
    o.attributes AS attributes, o.city AS city_id
FROM (SELECT * FROM dimension FINAL WHERE class IN ('subject', 'unit')) AS o
LEFT JOIN (SELECT city, code FROM name_of WHERE class = 'city') AS c ON c.city = o.city;
