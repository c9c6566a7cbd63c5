package org.cellwire.imagej.results;

import ij.process.ImageProcessor;
import java.awt.Rectangle;
import java.util.Arrays;

/** Size, place and intensity of every cell of a plane. */
final class CellMeasures {

    private final long[] pixels;
    private final double[] sum;
    private final double[] minimum;
    private final double[] maximum;
    private final double[] x;
    private final double[] y;

    /**
     * Measures.
     *
     * @param labels labels of the box, row by row; 0 = background
     * @param box the box in pixels of the plane
     * @param channels the plane's channels, of which the mean is measured
     */
    CellMeasures(int[] labels, Rectangle box, ImageProcessor... channels) {
        int largest = 0;
        for (int label : labels) {
            largest = Math.max(largest, label);
        }
        pixels = new long[largest + 1];
        sum = new double[largest + 1];
        minimum = new double[largest + 1];
        maximum = new double[largest + 1];
        x = new double[largest + 1];
        y = new double[largest + 1];
        Arrays.fill(minimum, Double.POSITIVE_INFINITY);
        Arrays.fill(maximum, Double.NEGATIVE_INFINITY);
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
        }
    }

    /** Gives the greatest label. */
    int largest() {
        return pixels.length - 1;
    }

    /** Gives the number of pixels; 0 = there is no such cell. */
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
}
