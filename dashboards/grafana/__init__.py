"""Grafana: boards and provisioning files from `dashboards.boards`, checked, written or pushed."""
