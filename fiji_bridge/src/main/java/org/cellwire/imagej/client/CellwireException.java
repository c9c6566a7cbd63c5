package org.cellwire.imagej.client;

/**
 * What can go wrong between ImageJ and an engine, as sentences for the person who uses it.
 *
 * <p>The message says what is wrong, the limit and the actual value; the next step what to do now.
 */
public class CellwireException extends Exception {

    private final String reason;
    private final String nextStep;

    /**
     * Makes an error.
     *
     * @param reason name in capitals, as in the engine's catalogue (docs/protocol.md)
     * @param message what is wrong, as a sentence
     * @param nextStep what the person can do now, as a sentence; may be empty
     */
    public CellwireException(String reason, String message, String nextStep) {
        super(message);
        this.reason = reason;
        this.nextStep = nextStep;
    }

    /** Gives the name of the error in capitals. */
    public String reason() {
        return reason;
    }

    /** Gives what the person can do now; empty if nothing is known. */
    public String nextStep() {
        return nextStep;
    }

    /** Gives message and next step as one text. */
    public String sentences() {
        return (getMessage() + " " + nextStep).trim();
    }
}
