package org.cellwire.imagej.running;

import ij.IJ;
import org.cellwire.imagej.client.Supervision;

/** Shows in ImageJ's status bar how far the work is; ESC ends it. */
public final class ProgressDisplay implements Supervision {

    private static final long PAUSE_NANOSECONDS = 50_000_000;
    private static final double SENDING = 0.15;
    private static final double NETWORK = 0.65;
    private static final double PARTS = 0.8;

    private final int requests;
    private final String partName;
    private int request;
    private double reached;
    private long shown;

    /**
     * Begins.
     *
     * @param requests number of requests, each for one plane or for all planes together
     * @param partName what the parts of such a request are: plane or frame
     */
    public ProgressDisplay(int requests, String partName) {
        this.requests = requests;
        this.partName = partName;
    }

    /** Begins to show work that has no planes. */
    public ProgressDisplay() {
        this(1, "");
    }

    /** Goes on with the next request, the number of which counts from 0. */
    void begin(int next) {
        request = next;
        reached = 0;
        shown = 0;
    }

    @Override
    public boolean cancelled() {
        return IJ.escapePressed();
    }

    @Override
    public void report(String stage, long done, long total, int queuePosition) {
        report(stage, done, total, queuePosition, 0, 0);
    }

    @Override
    public void report(
            String stage, long done, long total, int queuePosition, int part, int parts) {
        double share = share(stage, total == 0 ? 0 : (double) done / total);
        if (part > 0 && parts > 1) {
            double within = Math.max(0, share - SENDING) / (1 - SENDING);
            share = SENDING + PARTS * (part - 1 + within) / parts;
        }
        reached = Math.max(reached, share);
        long now = System.nanoTime();
        if (shown != 0 && now - shown < PAUSE_NANOSECONDS) {
            return;
        }
        shown = now;
        IJ.showStatus(words(stage, done, total, queuePosition, part, parts));
        // At 1 the bar would vanish.
        IJ.showProgress(Math.min(0.99, (request + reached) / requests));
    }

    private String words(
            String stage, long done, long total, int queuePosition, int part, int parts) {
        StringBuilder words = new StringBuilder("Cellwire: ").append(stage);
        if (queuePosition > 0) {
            words.append(" (").append(queuePosition).append(" before it)");
        } else if (total > 1) {
            words.append(' ').append(100 * done / total).append('%');
        }
        if (requests > 1) {
            words.append(", plane ").append(request + 1).append(" of ").append(requests);
        } else if (part > 0 && parts > 1) {
            words.append(", ").append(partName).append(' ').append(part).append(" of ")
                    .append(parts);
        }
        return words.append("; ESC stops").toString();
    }

    private static double share(String stage, double part) {
        switch (stage) {
            case "sending the image":
                return SENDING * part;
            case "running the network":
                return SENDING + NETWORK * part;
            case "following the flows":
                return SENDING + NETWORK + 0.1 * part;
            case "building the masks":
                return 0.9;
            case "joining the planes":
            case "making the outputs":
                return 0.95;
            default:
                return 0;
        }
    }

    /** Takes the bar away. */
    public static void end() {
        IJ.showProgress(1.0);
    }
}
