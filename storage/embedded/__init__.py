"""A ClickHouse listener over the embedded engine (chDB): native TCP protocol, users and rights.

Clients meet what they would meet in a real server; production replaces it by changing the URL.
"""
