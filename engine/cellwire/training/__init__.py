"""Training: the 2021 recipe, from labelled images to a model."""
