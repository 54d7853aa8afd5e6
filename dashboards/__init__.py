"""What the city watches: Grafana boards and the web console."""
