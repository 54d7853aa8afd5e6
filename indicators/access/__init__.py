"""Access screening (准入): whether a project may come into a zone, rule by rule."""
