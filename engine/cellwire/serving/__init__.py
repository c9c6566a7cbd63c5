"""Serving: the engine over gRPC. The only room that knows the protocol."""
