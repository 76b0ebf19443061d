"""CEL by the library `cel`: missing names named, time bounded, names checked before anything runs."""

from opsconductor.adapters.expressions.cel.engine import CelExpressions, open_expressions

__all__ = ["CelExpressions", "open_expressions"]
