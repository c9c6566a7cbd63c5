package org.cellwire.imagej.commands;

import ij.IJ;
import ij.gui.HTMLDialog;
import org.cellwire.imagej.client.ClientVersion;
import org.cellwire.imagej.dialogs.HelpText;
import org.cellwire.imagej.running.DialogThread;
import org.cellwire.imagej.running.GuardedCommand;

/** Cellwire Help: shows how to begin; in macros it writes the text into the Log. */
public final class HelpCommand extends GuardedCommand {

    @Override
    protected void carryOut(boolean macro) {
        if (macro) {
            IJ.log(HelpText.page().replaceAll("(?s)<[^>]*>", "").replaceAll("\n{3,}", "\n\n")
                    .replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&").trim());
            return;
        }
        String title = "Cellwire " + ClientVersion.name();
        DialogThread.show(() -> new HTMLDialog(title, HelpText.page(), false));
    }
}
