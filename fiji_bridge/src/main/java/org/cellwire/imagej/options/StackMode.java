package org.cellwire.imagej.options;

import java.util.Locale;
import org.cellwire.imagej.client.CellwireException;

/** What the slices (Z) of a stack are to each other. */
public enum StackMode {
    /** Nothing: each is segmented by itself, and its cells are numbered from 1. */
    PLANES,
    /** Each is segmented by itself; cells that overlap from slice to slice get one number. */
    STITCHED,
    /** One volume, segmented in three dimensions. */
    VOLUME;

    /** Gives the text of dialog and macro. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static String[] texts() {
        String[] texts = new String[values().length];
        for (StackMode mode : values()) {
            texts[mode.ordinal()] = mode.text();
        }
        return texts;
    }

    /**
     * Reads the text of dialog and macro.
     *
     * @throws CellwireException (INVALID_PARAMETER) if it is none
     */
    static StackMode parse(String given) throws CellwireException {
        for (StackMode mode : values()) {
            if (mode.name().equalsIgnoreCase(given)) {
                return mode;
            }
        }
        throw new CellwireException(
                "INVALID_PARAMETER",
                "A stack cannot be taken as '" + given + "'.",
                "Choose among " + String.join(", ", texts()) + ".");
    }
}
