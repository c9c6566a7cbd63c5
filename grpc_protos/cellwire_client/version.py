"""The client's version, and the revision of the protocol that it speaks."""

__version__ = "0.1.0"

REVISION = 2
"""Sent to the engine; compatible is a revision that is not below its ``min_client_revision``."""
