"""Serving: the gRPC front door."""
