package org.cellwire.imagej.running;

import ij.Macro;
import ij.macro.Interpreter;
import java.awt.GraphicsEnvironment;

/** Whether a person sits in front of the command, or a macro or script runs it. */
public final class MacroMode {

    private MacroMode() {}

    /** Tells whether no dialog may be shown. */
    public static boolean active() {
        return Macro.getOptions() != null
                || Interpreter.getInstance() != null
                || GraphicsEnvironment.isHeadless();
    }

    /** Gives the options of the macro command; empty if it has none. */
    public static String options() {
        String options = Macro.getOptions();
        return options == null ? "" : options;
    }
}
