package org.cellwire.imagej.client;

/** The person's side of a running call: sees how far it is, and may end it. */
public interface Supervision {

    /** Milliseconds within which a wish to end the work is noticed. */
    int POLL_MILLISECONDS = 50;

    /** Tells whether the person wants the work to end. */
    boolean cancelled();

    /**
     * Is told how far the work is, in the thread that asked for it.
     *
     * @param stage what is being done, such as {@code running the network}
     * @param done steps done of this stage; bytes while an image is sent
     * @param total steps of this stage; 0 = not known
     * @param queuePosition segmentations that go first; 0 = running
     */
    void report(String stage, long done, long total, int queuePosition);

    /**
     * Is told how far the work on one part of a stack is.
     *
     * @param part which part it is about, from 1; 0 = the whole
     * @param parts parts of the stack; 0 = it is no stack
     */
    default void report(
            String stage, long done, long total, int queuePosition, int part, int parts) {
        report(stage, done, total, queuePosition);
    }

    /**
     * Ends the work if that is wanted.
     *
     * @throws CellwireException (CANCELLED)
     */
    default void check() throws CellwireException {
        if (cancelled() || Thread.currentThread().isInterrupted()) {
            throw new CellwireException("CANCELLED", "The segmentation was cancelled.", "");
        }
    }

    /** Lets the work run to its end and shows nothing. */
    static Supervision none() {
        return new Supervision() {
            @Override
            public boolean cancelled() {
                return false;
            }

            @Override
            public void report(String stage, long done, long total, int queuePosition) {}
        };
    }
}
