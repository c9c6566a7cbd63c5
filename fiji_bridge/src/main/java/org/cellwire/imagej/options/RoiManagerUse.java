package org.cellwire.imagej.options;

import java.util.Locale;
import org.cellwire.imagej.client.CellwireException;

/** What happens to the ROI Manager when the cells arrive. */
public enum RoiManagerUse {
    /** Nothing. */
    NONE,
    /** The cells come after what is there. */
    APPEND,
    /** The cells take the place of what is there, of which a copy is kept. */
    REPLACE;

    static RoiManagerUse parse(String given) throws CellwireException {
        for (RoiManagerUse use : values()) {
            if (use.name().equalsIgnoreCase(given.trim())) {
                return use;
            }
        }
        throw new CellwireException(
                "INVALID_PARAMETER",
                "roi_manager cannot be '" + given + "'.",
                "Choose among "
                        + String.join(", ", SegmentFields.ROI_MANAGER.choices())
                                .toLowerCase(Locale.ROOT)
                        + ".");
    }
}
