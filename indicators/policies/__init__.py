"""Policy (政策): a year's indices, targets and assessments, and what they make of figures."""
