package org.cellwire.imagej.results;

import ij.IJ;
import ij.ImagePlus;
import ij.gui.ImageCanvas;
import ij.gui.Roi;
import ij.macro.Interpreter;
import ij.plugin.frame.Recorder;
import ij.plugin.frame.RoiManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.text.SimpleDateFormat;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.options.RoiManagerUse;

/** Brings ROIs into the ROI Manager without losing those of the person. */
public final class RoiManagerOutput {

    private RoiManagerOutput() {}

    /**
     * Adds ROIs.
     *
     * @param image the image to which they belong
     * @param rois the ROIs
     * @param use after those that are there, or in their place; then a copy of them is kept in a
     *     file, which the Log names
     * @throws CellwireException (ROI_BACKUP) if that copy cannot be written; then nothing changes
     */
    public static void put(ImagePlus image, List<Roi> rois, RoiManagerUse use)
            throws CellwireException {
        RoiManager manager = manager();
        if (use == RoiManagerUse.REPLACE && manager.getCount() > 0) {
            keep(Arrays.asList(manager.getRoisAsArray()));
            manager.reset();
        }
        for (Roi roi : rois) {
            // Unlike addRoi(), this neither looks at the image in front nor records a command.
            manager.add(image, roi, -1);
        }
        showAgain(manager, image);
    }

    private static RoiManager manager() {
        RoiManager manager = RoiManager.getInstance2();
        if (manager != null) {
            return manager;
        }
        return Interpreter.isBatchMode()
                ? Interpreter.getBatchModeRoiManager() : RoiManager.getRoiManager();
    }

    private static void showAgain(RoiManager manager, ImagePlus image) {
        ImageCanvas canvas = image.getCanvas();
        if (canvas == null || canvas.getShowAllList() == null) {
            return;
        }
        boolean recording = Recorder.record;
        Recorder.record = false;
        try {
            manager.runCommand(image, "Show All");
        } finally {
            Recorder.record = recording;
        }
    }

    private static void keep(List<Roi> rois) throws CellwireException {
        Path folder = Paths.get(System.getProperty("java.io.tmpdir"), "cellwire-rois");
        String time = new SimpleDateFormat("yyyyMMdd-HHmmss-SSS", Locale.ROOT).format(new Date());
        Path path = folder.resolve("RoiSet-" + time + ".zip");
        try {
            Files.createDirectories(folder);
            RoiFile.write(path, rois);
        } catch (IOException error) {
            throw new CellwireException(
                    "ROI_BACKUP",
                    "The " + rois.size() + " ROIs in the ROI Manager were to be replaced, and no "
                            + "copy of them could be kept in " + path + ".",
                    "Make room there, or choose append.");
        }
        IJ.log("Cellwire: the " + rois.size() + " ROIs that were in the ROI Manager are kept in "
                + path);
    }
}
