package org.cellwire.imagej.dialogs;

import ij.gui.GenericDialog;
import java.util.Collections;
import java.util.Map;
import org.cellwire.imagej.options.FolderFields;
import org.cellwire.imagej.options.SegmentFields;
import org.cellwire.imagej.running.DialogThread;

/** Asks a person which folder to segment and how. */
public final class FolderDialog {

    /** Channels that can be chosen; which of them an image has, it tells when its turn comes. */
    private static final int CHANNELS = 8;
    private static final int COLUMNS = 30;

    private FolderDialog() {}

    /**
     * Asks.
     *
     * @return a value for each key of {@link FolderFields#all}; null if the person pressed Cancel
     */
    public static Map<String, String> ask() {
        Remembered remembered = new Remembered("cellwire.last_folder", FolderFields.all());
        Map<String, String> before = remembered.values();
        GenericDialog dialog = new GenericDialog("Cellwire Segment Folder");
        dialog.addDirectoryField(
                FolderFields.INPUT.label(), before.get(FolderFields.INPUT.key()), COLUMNS);
        dialog.addDirectoryField(
                FolderFields.OUTPUT.label(), before.get(FolderFields.OUTPUT.key()), COLUMNS);
        FieldLayout layout = new FieldLayout(dialog, before, CHANNELS, false, true);
        layout.add(Collections.singletonList(FolderFields.CONTAINING));
        layout.add(SegmentFields.PARAMETERS);
        layout.add(Collections.singletonList(FolderFields.PROCESS));
        layout.add(SegmentFields.STACKS);
        layout.add(FolderFields.OUTPUTS);
        dialog.addHelp(HelpText.page());
        DialogThread.show(dialog::showDialog);
        if (OptionDialog.cancelled(dialog)) {
            return null;
        }
        Map<String, String> values = OptionDialog.read(dialog, FolderFields.all());
        remembered.keep(values);
        return values;
    }
}
