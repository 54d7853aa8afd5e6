DROP VIEW IF EXISTS v_keys_changed;
