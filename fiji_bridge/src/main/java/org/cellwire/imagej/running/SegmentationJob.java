package org.cellwire.imagej.running;

import io.cellwire.api.v1.CellposeParameters;
import io.cellwire.api.v1.OutputKind;
import io.cellwire.api.v1.Priority;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.client.Engine;
import org.cellwire.imagej.client.SegmentationResult;
import org.cellwire.imagej.options.ChannelChoice;
import org.cellwire.imagej.options.RoiManagerUse;
import org.cellwire.imagej.options.SegmentOptions;
import org.cellwire.imagej.pixels.Plane;
import org.cellwire.imagej.pixels.PlaneRequest;
import org.cellwire.imagej.pixels.Selection;
import org.cellwire.imagej.pixels.SourceImage;
import org.cellwire.imagej.results.PlaneResult;

/** The segmentation of one image, plane by plane. Nothing is shown before all planes are done. */
public final class SegmentationJob {

    private final SourceImage source;
    private final SegmentOptions options;
    private final Selection selection;
    private final ChannelChoice channels;
    private final CellposeParameters parameters;
    private final List<Plane> planes;

    /**
     * Checks what was asked for, before anything is sent.
     *
     * @param source the image
     * @param options what was asked for
     * @throws CellwireException if the image has no such channel or selection, or a value cannot be
     *     read
     */
    public SegmentationJob(SourceImage source, SegmentOptions options) throws CellwireException {
        this.source = source;
        this.options = options;
        options.model();
        channels = options.channels(source.channels(), source.isColour());
        parameters = options.parameters(source.pixelSize());
        planes = source.planes(options.scope());
        selection = options.insideSelection()
                ? Selection.inside(source.image().getRoi(), source.width(), source.height())
                : Selection.whole(source.width(), source.height());
    }

    /** Gives the number of planes to be segmented. */
    public int planes() {
        return planes.size();
    }

    /**
     * Segments.
     *
     * @param engine the engine
     * @param progress sees how far it is, and may end it
     * @param priority whether a person waits for this one
     * @param also outputs that are wanted beside those of the options
     * @throws CellwireException what went wrong
     */
    public JobResult run(
            Engine engine, ProgressDisplay progress, Priority priority, OutputKind... also)
            throws CellwireException {
        List<OutputKind> outputs = outputs(also);
        List<PlaneResult> results = new ArrayList<>();
        long start = System.nanoTime();
        for (Plane plane : planes) {
            progress.begin(results.size());
            progress.report("reading the image", 0, 0, 0);
            PlaneRequest request = new PlaneRequest(
                    source, plane, channels, selection, options.model(), parameters, outputs,
                    priority);
            SegmentationResult result =
                    engine.segment(request.message(), request.images(), progress);
            results.add(new PlaneResult(plane, result));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new JobResult(source, selection.box(), channels, results, seconds);
    }

    private List<OutputKind> outputs(OutputKind... also) throws CellwireException {
        Set<OutputKind> outputs = new LinkedHashSet<>();
        if (options.labelImage() || options.resultsTable()) {
            outputs.add(OutputKind.OUTPUT_KIND_LABELS);
        }
        if (options.roiManager() != RoiManagerUse.NONE || options.overlay()) {
            outputs.add(OutputKind.OUTPUT_KIND_ROI_ZIP);
        }
        if (options.flows()) {
            outputs.add(OutputKind.OUTPUT_KIND_FLOWS);
        }
        if (options.probability()) {
            outputs.add(OutputKind.OUTPUT_KIND_CELLPROB);
        }
        for (OutputKind kind : also) {
            outputs.add(kind);
        }
        return new ArrayList<>(outputs);
    }
}
