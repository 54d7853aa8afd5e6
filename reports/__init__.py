"""Papers of the joint statistics meeting (联席会议材料)."""
