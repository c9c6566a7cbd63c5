package org.cellwire.imagej.results;

import io.cellwire.api.v1.OutputKind;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.client.Output;
import org.cellwire.imagej.client.SegmentationResult;
import org.cellwire.imagej.pixels.Plane;

/** What was found in one plane. */
public final class PlaneResult {

    private final Plane plane;
    private final SegmentationResult result;
    private final int place;
    private final int count;

    /**
     * Joins a plane and what was found in it.
     *
     * @param plane the plane
     * @param result what was found in it, and in those that were segmented with it
     * @param place its place among these, from 0
     * @param count how many they are
     */
    PlaneResult(Plane plane, SegmentationResult result, int place, int count) {
        this.plane = plane;
        this.result = result;
        this.place = place;
        this.count = count;
    }

    /** Gives the plane. */
    public Plane plane() {
        return plane;
    }

    /**
     * Gives its labels, row by row; 0 = background.
     *
     * @throws CellwireException (INTERNAL) if they are missing
     */
    int[] labels() throws CellwireException {
        return output(OutputKind.OUTPUT_KIND_LABELS).integers(place);
    }

    /**
     * Gives the number of channels of an output, such as the directions of the flows.
     *
     * @throws CellwireException (INTERNAL) if it is missing
     */
    int channels(OutputKind kind) throws CellwireException {
        return output(kind).parts() / count;
    }

    /**
     * Gives numbers of type float32, row by row.
     *
     * @param channel channel of the output, from 0
     * @throws CellwireException (INTERNAL) if they are missing
     */
    float[] floats(OutputKind kind, int channel) throws CellwireException {
        return output(kind).floats(channel * count + place);
    }

    private Output output(OutputKind kind) throws CellwireException {
        Output output = result.output(kind);
        if (output.parts() == 0 || output.parts() % count != 0) {
            throw new CellwireException(
                    "INTERNAL",
                    "The engine sent " + output.parts() + " planes of an output (" + kind
                            + ") where " + count + " were to come.",
                    "Update the engine or the plugin.");
        }
        return output;
    }
}
