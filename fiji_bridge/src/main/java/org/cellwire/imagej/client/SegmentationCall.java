package org.cellwire.imagej.client;

import io.cellwire.api.v1.SegmentRequest;
import io.cellwire.api.v1.SegmentResponse;
import io.cellwire.api.v1.SegmentationFinished;
import io.cellwire.api.v1.SegmentationServiceGrpc;
import java.util.List;

/** One segmentation from upload to result, through broken connections and restarted engines. */
final class SegmentationCall {

    private static final int RESTARTS = 3;
    private static final long RECONNECT_MILLISECONDS = 10_000;
    private static final long PAUSE_MILLISECONDS = 300;

    private final Engine engine;
    private final Supervision supervision;
    private String doing = "waiting for the engine";
    private long sentBytes;

    SegmentationCall(Engine engine, Supervision supervision) {
        this.engine = engine;
        this.supervision = supervision;
    }

    /**
     * Sends what is missing, segments, and collects the outputs.
     *
     * @param request the request; the same in every attempt, so that none is done twice
     * @param images the images that it names
     * @throws CellwireException what went wrong; (CANCELLED) if the person ended it, which also
     *     ends the work in the engine
     */
    SegmentationResult run(SegmentRequest request, List<WireImage> images)
            throws CellwireException {
        for (int restart = 0; ; restart++) {
            try {
                return attempt(request, images);
            } catch (CallFailure failure) {
                supervision.check();
                if (restart == RESTARTS || !mayBeRepeated(failure)) {
                    throw FailureWords.of(failure, engine.connection());
                }
            }
        }
    }

    private SegmentationResult attempt(SegmentRequest request, List<WireImage> images)
            throws CellwireException, CallFailure {
        doing = "sending the image";
        for (WireImage image : images) {
            sentBytes += engine.uploads().bring(image, supervision);
        }
        doing = "asking for the segmentation";
        EventReader reader = new EventReader(supervision);
        try (Answers<SegmentRequest, SegmentResponse> answers = new Answers<>(supervision)) {
            SegmentationServiceGrpc.newStub(engine.connection().channel())
                    .segment(request, answers);
            for (SegmentResponse answer = answers.next(); answer != null;
                    answer = answers.next()) {
                SegmentationFinished finished = reader.take(answer.getEvent());
                if (finished != null) {
                    answers.next();
                    return new SegmentationResult(
                            reader.outputs(), finished, sentBytes, reader.cached());
                }
                doing = reader.doing();
            }
        }
        throw new CellwireException(
                "INTERNAL",
                "The engine at " + engine.connection().place().address()
                        + " ended the segmentation without a result.",
                "Try again; if it happens again, look into the engine's log.");
    }

    private boolean mayBeRepeated(CallFailure failure) throws CellwireException {
        if (failure.isLost() || failure.reason().equals("SHUTTING_DOWN")) {
            waitForEngine();
            return true;
        }
        // It expired between upload and use.
        return failure.reason().equals("IMAGE_UNKNOWN");
    }

    private void waitForEngine() throws CellwireException {
        long end = System.nanoTime() + RECONNECT_MILLISECONDS * 1_000_000;
        while (true) {
            supervision.report("waiting for the engine to come back", 0, 0, 0);
            try {
                engine.connection().retryNow();
                engine.describe(supervision);
                return;
            } catch (CellwireException error) {
                boolean mayPass = error.reason().equals("REFUSED")
                        || error.reason().equals("UNREACHABLE")
                        || error.reason().equals("SHUTTING_DOWN");
                if (!mayPass) {
                    throw error;
                }
                if (System.nanoTime() >= end) {
                    throw new CellwireException(
                            "ENGINE_LOST",
                            "The engine at " + engine.connection().place().address()
                                    + " went away while " + doing + ", and did not come back "
                                    + "within " + RECONNECT_MILLISECONDS / 1000 + " s. "
                                    + error.getMessage(),
                            error.nextStep() + " Then run the command again.");
                }
            }
            pause();
        }
    }

    private void pause() throws CellwireException {
        long end = System.nanoTime() + PAUSE_MILLISECONDS * 1_000_000;
        while (System.nanoTime() < end) {
            supervision.check();
            try {
                Thread.sleep(Supervision.POLL_MILLISECONDS);
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
