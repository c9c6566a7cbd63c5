package org.cellwire.imagej.commands;

import ij.plugin.frame.Recorder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.client.Engine;
import org.cellwire.imagej.client.SharedEngine;
import org.cellwire.imagej.dialogs.FolderDialog;
import org.cellwire.imagej.options.EngineSettings;
import org.cellwire.imagej.options.FolderFields;
import org.cellwire.imagej.options.MacroOptions;
import org.cellwire.imagej.running.FolderImages;
import org.cellwire.imagej.running.FolderRun;
import org.cellwire.imagej.running.GuardedCommand;
import org.cellwire.imagej.running.MacroMode;
import org.cellwire.imagej.running.ProgressDisplay;

/** Cellwire Segment Folder...: finds the cells of all images of a folder and saves them. */
public final class FolderCommand extends GuardedCommand {

    @Override
    protected void carryOut(boolean macro) throws CellwireException {
        Map<String, String> values = macro
                ? MacroOptions.read(MacroMode.options(), FolderFields.all())
                : FolderDialog.ask();
        if (values == null) {
            Recorder.setCommand(null);
            return;
        }
        List<Path> files = FolderImages.list(
                values.get(FolderFields.INPUT.key()), values.get(FolderFields.CONTAINING.key()));
        Path output = FolderImages.output(values.get(FolderFields.OUTPUT.key()));
        ProgressDisplay asking = new ProgressDisplay();
        asking.report("asking the engine", 0, 0, 0);
        Engine engine = SharedEngine.at(EngineSettings.place(), asking);
        FolderRun run = new FolderRun(values, output);
        try {
            for (Path file : files) {
                run.take(file, engine);
            }
        } finally {
            ProgressDisplay.end();
            run.finish();
        }
    }
}
