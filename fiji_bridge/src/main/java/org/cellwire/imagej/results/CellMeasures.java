package org.cellwire.imagej.results;

import ij.process.ImageProcessor;
import java.awt.Rectangle;
import java.util.Arrays;

/** Size, place and intensity of every cell of a plane, or of the slices of a volume. */
final class CellMeasures {

    private final long[] pixels;
    private final double[] sum;
    private final double[] minimum;
    private final double[] maximum;
    private final double[] x;
    private final double[] y;
    private final double[] z;
    private final int[] first;
    private final int[] last;
    private final int[] slices;

    /**
     * Makes room.
     *
     * @param largest greatest label
     */
    CellMeasures(int largest) {
        pixels = new long[largest + 1];
        sum = new double[largest + 1];
        minimum = new double[largest + 1];
        maximum = new double[largest + 1];
        x = new double[largest + 1];
        y = new double[largest + 1];
        z = new double[largest + 1];
        first = new int[largest + 1];
        last = new int[largest + 1];
        slices = new int[largest + 1];
        Arrays.fill(minimum, Double.POSITIVE_INFINITY);
        Arrays.fill(maximum, Double.NEGATIVE_INFINITY);
    }

    /** Gives the greatest of labels. */
    static int largest(int[] labels) {
        int largest = 0;
        for (int label : labels) {
            largest = Math.max(largest, label);
        }
        return largest;
    }

    /**
     * Measures a plane.
     *
     * @param labels labels of the box, row by row; 0 = background
     * @param box the box in pixels of the plane
     * @param slice place of the plane along Z, from 1; slices come in their order
     * @param channels the plane's channels, of which the mean is measured
     */
    void add(int[] labels, Rectangle box, int slice, ImageProcessor... channels) {
        for (int i = 0; i < labels.length; i++) {
            int label = labels[i];
            if (label == 0) {
                continue;
            }
            int column = box.x + i % box.width;
            int row = box.y + i / box.width;
            double value = 0;
            for (ImageProcessor channel : channels) {
                value += channel.getPixelValue(column, row);
            }
            value /= channels.length;
            pixels[label]++;
            sum[label] += value;
            minimum[label] = Math.min(minimum[label], value);
            maximum[label] = Math.max(maximum[label], value);
            // The centre of a pixel lies half a pixel from its edge.
            x[label] += column + 0.5;
            y[label] += row + 0.5;
            z[label] += slice - 0.5;
            if (last[label] != slice) {
                slices[label]++;
                last[label] = slice;
            }
            if (first[label] == 0) {
                first[label] = slice;
            }
        }
    }

    /** Gives the greatest label. */
    int largest() {
        return pixels.length - 1;
    }

    /** Gives the number of pixels, in volumes of voxels; 0 = there is no such cell. */
    long pixels(int label) {
        return pixels[label];
    }

    /** Gives the mean intensity. */
    double mean(int label) {
        return sum[label] / pixels[label];
    }

    /** Gives the least intensity. */
    double minimum(int label) {
        return minimum[label];
    }

    /** Gives the greatest intensity. */
    double maximum(int label) {
        return maximum[label];
    }

    /** Gives the centre in pixels from the image's left edge. */
    double x(int label) {
        return x[label] / pixels[label];
    }

    /** Gives the centre in pixels from the image's upper edge. */
    double y(int label) {
        return y[label] / pixels[label];
    }

    /** Gives the centre in slices from the outer face of the first slice. */
    double z(int label) {
        return z[label] / pixels[label];
    }

    /** Gives the number of slices that the cell is in. */
    int slices(int label) {
        return slices[label];
    }

    /** Gives the first slice that the cell is in, from 1. */
    int first(int label) {
        return first[label];
    }

    /** Gives the last slice that the cell is in, from 1. */
    int last(int label) {
        return last[label];
    }
}
