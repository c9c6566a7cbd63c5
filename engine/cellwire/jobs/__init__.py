"""Jobs: running segmentations on one device, fairly and cancellably."""
