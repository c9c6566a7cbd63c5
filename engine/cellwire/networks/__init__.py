"""Networks: architectures, weights and the registry of models."""
