package org.cellwire.imagej.results;

import ij.process.LUT;

/**
 * Colours for labels: black for the background, then 255 that differ as much as they can.
 *
 * <p>Each colour is the one, of a grid in RGB, that is farthest in CIE L*a*b* from all before it
 * (Glasbey et al. 2007, doi:10.1002/col.20327); dark ones are left out.
 */
public final class GlasbeyLut {

    private static final int SIZE = 256;
    private static final int GRID = 16;
    private static final double DARKEST = 35;

    private static LUT made;

    private GlasbeyLut() {}

    /** Gives the colours as ImageJ takes them. */
    public static synchronized LUT get() {
        if (made == null) {
            int[][] colours = colours();
            byte[][] parts = new byte[3][SIZE];
            for (int i = 0; i < SIZE; i++) {
                for (int part = 0; part < 3; part++) {
                    parts[part][i] = (byte) colours[i][part];
                }
            }
            made = new LUT(parts[0], parts[1], parts[2]);
        }
        return (LUT) made.clone();
    }

    /** Gives 256 colours (red, green, blue from 0 to 255), the first one black. */
    static int[][] colours() {
        int[][] candidates = new int[GRID * GRID * GRID][];
        double[][] places = new double[candidates.length][];
        int count = 0;
        for (int code = 0; code < candidates.length; code++) {
            int[] colour = {
                level(code / GRID / GRID), level(code / GRID % GRID), level(code % GRID)
            };
            double[] place = lab(colour);
            if (place[0] >= DARKEST) {
                candidates[count] = colour;
                places[count++] = place;
            }
        }
        double[] nearest = new double[count];
        double[] black = lab(new int[3]);
        for (int i = 0; i < count; i++) {
            nearest[i] = distance(places[i], black);
        }
        int[][] chosen = new int[SIZE][];
        chosen[0] = new int[3];
        for (int number = 1; number < SIZE; number++) {
            int best = 0;
            for (int i = 1; i < count; i++) {
                best = nearest[i] > nearest[best] ? i : best;
            }
            chosen[number] = candidates[best];
            double[] place = places[best];
            for (int i = 0; i < count; i++) {
                nearest[i] = Math.min(nearest[i], distance(places[i], place));
            }
        }
        return chosen;
    }

    private static int level(int step) {
        return step * 255 / (GRID - 1);
    }

    /** Squared distance, which has the same order. */
    static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }

    /** From sRGB (0 to 255) to CIE L*a*b* (D65). */
    static double[] lab(int[] colour) {
        double r = linear(colour[0]);
        double g = linear(colour[1]);
        double b = linear(colour[2]);
        double x = curve((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
        double y = curve(0.2126729 * r + 0.7151522 * g + 0.0721750 * b);
        double z = curve((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883);
        return new double[] {116 * y - 16, 500 * (x - y), 200 * (y - z)};
    }

    private static double linear(int level) {
        double value = level / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }

    private static double curve(double t) {
        return t > 216.0 / 24389 ? Math.cbrt(t) : (24389.0 / 27 * t + 16) / 116;
    }
}
