package org.cellwire.imagej.running;

import ij.ImagePlus;
import ij.gui.Roi;
import java.util.ArrayList;
import java.util.List;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.options.RoiManagerUse;
import org.cellwire.imagej.options.SegmentOptions;
import org.cellwire.imagej.pixels.SourceImage;
import org.cellwire.imagej.results.OutlineOverlay;
import org.cellwire.imagej.results.ResultNames;
import org.cellwire.imagej.results.RoiManagerOutput;

/** Shows what was found, all of it or, if some cannot be made, nothing. */
public final class Publishing {

    private Publishing() {}

    /**
     * Shows the results that were asked for; the label image comes last and is in front then.
     *
     * @param source where the cells are
     * @param options what was asked for
     * @param found what was found
     * @throws CellwireException if a result cannot be made
     */
    public static void show(SourceImage source, SegmentOptions options, JobResult found)
            throws CellwireException {
        List<ImagePlus> images = new ArrayList<>();
        if (options.flows()) {
            images.add(found.flows());
        }
        if (options.probability()) {
            images.add(found.probability());
        }
        if (options.labelImage()) {
            images.add(found.labels());
        }
        boolean managed = options.roiManager() != RoiManagerUse.NONE;
        List<Roi> rois = managed || options.overlay() ? found.rois() : new ArrayList<>();
        if (managed) {
            RoiManagerOutput.put(source.image(), rois, options.roiManager());
        }
        if (options.overlay()) {
            OutlineOverlay.draw(source.image(), rois);
        }
        if (options.resultsTable()) {
            found.table().show(ResultNames.title(source.title(), "cells"));
        }
        for (ImagePlus image : images) {
            image.show();
        }
    }
}
