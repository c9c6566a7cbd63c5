"""Segmentation: from an image plane to labels, as pure functions over arrays."""

from cellwire.segmentation.kernel_cache import choose_kernel_cache

choose_kernel_cache()
