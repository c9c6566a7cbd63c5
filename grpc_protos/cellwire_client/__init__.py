"""Thin client of the Cellwire engine."""
