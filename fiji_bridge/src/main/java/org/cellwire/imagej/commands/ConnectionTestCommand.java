package org.cellwire.imagej.commands;

import ij.IJ;
import io.cellwire.api.v1.Device;
import io.cellwire.api.v1.EngineState;
import io.cellwire.api.v1.GetEngineResponse;
import io.cellwire.api.v1.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.client.Engine;
import org.cellwire.imagej.client.EnginePlace;
import org.cellwire.imagej.client.SharedEngine;
import org.cellwire.imagej.client.Supervision;
import org.cellwire.imagej.options.EngineSettings;
import org.cellwire.imagej.running.GuardedCommand;
import org.cellwire.imagej.running.ProgressDisplay;

/** Cellwire Test Connection: writes into the Log what the engine is and which models it has. */
public final class ConnectionTestCommand extends GuardedCommand {

    @Override
    protected void carryOut(boolean macro) throws CellwireException {
        EnginePlace place = EngineSettings.place();
        Supervision waiting = new ProgressDisplay();
        waiting.report("asking " + place.address(), 0, 0, 0);
        Engine engine = SharedEngine.at(place, waiting);
        GetEngineResponse found = engine.describe(waiting);
        List<Model> models = engine.models(waiting);
        ProgressDisplay.end();
        IJ.showStatus("Cellwire: the engine at " + place.address() + " answers");
        IJ.log("Cellwire: the engine at " + place.address() + " answers: version "
                + found.getVersion() + ", " + state(found.getState())
                + (place.secure() ? ", protected by TLS" : ", not protected (this computer)")
                + (found.getCaller().isEmpty() ? "" : ", you are " + found.getCaller()));
        for (Device device : found.getDevicesList()) {
            IJ.log("    device " + device.getName() + ": " + device.getDescription() + " ("
                    + device.getBackend() + ", " + device.getPrecision() + ")");
        }
        for (Model model : models) {
            IJ.log(String.format(Locale.ROOT, "    model %s: %s (%s)",
                    model.getName().replaceFirst("^models/", ""), model.getDescription(),
                    abilities(model)));
        }
    }

    private static String state(EngineState state) {
        switch (state) {
            case ENGINE_STATE_STARTING:
                return "still starting";
            case ENGINE_STATE_DRAINING:
                return "about to stop";
            default:
                return "ready";
        }
    }

    private static String abilities(Model model) {
        List<String> words = new ArrayList<>();
        words.add(model.getHasSizeModel() ? "finds the diameter by itself"
                : String.format(Locale.ROOT, "made for cells of %.0f pixels",
                        model.getMeanDiameter()));
        if (!model.getLicence().isEmpty()) {
            words.add(model.getLicence());
        }
        return String.join(", ", words);
    }
}
