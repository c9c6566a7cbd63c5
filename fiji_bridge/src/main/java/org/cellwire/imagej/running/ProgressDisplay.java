package org.cellwire.imagej.running;

import ij.IJ;
import org.cellwire.imagej.client.Supervision;

/** Shows in ImageJ's status bar how far the work is; ESC ends it. */
public final class ProgressDisplay implements Supervision {

    private static final long PAUSE_NANOSECONDS = 50_000_000;
    private static final double SENDING = 0.15;
    private static final double NETWORK = 0.65;

    private final int planes;
    private int plane;
    private double reached;
    private long shown;

    /**
     * Begins.
     *
     * @param planes number of planes to be segmented
     */
    public ProgressDisplay(int planes) {
        this.planes = planes;
    }

    /** Goes on with the next plane, the number of which counts from 0. */
    void begin(int next) {
        plane = next;
        reached = 0;
        shown = 0;
    }

    @Override
    public boolean cancelled() {
        return IJ.escapePressed();
    }

    @Override
    public void report(String stage, long done, long total, int queuePosition) {
        reached = Math.max(reached, share(stage, total == 0 ? 0 : (double) done / total));
        long now = System.nanoTime();
        if (shown != 0 && now - shown < PAUSE_NANOSECONDS) {
            return;
        }
        shown = now;
        IJ.showStatus(words(stage, done, total, queuePosition));
        // At 1 the bar would vanish.
        IJ.showProgress(Math.min(0.99, (plane + reached) / planes));
    }

    private String words(String stage, long done, long total, int queuePosition) {
        StringBuilder words = new StringBuilder("Cellwire: ").append(stage);
        if (queuePosition > 0) {
            words.append(" (").append(queuePosition).append(" before it)");
        } else if (total > 1) {
            words.append(' ').append(100 * done / total).append('%');
        }
        if (planes > 1) {
            words.append(", plane ").append(plane + 1).append(" of ").append(planes);
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
            case "making the outputs":
                return 0.9;
            default:
                return 0;
        }
    }

    /** Takes the bar away. */
    public static void end() {
        IJ.showProgress(1.0);
    }
}
