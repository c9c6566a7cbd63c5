"""Segmentation: from an image plane to labels, as pure functions over arrays."""
