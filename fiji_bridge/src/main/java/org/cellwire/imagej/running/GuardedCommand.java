package org.cellwire.imagej.running;

import ij.IJ;
import ij.plugin.PlugIn;
import org.cellwire.imagej.client.CellwireException;

/** A command of the menu whose errors are told as {@link Complaint} does. */
public abstract class GuardedCommand implements PlugIn {

    @Override
    public final void run(String argument) {
        boolean macro = MacroMode.active();
        IJ.resetEscape();
        try {
            carryOut(macro);
        } catch (CellwireException error) {
            Complaint.tell(error, macro);
        } catch (RuntimeException | OutOfMemoryError fault) {
            Complaint.tell(fault, macro);
        }
    }

    /**
     * Does what the command is for.
     *
     * @param macro whether a macro or script runs it; then no dialog may be shown
     * @throws CellwireException what went wrong
     */
    protected abstract void carryOut(boolean macro) throws CellwireException;
}
