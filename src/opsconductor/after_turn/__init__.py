"""What follows a reply, driven by the outbox: it survives a restart and may safely happen twice."""
