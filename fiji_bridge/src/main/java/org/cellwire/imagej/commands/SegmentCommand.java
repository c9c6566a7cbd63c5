package org.cellwire.imagej.commands;

import ij.ImagePlus;
import ij.WindowManager;
import ij.plugin.frame.Recorder;
import io.cellwire.api.v1.Priority;
import java.util.Map;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.client.Engine;
import org.cellwire.imagej.client.SharedEngine;
import org.cellwire.imagej.dialogs.SegmentDialog;
import org.cellwire.imagej.options.EngineSettings;
import org.cellwire.imagej.options.MacroOptions;
import org.cellwire.imagej.options.SegmentFields;
import org.cellwire.imagej.options.SegmentOptions;
import org.cellwire.imagej.pixels.SourceImage;
import org.cellwire.imagej.running.GuardedCommand;
import org.cellwire.imagej.running.JobResult;
import org.cellwire.imagej.running.MacroMode;
import org.cellwire.imagej.running.ProgressDisplay;
import org.cellwire.imagej.running.Publishing;
import org.cellwire.imagej.running.SegmentationJob;

/** Cellwire Segment...: finds the cells of the image in front. */
public final class SegmentCommand extends GuardedCommand {

    @Override
    protected void carryOut(boolean macro) throws CellwireException {
        ImagePlus image = WindowManager.getCurrentImage();
        if (image == null) {
            throw new CellwireException(
                    "NO_IMAGE", "No image is open.", "Open one with File > Open..., then run "
                            + "the command again.");
        }
        SourceImage source = new SourceImage(image);
        Map<String, String> values = macro
                ? MacroOptions.read(MacroMode.options(), SegmentFields.all())
                : SegmentDialog.ask(source);
        if (values == null) {
            Recorder.setCommand(null);
            return;
        }
        SegmentOptions options = new SegmentOptions(values);
        SegmentationJob job = new SegmentationJob(source, options);
        ProgressDisplay progress = job.progress();
        progress.report("asking the engine", 0, 0, 0);
        Engine engine = SharedEngine.at(EngineSettings.place(), progress);
        JobResult found = job.run(engine, progress, Priority.PRIORITY_INTERACTIVE);
        ProgressDisplay.end();
        found.log();
        Publishing.show(source, options, found);
    }
}
