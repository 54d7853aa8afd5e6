"""The console: a live page for the monitoring centre, and the read API behind it."""
