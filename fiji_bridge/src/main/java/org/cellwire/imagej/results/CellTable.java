package org.cellwire.imagej.results;

import ij.measure.Calibration;
import ij.measure.ResultsTable;
import ij.process.ImageProcessor;
import io.cellwire.api.v1.OutputKind;
import java.awt.Rectangle;
import java.util.List;
import java.util.Locale;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.options.ChannelChoice;
import org.cellwire.imagej.pixels.Plane;
import org.cellwire.imagej.pixels.PlaneRequest;
import org.cellwire.imagej.pixels.SourceImage;

/** Makes a table of cells with ImageJ's columns. */
public final class CellTable {

    private CellTable() {}

    /**
     * Measures the cells.
     *
     * @param source where the cells are
     * @param box the part that was segmented, in pixels
     * @param channels intensities are those of the segmented channel, or the mean of all
     * @param results one for each plane
     * @return a row for each cell: area in the image's unit squared, mean, minimum and maximum of
     *     the intensity, centre in the image's unit, number of pixels, slice and frame
     * @throws CellwireException (INTERNAL) if labels are missing
     */
    public static ResultsTable of(
            SourceImage source, Rectangle box, ChannelChoice channels, List<PlaneResult> results)
            throws CellwireException {
        ResultsTable table = new ResultsTable();
        table.setPrecision(3);
        Calibration calibration = source.calibration();
        for (PlaneResult result : results) {
            Plane plane = result.plane();
            int[] labels = result.result().output(OutputKind.OUTPUT_KIND_LABELS).integers();
            ImageProcessor[] pixels = pixels(source, channels, plane);
            CellMeasures measures = new CellMeasures(labels, box, pixels);
            for (int label = 1; label <= measures.largest(); label++) {
                if (measures.pixels(label) > 0) {
                    row(table, source, plane, calibration, measures, label);
                }
            }
        }
        return table;
    }

    private static ImageProcessor[] pixels(
            SourceImage source, ChannelChoice channels, Plane plane) {
        boolean one = channels.segmented() != 0;
        ImageProcessor[] pixels = new ImageProcessor[one ? 1 : source.channels()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = PlaneRequest.channel(source, plane, one ? channels.segmented() : i + 1);
            if (!source.isColour()) {
                // Signed 16-bit images are stored with an offset.
                pixels[i].setCalibrationTable(source.calibration().getCTable());
            }
        }
        return pixels;
    }

    private static void row(
            ResultsTable table, SourceImage source, Plane plane, Calibration calibration,
            CellMeasures measures, int label) {
        table.incrementCounter();
        table.addLabel(String.format(Locale.ROOT, "%s:cell-%04d", source.title(), label));
        table.addValue("Cell", label);
        table.addValue("Area", measures.pixels(label) * calibration.pixelWidth
                * calibration.pixelHeight);
        table.addValue("Mean", measures.mean(label));
        table.addValue("Min", measures.minimum(label));
        table.addValue("Max", measures.maximum(label));
        table.addValue("X", calibration.getX(measures.x(label)));
        table.addValue("Y", calibration.getY(measures.y(label), source.height()));
        table.addValue("Pixels", measures.pixels(label));
        if (source.slices() > 1) {
            table.addValue("Slice", plane.slice());
        }
        if (source.frames() > 1) {
            table.addValue("Frame", plane.frame());
        }
    }
}
