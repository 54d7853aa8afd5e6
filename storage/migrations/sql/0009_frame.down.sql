DROP VIEW IF EXISTS v_frame_case;
DROP VIEW IF EXISTS v_frame;
DROP TABLE IF EXISTS frame_case_current;
DROP TABLE IF EXISTS frame_case_history;
DROP TABLE IF EXISTS frame_current;
DROP TABLE IF EXISTS frame_history;
