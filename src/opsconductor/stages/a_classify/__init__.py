"""Stage A: what a message wants, as a DecisionV1."""
