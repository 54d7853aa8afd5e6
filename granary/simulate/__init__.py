"""The simulated city (模拟城市): a register, all feeds, and a truth file of every planted fault.

Everything follows from a seed: the same plan writes the same bytes. Place names are real; zones,
enterprises, projects and every value are invented.
"""
