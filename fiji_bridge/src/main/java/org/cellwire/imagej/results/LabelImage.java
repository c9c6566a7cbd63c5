package org.cellwire.imagej.results;

import ij.ImagePlus;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.List;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.pixels.SourceImage;

/**
 * Makes label images: 0 = background, each cell another number, from 1 on each plane, or in all
 * planes that it is in where these were joined.
 *
 * <p>16-bit up to 65,535, else 32-bit float, which holds whole numbers up to 2^24 exactly.
 */
public final class LabelImage {

    private static final int LARGEST_SHORT = 65_535;

    private LabelImage() {}

    /**
     * Makes a label image of the size of the source.
     *
     * @param source where the cells are
     * @param box the part that was segmented, in pixels; the rest is background
     * @param results one for each plane
     * @throws CellwireException (INTERNAL) if labels are missing
     */
    public static ImagePlus of(SourceImage source, Rectangle box, List<PlaneResult> results)
            throws CellwireException {
        int largest = 0;
        for (PlaneResult result : results) {
            largest = Math.max(largest, CellMeasures.largest(result.labels()));
        }
        // Unpacked a second time rather than kept: a long stack's labels fill the memory.
        List<ImageProcessor> planes = new ArrayList<>();
        for (PlaneResult result : results) {
            planes.add(plane(result.labels(), box, source.width(), source.height(), largest));
        }
        ImagePlus image = ResultStack.join(source, results, planes, "labels");
        image.setLut(GlasbeyLut.get());
        // Below 256 a label's colour is that of its number.
        image.setDisplayRange(0, Math.max(255, largest));
        return image;
    }

    /**
     * Makes one plane.
     *
     * @param labels labels of the box, row by row
     * @param box the box in pixels of the plane
     * @param width width of the plane
     * @param height height of the plane
     * @param largest greatest label of all planes
     */
    static ImageProcessor plane(int[] labels, Rectangle box, int width, int height, int largest) {
        if (largest <= LARGEST_SHORT) {
            short[] pixels = new short[width * height];
            for (int i = 0; i < labels.length; i++) {
                pixels[place(i, box, width)] = (short) labels[i];
            }
            return new ShortProcessor(width, height, pixels, null);
        }
        float[] pixels = new float[width * height];
        for (int i = 0; i < labels.length; i++) {
            pixels[place(i, box, width)] = labels[i];
        }
        return new FloatProcessor(width, height, pixels);
    }

    private static int place(int index, Rectangle box, int width) {
        return (box.y + index / box.width) * width + box.x + index % box.width;
    }
}
