"""What is checked at the door: pure functions from bytes to judged cells."""
