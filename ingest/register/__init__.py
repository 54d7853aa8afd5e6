"""Register files and candidate feeds as submissions (名录报送)."""
