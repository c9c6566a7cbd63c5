package org.cellwire.imagej.results;

import ij.gui.Roi;
import ij.io.RoiDecoder;
import io.cellwire.api.v1.OutputKind;
import java.awt.Rectangle;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.options.StackChoice;
import org.cellwire.imagej.pixels.Plane;
import org.cellwire.imagej.pixels.PlaneBlock;
import org.cellwire.imagej.pixels.SourceImage;

/** From the engine's ROI sets to ImageJ's ROIs, each with its place in the source. */
public final class CellRois {

    private static final Pattern CELL = Pattern.compile("cell-\\d+");

    private CellRois() {}

    /**
     * Makes the ROIs of all planes, of a cell that is in several planes one in each.
     *
     * <p>Those of one cell have one name; what its number begins anew with stands before it.
     *
     * <p>In hyperstacks they belong to a slice and a frame and to every channel: selecting one
     * keeps the channel that is shown, so that any channel can be measured.
     *
     * @param source where the cells are
     * @param box the part that was segmented, in pixels
     * @param stack how planes belong together
     * @param results what was found
     * @throws CellwireException (INTERNAL) if a set is missing or cannot be read
     */
    public static List<Roi> of(
            SourceImage source, Rectangle box, StackChoice stack, List<BlockResult> results)
            throws CellwireException {
        List<Roi> rois = new ArrayList<>();
        for (BlockResult result : results) {
            byte[] zip = result.result().output(OutputKind.OUTPUT_KIND_ROI_ZIP).bytes(0);
            for (Roi roi : read(zip)) {
                Plane plane = place(roi, result.block());
                Rectangle bounds = roi.getBounds();
                roi.setLocation(bounds.x + box.x, bounds.y + box.y);
                roi.setName(prefix(source, stack, plane) + cell(roi.getName()));
                roi.setPosition(0); // with places of both kinds it would show on all planes
                if (source.isHyperstack()) {
                    roi.setPosition(0, plane.slice(), plane.frame());
                } else if (source.isStack()) {
                    roi.setPosition(source.index(1, plane));
                }
                rois.add(roi);
            }
        }
        return rois;
    }

    /** Gives the plane of a ROI, the places of which count within the block. */
    private static Plane place(Roi roi, PlaneBlock block) throws CellwireException {
        int slice = block.slices() == 1 ? 1 : Math.max(roi.getZPosition(), roi.getPosition());
        int frame = block.frames() == 1 ? 1 : Math.max(roi.getTPosition(),
                block.slices() == 1 ? roi.getPosition() : 0);
        if (slice < 1 || slice > block.slices() || frame < 1 || frame > block.frames()) {
            throw unreadable(roi.getName() + " has no place in the stack");
        }
        return block.plane(slice, frame);
    }

    private static String cell(String name) {
        Matcher found = CELL.matcher(name);
        return found.find() ? found.group() : name;
    }

    private static String prefix(SourceImage source, StackChoice stack, Plane plane) {
        if (stack.joinsFrames()) {
            return "";
        }
        String frame = source.frames() > 1
                ? String.format(Locale.ROOT, "t%03d-", plane.frame()) : "";
        String slice = source.slices() > 1 && !stack.joinsSlices()
                ? String.format(Locale.ROOT, "z%03d-", plane.slice()) : "";
        return frame + slice;
    }

    /**
     * Reads a RoiSet.zip.
     *
     * @throws CellwireException (INTERNAL) if it cannot be read
     */
    static List<Roi> read(byte[] zip) throws CellwireException {
        List<Roi> rois = new ArrayList<>();
        try (ZipInputStream entries = new ZipInputStream(new ByteArrayInputStream(zip))) {
            byte[] part = new byte[8192];
            for (ZipEntry entry = entries.getNextEntry(); entry != null;
                    entry = entries.getNextEntry()) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                for (int n = entries.read(part); n > 0; n = entries.read(part)) {
                    bytes.write(part, 0, n);
                }
                Roi roi = RoiDecoder.openFromByteArray(bytes.toByteArray());
                if (roi == null) {
                    throw unreadable(entry.getName());
                }
                roi.setName(entry.getName().replaceFirst("\\.roi$", ""));
                rois.add(roi);
            }
        } catch (IOException error) {
            throw unreadable(error.getMessage());
        }
        return rois;
    }

    private static CellwireException unreadable(String what) {
        return new CellwireException(
                "INTERNAL", "A ROI of the engine cannot be read (" + what + ").",
                "Update the engine or the plugin, or take the label image alone.");
    }
}
