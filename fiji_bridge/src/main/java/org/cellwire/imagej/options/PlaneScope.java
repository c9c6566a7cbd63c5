package org.cellwire.imagej.options;

import java.util.Locale;
import org.cellwire.imagej.client.CellwireException;

/** Which planes of a stack or hyperstack are segmented; each is segmented by itself. */
public enum PlaneScope {
    /** The plane that is shown. */
    CURRENT("current plane"),
    /** All slices (Z) of the frame that is shown. */
    SLICES("all slices"),
    /** All frames (T) of the slice that is shown. */
    FRAMES("all frames"),
    /** All slices of all frames. */
    ALL("all");

    private final String text;

    PlaneScope(String text) {
        this.text = text;
    }

    /** Gives the text of dialog and macro. */
    public String text() {
        return text;
    }

    static String[] texts() {
        String[] texts = new String[values().length];
        for (PlaneScope scope : values()) {
            texts[scope.ordinal()] = scope.text;
        }
        return texts;
    }

    /** Tells whether all slices are segmented. */
    public boolean allSlices() {
        return this == SLICES || this == ALL;
    }

    /** Tells whether all frames are segmented. */
    public boolean allFrames() {
        return this == FRAMES || this == ALL;
    }

    /**
     * Reads the text of dialog and macro.
     *
     * @throws CellwireException (INVALID_PARAMETER) if it is none
     */
    static PlaneScope parse(String given) throws CellwireException {
        String wanted = given.trim().toLowerCase(Locale.ROOT).replace('_', ' ');
        for (PlaneScope scope : values()) {
            if (scope.text.equals(wanted) || scope.name().toLowerCase(Locale.ROOT).equals(wanted)) {
                return scope;
            }
        }
        throw new CellwireException(
                "INVALID_PARAMETER",
                "There is nothing to process that is called '" + given + "'.",
                "Choose among " + String.join(", ", texts()) + ".");
    }
}
