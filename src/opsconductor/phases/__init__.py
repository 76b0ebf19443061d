"""The eleven phases of a turn, P1 to P11, in order."""
