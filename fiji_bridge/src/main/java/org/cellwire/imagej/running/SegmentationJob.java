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
import org.cellwire.imagej.options.StackChoice;
import org.cellwire.imagej.pixels.ImageRequest;
import org.cellwire.imagej.pixels.PlaneBlock;
import org.cellwire.imagej.pixels.Selection;
import org.cellwire.imagej.pixels.SourceImage;
import org.cellwire.imagej.results.BlockResult;

/**
 * The segmentation of one image, plane by plane or all planes together. Nothing is shown before all
 * planes are done.
 */
public final class SegmentationJob {

    private final SourceImage source;
    private final SegmentOptions options;
    private final Selection selection;
    private final ChannelChoice channels;
    private final CellposeParameters parameters;
    private final StackChoice stack;
    private final List<PlaneBlock> blocks = new ArrayList<>();

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
        PlaneBlock all = source.block(options.scope());
        stack = options.stack(all.slices(), all.frames(), source.pixelSize());
        if (stack.together()) {
            blocks.add(all);
        } else {
            all.planes().forEach(plane -> blocks.add(PlaneBlock.of(plane)));
        }
        selection = options.insideSelection()
                ? Selection.inside(source.image().getRoi(), source.width(), source.height())
                : Selection.whole(source.width(), source.height());
    }

    /** Makes what shows how far it is. */
    public ProgressDisplay progress() {
        return new ProgressDisplay(blocks.size(), stack.part());
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
        List<BlockResult> results = new ArrayList<>();
        long start = System.nanoTime();
        for (PlaneBlock block : blocks) {
            progress.begin(results.size());
            progress.report("reading the image", 0, 0, 0);
            ImageRequest request = new ImageRequest(
                    source, block, stack, channels, selection, options.model(), parameters,
                    outputs, priority);
            SegmentationResult result =
                    engine.segment(request.message(), request.images(), progress);
            results.add(new BlockResult(block, result));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new JobResult(source, selection.box(), channels, stack, results, seconds);
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
