"""Rights by Cedar policies that ship with the package."""

from opsconductor.adapters.authorizer.cedar.engine import CedarAuthorizer

__all__ = ["CedarAuthorizer"]
