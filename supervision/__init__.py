"""Deadlines, alerts and notices (督办): decided purely, recorded before they are sent."""
