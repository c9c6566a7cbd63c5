"""Cellwire: one warm engine for Cellpose cell segmentation."""

from cellwire.version import __version__

__all__ = ["__version__"]
