"""Runs all parts of the system on one machine."""
