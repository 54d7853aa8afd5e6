"""Command line and local runner, and the leaf modules every room may use."""
