"""The demonstration: real data pushed through the public gateway, as reporters would."""
