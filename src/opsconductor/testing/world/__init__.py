"""The World: a process of its own that performs effects on request and keeps the only log that faults are judged by."""
