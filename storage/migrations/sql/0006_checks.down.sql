DROP VIEW IF EXISTS v_check;
DROP TABLE IF EXISTS check_current;
DROP TABLE IF EXISTS check_history;
