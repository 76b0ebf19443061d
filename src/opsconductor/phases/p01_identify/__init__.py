"""P1 identify: who asks, in which session, and everything the turn needs to know before it listens."""
