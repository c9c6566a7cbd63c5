package org.cellwire.imagej.commands;

import ij.plugin.frame.Recorder;
import java.util.Map;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.dialogs.SettingsDialog;
import org.cellwire.imagej.options.EngineSettings;
import org.cellwire.imagej.options.MacroOptions;
import org.cellwire.imagej.running.GuardedCommand;
import org.cellwire.imagej.running.MacroMode;

/** Cellwire Settings...: says where the engine is; macros may, but nothing is recorded. */
public final class SettingsCommand extends GuardedCommand {

    @Override
    protected void carryOut(boolean macro) throws CellwireException {
        if (!macro) {
            Recorder.setCommand(null);
        }
        Map<String, String> values = macro
                ? MacroOptions.read(MacroMode.options(), EngineSettings.FIELDS)
                : SettingsDialog.ask();
        if (values != null) {
            EngineSettings.keep(values);
        }
    }
}
