"""The protocol of Cellwire."""
