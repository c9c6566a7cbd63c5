"""Stacks: from (Z, Y, X) images to objects in three dimensions, and objects through time."""
