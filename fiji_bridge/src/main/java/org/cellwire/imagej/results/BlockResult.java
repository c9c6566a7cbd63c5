package org.cellwire.imagej.results;

import java.util.ArrayList;
import java.util.List;
import org.cellwire.imagej.client.SegmentationResult;
import org.cellwire.imagej.pixels.Plane;
import org.cellwire.imagej.pixels.PlaneBlock;

/** What was found in planes that were segmented together. */
public final class BlockResult {

    private final PlaneBlock block;
    private final SegmentationResult result;

    /** Joins planes and what was found in them. */
    public BlockResult(PlaneBlock block, SegmentationResult result) {
        this.block = block;
        this.result = result;
    }

    /** Gives where the planes are. */
    PlaneBlock block() {
        return block;
    }

    /** Gives what was found. */
    public SegmentationResult result() {
        return result;
    }

    /** Gives the planes one by one, frame by frame. */
    public List<PlaneResult> planes() {
        List<PlaneResult> results = new ArrayList<>();
        List<Plane> planes = block.planes();
        for (int i = 0; i < planes.size(); i++) {
            results.add(new PlaneResult(planes.get(i), result, i, planes.size()));
        }
        return results;
    }
}
