package org.cellwire.imagej.running;

import ij.IJ;
import ij.ImagePlus;
import ij.gui.Roi;
import ij.measure.ResultsTable;
import io.cellwire.api.v1.SegmentationFinished;
import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.options.ChannelChoice;
import org.cellwire.imagej.options.StackChoice;
import org.cellwire.imagej.pixels.SourceImage;
import org.cellwire.imagej.results.BlockResult;
import org.cellwire.imagej.results.CellRois;
import org.cellwire.imagej.results.CellTable;
import org.cellwire.imagej.results.FloatImages;
import org.cellwire.imagej.results.LabelImage;
import org.cellwire.imagej.results.PlaneResult;

/** What was found in an image, and how it becomes images, ROIs and tables of ImageJ. */
public final class JobResult {

    private final SourceImage source;
    private final Rectangle box;
    private final ChannelChoice channels;
    private final StackChoice stack;
    private final List<BlockResult> results;
    private final List<PlaneResult> planes = new ArrayList<>();
    private final double seconds;

    JobResult(
            SourceImage source, Rectangle box, ChannelChoice channels, StackChoice stack,
            List<BlockResult> results, double seconds) {
        this.source = source;
        this.box = box;
        this.channels = channels;
        this.stack = stack;
        this.results = results;
        results.forEach(result -> planes.addAll(result.planes()));
        this.seconds = seconds;
    }

    /** Makes the label image. */
    public ImagePlus labels() throws CellwireException {
        return described(LabelImage.of(source, box, planes));
    }

    /** Makes the image of the flows. */
    public ImagePlus flows() throws CellwireException {
        return described(FloatImages.flows(source, box, planes));
    }

    /** Makes the image of the cell probability. */
    public ImagePlus probability() throws CellwireException {
        return described(FloatImages.probability(source, box, planes));
    }

    /** Makes the ROIs. */
    public List<Roi> rois() throws CellwireException {
        return CellRois.of(source, box, stack, results);
    }

    /** Makes the table of cells. */
    public ResultsTable table() throws CellwireException {
        return stack.joinsSlices()
                ? CellTable.ofVolumes(source, box, channels, planes)
                : CellTable.ofPlanes(source, box, channels, planes);
    }

    private ImagePlus described(ImagePlus image) {
        image.setProperty("Info", results.get(0).result().finished().getProvenance());
        image.setProp("cellwire.cells", String.valueOf(cells()));
        image.setProp("cellwire.sent_bytes", String.valueOf(sentBytes()));
        return image;
    }

    /** Gives the number of cells of all planes; one that has one number in several is one. */
    public long cells() {
        return results.stream().mapToLong(r -> r.result().finished().getObjects()).sum();
    }

    /** Gives the number of bytes of images that had to be sent. */
    public long sentBytes() {
        return results.stream().mapToLong(r -> r.result().sentBytes()).sum();
    }

    /** Gives the seconds from the first upload to the last result. */
    public double seconds() {
        return seconds;
    }

    /** Gives the mean over the planes of the diameter that was used, in pixels. */
    public double diameter() {
        return results.stream()
                .flatMap(r -> r.result().finished().getDiametersList().stream())
                .mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    /** Writes one line on the run, and one for each thing that the person should know. */
    public void log() {
        String where = planes.size() == 1 ? "" : " on " + planes.size() + " planes";
        IJ.log(String.format(Locale.ROOT, "Cellwire: %s: %d %s%s%s, diameter %.1f pixels, %.1f s",
                source.title(), cells(), cells() == 1 ? "cell" : "cells", where, stack.words(),
                diameter(), seconds));
        for (String notice : notices()) {
            IJ.log("Cellwire: " + source.title() + ": " + notice);
        }
    }

    /** Gives what the person should know, such as a channel that is constant; each once. */
    public Set<String> notices() {
        Set<String> notices = new LinkedHashSet<>();
        for (BlockResult result : results) {
            SegmentationFinished finished = result.result().finished();
            notices.addAll(finished.getNoticesList());
        }
        return notices;
    }
}
