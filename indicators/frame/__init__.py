"""Frame coverage (应统尽统): whether every unit that ought to be in the survey is in it."""
