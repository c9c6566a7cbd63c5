package org.cellwire.imagej.options;

import java.util.Locale;
import org.cellwire.imagej.client.CellwireException;

/** The channels that are segmented, from 1; 0 = the mean of all, or no nuclei. */
public final class ChannelChoice {

    private final int segmented;
    private final int nucleus;

    private ChannelChoice(int segmented, int nucleus) {
        this.segmented = segmented;
        this.nucleus = nucleus;
    }

    /**
     * Reads the channels of dialog and macro.
     *
     * @param segmented number from 1, or mean
     * @param nucleus number from 1, or none
     * @param count number of the image's channels; 3 for colour images
     * @throws CellwireException (SHAPE_MISMATCH) if the image has no such channel
     */
    static ChannelChoice parse(String segmented, String nucleus, int count)
            throws CellwireException {
        int first = number("channel", segmented, SegmentFields.MEAN, count);
        int second = number("nucleus", nucleus, SegmentFields.NONE, count);
        return new ChannelChoice(count == 1 && first == 0 ? 1 : first, second);
    }

    private static int number(String what, String given, String zero, int count)
            throws CellwireException {
        String text = given.trim().toLowerCase(Locale.ROOT);
        if (text.equals(zero) || text.equals("0")) {
            return 0;
        }
        int number = text.matches("\\d{1,6}") ? Integer.parseInt(text) : -1;
        if (number < 1 || number > count) {
            throw new CellwireException(
                    "SHAPE_MISMATCH",
                    "The " + what + " was to be channel '" + given + "'; the image has " + count
                            + (count == 1 ? " channel." : " channels."),
                    "Write a number from 1 to " + count + ", or " + zero + ".");
        }
        return number;
    }

    /** Gives the channel to be segmented; 0 = the mean of all. */
    public int segmented() {
        return segmented;
    }

    /** Gives the channel with the nuclei; 0 = none. */
    public int nucleus() {
        return nucleus;
    }
}
