package org.cellwire.imagej.results;

import ij.ImagePlus;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import io.cellwire.api.v1.OutputKind;
import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.List;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.pixels.SourceImage;

/** Makes 32-bit images of the network's own outputs; 0 outside of what was segmented. */
public final class FloatImages {

    private FloatImages() {}

    /**
     * Makes an image of the flows: channel 1 = dY, channel 2 = dX; of volumes dZ, dY and dX.
     *
     * @param source where the cells are
     * @param box the part that was segmented, in pixels
     * @param results one for each plane
     * @throws CellwireException (INTERNAL) if flows are missing
     */
    public static ImagePlus flows(SourceImage source, Rectangle box, List<PlaneResult> results)
            throws CellwireException {
        ImagePlus image = make(source, box, results, OutputKind.OUTPUT_KIND_FLOWS, "flows");
        image.setDisplayRange(-1, 1);
        return image;
    }

    /**
     * Makes an image of the cell probability as a logit.
     *
     * @param source where the cells are
     * @param box the part that was segmented, in pixels
     * @param results one for each plane
     * @throws CellwireException (INTERNAL) if it is missing
     */
    public static ImagePlus probability(
            SourceImage source, Rectangle box, List<PlaneResult> results)
            throws CellwireException {
        ImagePlus image =
                make(source, box, results, OutputKind.OUTPUT_KIND_CELLPROB, "probability");
        image.resetDisplayRange();
        return image;
    }

    private static ImagePlus make(
            SourceImage source, Rectangle box, List<PlaneResult> results, OutputKind kind,
            String suffix) throws CellwireException {
        List<ImageProcessor> planes = new ArrayList<>();
        for (PlaneResult result : results) {
            for (int channel = 0; channel < result.channels(kind); channel++) {
                float[] values = result.floats(kind, channel);
                float[] pixels = new float[source.width() * source.height()];
                for (int row = 0; row < box.height; row++) {
                    System.arraycopy(
                            values, row * box.width,
                            pixels, (box.y + row) * source.width() + box.x, box.width);
                }
                planes.add(new FloatProcessor(source.width(), source.height(), pixels));
            }
        }
        return ResultStack.join(source, results, planes, suffix);
    }
}
