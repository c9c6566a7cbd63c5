package org.cellwire.imagej.results;

import ij.measure.Calibration;
import ij.measure.ResultsTable;
import ij.process.ImageProcessor;
import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.options.ChannelChoice;
import org.cellwire.imagej.pixels.ImageRequest;
import org.cellwire.imagej.pixels.Plane;
import org.cellwire.imagej.pixels.SourceImage;

/** Makes a table of cells with ImageJ's columns. */
public final class CellTable {

    private final ResultsTable table = new ResultsTable();
    private final SourceImage source;
    private final Rectangle box;
    private final ChannelChoice channels;
    private final Calibration calibration;

    private CellTable(SourceImage source, Rectangle box, ChannelChoice channels) {
        this.source = source;
        this.box = box;
        this.channels = channels;
        calibration = source.calibration();
        table.setPrecision(3);
    }

    /**
     * Measures cells that lie in a plane each.
     *
     * @param source where the cells are
     * @param box the part that was segmented, in pixels
     * @param channels intensities are those of the segmented channel, or the mean of all
     * @param results one for each plane
     * @return a row for each cell and plane: area in the image's unit squared, mean, minimum and
     *     maximum of the intensity, centre in the image's unit, number of pixels, slice and frame
     * @throws CellwireException (INTERNAL) if labels are missing
     */
    public static ResultsTable ofPlanes(
            SourceImage source, Rectangle box, ChannelChoice channels, List<PlaneResult> results)
            throws CellwireException {
        CellTable made = new CellTable(source, box, channels);
        for (PlaneResult result : results) {
            int[] labels = result.labels();
            CellMeasures measures = new CellMeasures(CellMeasures.largest(labels));
            Plane plane = result.plane();
            measures.add(labels, box, plane.slice(), made.pixels(plane));
            made.addRows(measures, plane.frame(), false);
        }
        return made.table;
    }

    /**
     * Measures cells that lie in several slices.
     *
     * @param source where the cells are
     * @param box the part that was segmented, in pixels
     * @param channels intensities are those of the segmented channel, or the mean of all
     * @param results one for each plane, frame by frame
     * @return a row for each cell and frame: volume in the image's unit cubed, mean, minimum and
     *     maximum of the intensity, centre in the image's unit, number of voxels, number of slices,
     *     the first and the last one, and frame
     * @throws CellwireException (INTERNAL) if labels are missing
     */
    public static ResultsTable ofVolumes(
            SourceImage source, Rectangle box, ChannelChoice channels, List<PlaneResult> results)
            throws CellwireException {
        CellTable made = new CellTable(source, box, channels);
        List<PlaneResult> frame = new ArrayList<>();
        for (PlaneResult result : results) {
            if (!frame.isEmpty() && frame.get(0).plane().frame() != result.plane().frame()) {
                made.addVolumes(frame);
                frame.clear();
            }
            frame.add(result);
        }
        made.addVolumes(frame);
        return made.table;
    }

    private void addVolumes(List<PlaneResult> slices) throws CellwireException {
        int largest = 0;
        for (PlaneResult result : slices) {
            largest = Math.max(largest, CellMeasures.largest(result.labels()));
        }
        CellMeasures measures = new CellMeasures(largest);
        for (PlaneResult result : slices) {
            Plane plane = result.plane();
            measures.add(result.labels(), box, plane.slice(), pixels(plane));
        }
        addRows(measures, slices.get(0).plane().frame(), true);
    }

    private ImageProcessor[] pixels(Plane plane) {
        boolean one = channels.segmented() != 0;
        ImageProcessor[] pixels = new ImageProcessor[one ? 1 : source.channels()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = ImageRequest.channel(source, plane, one ? channels.segmented() : i + 1);
            if (!source.isColour()) {
                // Signed 16-bit images are stored with an offset.
                pixels[i].setCalibrationTable(source.calibration().getCTable());
            }
        }
        return pixels;
    }

    private void addRows(CellMeasures measures, int frame, boolean volumes) {
        for (int label = 1; label <= measures.largest(); label++) {
            if (measures.pixels(label) > 0) {
                addRow(measures, label, volumes);
                if (source.frames() > 1) {
                    table.addValue("Frame", frame);
                }
            }
        }
    }

    private void addRow(CellMeasures measures, int label, boolean volumes) {
        table.incrementCounter();
        table.addLabel(String.format(Locale.ROOT, "%s:cell-%04d", source.title(), label));
        table.addValue("Cell", label);
        double area = measures.pixels(label) * calibration.pixelWidth * calibration.pixelHeight;
        if (volumes) {
            table.addValue("Volume", area * calibration.pixelDepth);
        } else {
            table.addValue("Area", area);
        }
        table.addValue("Mean", measures.mean(label));
        table.addValue("Min", measures.minimum(label));
        table.addValue("Max", measures.maximum(label));
        table.addValue("X", calibration.getX(measures.x(label)));
        table.addValue("Y", calibration.getY(measures.y(label), source.height()));
        if (volumes) {
            table.addValue("Z", calibration.getZ(measures.z(label)));
            table.addValue("Voxels", measures.pixels(label));
            table.addValue("Slices", measures.slices(label));
            table.addValue("First slice", measures.first(label));
            table.addValue("Last slice", measures.last(label));
        } else {
            table.addValue("Pixels", measures.pixels(label));
            if (source.slices() > 1) {
                table.addValue("Slice", measures.first(label));
            }
        }
    }
}
