"""A shop that uses PortOne's server SDK with another base URL and nothing else changed."""

from .shop import Shop
from .story import Story

__all__ = ["Shop", "Story"]
