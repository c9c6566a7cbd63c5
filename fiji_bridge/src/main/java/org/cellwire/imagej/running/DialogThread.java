package org.cellwire.imagej.running;

import java.awt.EventQueue;
import java.lang.reflect.InvocationTargetException;

/** Shows dialogs in the thread that also closes them. */
public final class DialogThread {

    private DialogThread() {}

    /**
     * Shows a dialog and waits until the person has closed it.
     *
     * <p>ImageJ shows dialogs in a command's own thread, while AWT closes them in its own: one that
     * is closed in the very moment in which it opens then fails (Window must not be zero) or never
     * lets the command go on.
     *
     * @param dialog shows it, such as {@code dialog::showDialog}
     */
    public static void show(Runnable dialog) {
        if (EventQueue.isDispatchThread()) {
            dialog.run();
            return;
        }
        try {
            EventQueue.invokeAndWait(dialog);
        } catch (InvocationTargetException error) {
            if (error.getCause() instanceof Error) {
                throw (Error) error.getCause();
            }
            throw (RuntimeException) error.getCause();
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
    }
}
