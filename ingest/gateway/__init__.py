"""The gateway: HTTP in front of the desk that takes submissions."""
