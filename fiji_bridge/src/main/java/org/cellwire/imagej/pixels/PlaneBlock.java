package org.cellwire.imagej.pixels;

import io.cellwire.api.v1.Axis;
import java.util.ArrayList;
import java.util.List;

/** Slices and frames of an image that follow each other; one plane is a block too. */
public final class PlaneBlock {

    private final Plane first;
    private final int slices;
    private final int frames;

    /**
     * Names a block.
     *
     * @param first its first plane
     * @param slices number of slices (Z)
     * @param frames number of frames (T)
     */
    PlaneBlock(Plane first, int slices, int frames) {
        this.first = first;
        this.slices = slices;
        this.frames = frames;
    }

    /** Makes a block of one plane. */
    public static PlaneBlock of(Plane plane) {
        return new PlaneBlock(plane, 1, 1);
    }

    /** Gives the planes, frame by frame. */
    public List<Plane> planes() {
        List<Plane> planes = new ArrayList<>();
        for (int frame = 1; frame <= frames; frame++) {
            for (int slice = 1; slice <= slices; slice++) {
                planes.add(plane(slice, frame));
            }
        }
        return planes;
    }

    /**
     * Gives a plane.
     *
     * @param slice place along Z in the block, from 1
     * @param frame place along T in the block, from 1
     */
    public Plane plane(int slice, int frame) {
        return new Plane(first.slice() + slice - 1, first.frame() + frame - 1);
    }

    /** Gives the axes along which it has more than one plane, slowest first. */
    List<Axis> axes() {
        List<Axis> axes = new ArrayList<>();
        if (frames > 1) {
            axes.add(Axis.AXIS_TIME);
        }
        if (slices > 1) {
            axes.add(Axis.AXIS_Z);
        }
        return axes;
    }

    /** Gives the number of slices. */
    public int slices() {
        return slices;
    }

    /** Gives the number of frames. */
    public int frames() {
        return frames;
    }
}
