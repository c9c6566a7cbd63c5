package org.cellwire.imagej.client;

import io.cellwire.api.v1.OutputKind;
import io.cellwire.api.v1.SegmentationEvent;
import io.cellwire.api.v1.SegmentationFinished;
import io.cellwire.api.v1.SegmentationProgress;
import java.util.EnumMap;
import java.util.Map;

/** Follows the events of one segmentation and collects its outputs. */
final class EventReader {

    private final Map<OutputKind, Output> outputs = new EnumMap<>(OutputKind.class);
    private final Supervision supervision;
    private Output open;
    private String name = "";
    private boolean cached;
    private String doing = "waiting for the engine";

    EventReader(Supervision supervision) {
        this.supervision = supervision;
    }

    /**
     * Takes the next event.
     *
     * @return the last event, null until it came
     * @throws CellwireException if an output did not arrive as it was sent
     */
    SegmentationFinished take(SegmentationEvent event) throws CellwireException {
        switch (event.getEventCase()) {
            case ACCEPTED:
                name = event.getAccepted().getName();
                cached = event.getAccepted().getCached();
                return null;
            case PROGRESS:
                report(event.getProgress());
                return null;
            case OUTPUT:
                close();
                open = new Output(event.getOutput());
                return null;
            case CHUNK:
                if (open == null) {
                    throw new CellwireException(
                            "INTERNAL", "The engine sent data before it said what they are.",
                            "Update the plugin or the engine.");
                }
                open.take(event.getChunk());
                return null;
            case FINISHED:
                close();
                return event.getFinished();
            default:
                return null;
        }
    }

    private void close() throws CellwireException {
        if (open != null) {
            open.finish();
            outputs.put(open.kind(), open);
            open = null;
        }
    }

    private void report(SegmentationProgress step) {
        String stage = StageWords.of(step.getStage());
        doing = stage + ", step " + step.getDone() + " of " + step.getTotal();
        supervision.report(stage, step.getDone(), step.getTotal(), step.getQueuePosition(),
                step.getPart(), step.getParts());
    }

    /** Gives the segmentation's name in the engine; empty until it was accepted. */
    String name() {
        return name;
    }

    /** Tells whether the engine had the result from before. */
    boolean cached() {
        return cached;
    }

    /** Gives what was done last, for the message of an engine that went away. */
    String doing() {
        return doing;
    }

    /** Gives what arrived whole. */
    Map<OutputKind, Output> outputs() {
        return outputs;
    }
}
