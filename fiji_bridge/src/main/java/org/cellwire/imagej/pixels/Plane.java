package org.cellwire.imagej.pixels;

/** The place of a plane in a hyperstack; slices and frames count from 1. */
public final class Plane {

    private final int slice;
    private final int frame;

    /**
     * Names a plane.
     *
     * @param slice place along Z, from 1
     * @param frame place along T, from 1
     */
    public Plane(int slice, int frame) {
        this.slice = slice;
        this.frame = frame;
    }

    /** Gives the place along Z, from 1. */
    public int slice() {
        return slice;
    }

    /** Gives the place along T, from 1. */
    public int frame() {
        return frame;
    }
}
