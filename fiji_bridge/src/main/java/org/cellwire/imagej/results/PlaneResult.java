package org.cellwire.imagej.results;

import org.cellwire.imagej.client.SegmentationResult;
import org.cellwire.imagej.pixels.Plane;

/** What was found in one plane. */
public final class PlaneResult {

    private final Plane plane;
    private final SegmentationResult result;

    /** Joins a plane and what was found in it. */
    public PlaneResult(Plane plane, SegmentationResult result) {
        this.plane = plane;
        this.result = result;
    }

    /** Gives the plane. */
    public Plane plane() {
        return plane;
    }

    /** Gives what was found. */
    public SegmentationResult result() {
        return result;
    }
}
