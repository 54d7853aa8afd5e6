"""Planting faults (埋错) into a simulated city, and telling the truth of each."""
