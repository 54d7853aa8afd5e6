"""The pure statistical core (指标): no I/O, no clock, imports no other room."""
