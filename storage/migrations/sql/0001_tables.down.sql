DROP TABLE IF EXISTS alert; DROP TABLE IF EXISTS dimension; DROP TABLE IF EXISTS control_event;
DROP TABLE IF EXISTS register_event; DROP TABLE IF EXISTS anomaly;
DROP TABLE IF EXISTS completeness_history; DROP TABLE IF EXISTS completeness_current;
DROP TABLE IF EXISTS figure_history; DROP TABLE IF EXISTS figure_current;
DROP TABLE IF EXISTS manifest_chunk; DROP TABLE IF EXISTS manifest; DROP TABLE IF EXISTS supersession;
DROP TABLE IF EXISTS ledger_period; DROP TABLE IF EXISTS ledger; DROP TABLE IF EXISTS quarantine;
DROP TABLE IF EXISTS unit_return; DROP TABLE IF EXISTS observation_superseded;
DROP TABLE IF EXISTS observation_current
