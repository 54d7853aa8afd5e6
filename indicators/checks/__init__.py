"""Checks (审核): rules of what must hold between values, judged per unit and period."""
