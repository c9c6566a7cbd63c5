package org.cellwire.imagej.results;

import ij.ImagePlus;
import ij.ImageStack;
import ij.WindowManager;
import ij.measure.Calibration;
import ij.process.ImageProcessor;
import java.util.List;
import org.cellwire.imagej.pixels.Plane;
import org.cellwire.imagej.pixels.SourceImage;

/** Joins planes to an image with the calibration and dimensions of the one they came from. */
final class ResultStack {

    private ResultStack() {}

    /**
     * Makes an image.
     *
     * @param source where it came from
     * @param results one for each plane that was segmented, frame by frame
     * @param planes the pixels, channel by channel for each of the results
     * @param suffix end of the title, such as labels
     */
    static ImagePlus join(
            SourceImage source, List<PlaneResult> results, List<ImageProcessor> planes,
            String suffix) {
        int channels = planes.size() / results.size();
        ImageStack stack = new ImageStack(source.width(), source.height());
        for (int i = 0; i < planes.size(); i++) {
            stack.addSlice(sliceLabel(source, results.get(i / channels).plane()), planes.get(i));
        }
        String title = WindowManager.makeUniqueName(ResultNames.title(source.title(), suffix));
        ImagePlus image = new ImagePlus(title, stack);
        int frames = count(results, true);
        int slices = results.size() / frames;
        image.setDimensions(channels, slices, frames);
        image.setOpenAsHyperStack(channels > 1 || slices > 1 && frames > 1
                || stack.getSize() > 1 && source.isHyperstack());
        Calibration calibration = source.calibration();
        calibration.disableDensityCalibration();
        image.setCalibration(calibration);
        return image;
    }

    private static int count(List<PlaneResult> results, boolean frames) {
        return (int) results.stream()
                .map(result -> frames ? result.plane().frame() : result.plane().slice())
                .distinct().count();
    }

    private static String sliceLabel(SourceImage source, Plane plane) {
        if (!source.isStack()) {
            return null;
        }
        String slice = source.slices() > 1 ? "z:" + plane.slice() + "/" + source.slices() : "";
        String frame = source.frames() > 1 ? "t:" + plane.frame() + "/" + source.frames() : "";
        return (slice + " " + frame).trim();
    }
}
