"""OpsConductor: plain-language operations that execute, and answer only with what was executed."""

__version__ = "0.1.0"
