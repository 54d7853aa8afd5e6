DROP VIEW IF EXISTS v_unmatched;
