package org.cellwire.imagej.running;

import ij.IJ;
import ij.macro.Interpreter;
import org.cellwire.imagej.client.CellwireException;

/** Tells what went wrong: a person in a dialog, a macro in the Log, and then it ends. */
public final class Complaint {

    private static final int LINE = 72;

    private Complaint() {}

    /**
     * Tells.
     *
     * @param error what went wrong
     * @param macro whether a macro or script runs the command; then no dialog is shown
     * @throws IllegalStateException with the same words, where a script runs it and no macro
     */
    public static void tell(CellwireException error, boolean macro) {
        ProgressDisplay.end();
        boolean cancelled = error.reason().equals("CANCELLED");
        IJ.showStatus("Cellwire: " + (cancelled ? "stopped." : error.getMessage()));
        if (cancelled && !macro) {
            return;
        }
        if (!macro) {
            String text = wrapped(error.getMessage()) + "\n \n" + wrapped(error.nextStep());
            DialogThread.show(() -> IJ.error("Cellwire", text));
            return;
        }
        String line = "Cellwire: " + error.sentences();
        IJ.log(line);
        if (Interpreter.getInstance() == null) {
            throw new IllegalStateException(line);
        }
        Interpreter.abort();
    }

    /**
     * Tells of a fault of the plugin's own or of Java's memory.
     *
     * @param fault what was thrown
     * @param macro whether a macro or script runs the command
     */
    public static void tell(Throwable fault, boolean macro) {
        if (fault instanceof OutOfMemoryError) {
            tell(new CellwireException(
                    "MEMORY", "ImageJ has no memory left for the result (its limit is "
                            + IJ.maxMemory() / (1 << 20) + " MB).",
                    "Allow more in Edit > Options > Memory & Threads, or process fewer planes."),
                    macro);
            return;
        }
        IJ.log("Cellwire: " + fault);
        for (StackTraceElement line : fault.getStackTrace()) {
            IJ.log("    " + line);
        }
        tell(new CellwireException(
                "PLUGIN", "The plugin failed by its own fault (" + fault + ").",
                "Send the lines in the Log window to the makers of Cellwire."), macro);
    }

    /** Breaks a text into lines that fit a dialog. */
    static String wrapped(String text) {
        StringBuilder lines = new StringBuilder();
        int length = 0;
        for (String word : text.split(" ")) {
            if (length > 0 && length + word.length() >= LINE) {
                lines.append('\n');
                length = 0;
            } else if (length > 0) {
                lines.append(' ');
                length++;
            }
            lines.append(word);
            length += word.length();
        }
        return lines.toString();
    }
}
