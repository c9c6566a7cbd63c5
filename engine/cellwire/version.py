"""The engine's version and the revisions by which parts recognise each other."""

__version__ = "0.1.0"

ALGORITHM_REVISION = 3
"""Raised when a request may give other labels than before; part of every cached result's key."""
