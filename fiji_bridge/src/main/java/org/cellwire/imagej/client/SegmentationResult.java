package org.cellwire.imagej.client;

import io.cellwire.api.v1.OutputKind;
import io.cellwire.api.v1.SegmentationFinished;
import java.util.Map;

/** What a segmentation gave. */
public final class SegmentationResult {

    private final Map<OutputKind, Output> outputs;
    private final SegmentationFinished finished;
    private final long sentBytes;
    private final boolean cached;

    SegmentationResult(
            Map<OutputKind, Output> outputs, SegmentationFinished finished, long sentBytes,
            boolean cached) {
        this.outputs = outputs;
        this.finished = finished;
        this.sentBytes = sentBytes;
        this.cached = cached;
    }

    /**
     * Gives an output that was asked for.
     *
     * @throws CellwireException (INTERNAL) if the engine did not send it
     */
    public Output output(OutputKind kind) throws CellwireException {
        Output found = outputs.get(kind);
        if (found == null) {
            throw new CellwireException(
                    "INTERNAL", "The engine did not send an output that was asked for (" + kind
                            + ").", "Update the engine or the plugin.");
        }
        return found;
    }

    /** Gives number of objects, diameters (pixels), model, provenance and notices. */
    public SegmentationFinished finished() {
        return finished;
    }

    /** Gives the number of bytes of images that had to be sent; 0 if the engine had them. */
    public long sentBytes() {
        return sentBytes;
    }

    /** Tells whether the engine had the result from before. */
    public boolean cached() {
        return cached;
    }
}
