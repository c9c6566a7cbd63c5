package org.cellwire.imagej.results;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import java.awt.Rectangle;
import java.util.HashSet;
import java.util.Set;
import org.junit.Test;

public class LabelImageTest {

    @Test
    public void labelsLieWhereTheBoxIs() {
        ImageProcessor plane =
                LabelImage.plane(new int[] {1, 2, 3, 65_535, 0, 6}, new Rectangle(2, 1, 3, 2), 6, 4,
                        65_535);
        assertTrue(plane instanceof ShortProcessor);
        int[][] expected = {
            {0, 0, 0, 0, 0, 0}, {0, 0, 1, 2, 3, 0}, {0, 0, 65_535, 0, 6, 0}, {0, 0, 0, 0, 0, 0}
        };
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 6; x++) {
                assertEquals(expected[y][x], plane.get(x, y));
            }
        }
    }

    @Test
    public void manyLabelsAreFloats() {
        int[] labels = new int[300 * 250];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i;
        }
        ImageProcessor plane =
                LabelImage.plane(labels, new Rectangle(300, 250), 300, 250, labels.length - 1);
        assertTrue(plane instanceof FloatProcessor);
        for (int i = 0; i < labels.length; i++) {
            assertEquals(i, plane.getf(i), 0);
        }
    }

    @Test
    public void coloursDifferAndTheBackgroundIsBlack() {
        int[][] colours = GlasbeyLut.colours();
        assertEquals(256, colours.length);
        Set<Integer> seen = new HashSet<>();
        double nearest = Double.MAX_VALUE;
        for (int i = 0; i < colours.length; i++) {
            assertTrue(seen.add(colours[i][0] << 16 | colours[i][1] << 8 | colours[i][2]));
            for (int j = 0; j < i; j++) {
                nearest = Math.min(nearest, GlasbeyLut.distance(
                        GlasbeyLut.lab(colours[i]), GlasbeyLut.lab(colours[j])));
            }
        }
        assertEquals(0, GlasbeyLut.get().getRed(0) + GlasbeyLut.get().getGreen(0)
                + GlasbeyLut.get().getBlue(0));
        assertTrue("nearest two: " + Math.sqrt(nearest), Math.sqrt(nearest) > 5);
    }

    @Test
    public void whiteAndRedHaveTheirKnownPlacesInLab() {
        double[] white = GlasbeyLut.lab(new int[] {255, 255, 255});
        assertEquals(100, white[0], 0.01);
        assertEquals(0, white[1], 0.01);
        double[] red = GlasbeyLut.lab(new int[] {255, 0, 0});
        assertEquals(53.24, red[0], 0.01);
        assertEquals(80.09, red[1], 0.01);
        assertEquals(67.20, red[2], 0.01);
    }

    @Test
    public void titlesLoseTheEndingOfTheFile() {
        assertEquals("blobs-labels", ResultNames.title("blobs.gif", "labels"));
        assertEquals("a.b-labels", ResultNames.title("a.b.ome.TIF", "labels"));
        assertEquals("Untitled-cells", ResultNames.title("Untitled", "cells"));
    }

    @Test
    public void cellsAreMeasuredWhereTheyLie() {
        FloatProcessor pixels = new FloatProcessor(4, 3);
        pixels.setf(2, 1, 10);
        pixels.setf(3, 1, 20);
        pixels.setf(3, 2, 60);
        CellMeasures measures = new CellMeasures(2);
        measures.add(new int[] {2, 2, 0, 2}, new Rectangle(2, 1, 2, 2), 4, pixels);
        assertEquals(2, measures.largest());
        assertEquals(0, measures.pixels(1));
        assertEquals(3, measures.pixels(2));
        assertEquals(30, measures.mean(2), 1e-9);
        assertEquals(10, measures.minimum(2), 0);
        assertEquals(60, measures.maximum(2), 0);
        assertEquals((2.5 + 3.5 + 3.5) / 3, measures.x(2), 1e-9);
        assertEquals((1.5 + 1.5 + 2.5) / 3, measures.y(2), 1e-9);
        assertEquals(3.5, measures.z(2), 1e-9);
    }

    @Test
    public void cellsOfVolumesAreMeasuredThroughTheirSlices() {
        CellMeasures measures = new CellMeasures(1);
        FloatProcessor pixels = new FloatProcessor(2, 1, new float[] {6, 9});
        Rectangle box = new Rectangle(2, 1);
        measures.add(new int[] {0, 0}, box, 1, pixels);
        measures.add(new int[] {1, 1}, box, 2, pixels);
        measures.add(new int[] {0, 0}, box, 3, pixels);
        measures.add(new int[] {1, 0}, box, 4, pixels);
        assertEquals(3, measures.pixels(1));
        assertEquals(7, measures.mean(1), 1e-9);
        assertEquals((1.5 + 1.5 + 3.5) / 3, measures.z(1), 1e-9);
        assertEquals(2, measures.slices(1));
        assertEquals(2, measures.first(1));
        assertEquals(4, measures.last(1));
    }
}
