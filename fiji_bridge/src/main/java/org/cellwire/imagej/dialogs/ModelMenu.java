package org.cellwire.imagej.dialogs;

import ij.IJ;
import io.cellwire.api.v1.Model;
import java.awt.Button;
import java.awt.Component;
import java.awt.EventQueue;
import java.awt.MenuItem;
import java.awt.PopupMenu;
import java.awt.TextField;
import java.awt.event.ActionEvent;
import java.awt.event.ActionListener;
import java.util.List;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.client.SharedEngine;
import org.cellwire.imagej.client.Supervision;
import org.cellwire.imagej.options.EngineSettings;
import org.cellwire.imagej.running.Complaint;

/** The button that lists the engine's models; choosing one writes its name into the dialog. */
final class ModelMenu implements ActionListener {

    private static final int LONGEST = 90;

    private final TextField field;

    /**
     * Makes the button's action.
     *
     * @param field where the chosen name is written
     */
    ModelMenu(TextField field) {
        this.field = field;
    }

    @Override
    public void actionPerformed(ActionEvent event) {
        Button button = (Button) event.getSource();
        button.setEnabled(false);
        Thread asking = new Thread(() -> ask(button), "cellwire-models");
        asking.setDaemon(true);
        asking.start();
    }

    private void ask(Button button) {
        try {
            IJ.showStatus("Cellwire: asking the engine for its models");
            List<Model> models = SharedEngine.at(EngineSettings.place(), Supervision.none())
                    .models(Supervision.none());
            IJ.showStatus("");
            EventQueue.invokeLater(() -> show(button, models));
        } catch (CellwireException error) {
            Complaint.tell(error, false);
        } finally {
            button.setEnabled(true);
        }
    }

    private void show(Component button, List<Model> models) {
        if (!button.isShowing()) {
            return; // the person closed the dialog in the meantime
        }
        PopupMenu menu = new PopupMenu("Models");
        for (Model model : models) {
            String name = model.getName().replaceFirst("^models/", "");
            String text = name + ": " + model.getDescription();
            MenuItem item = new MenuItem(
                    text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text);
            item.addActionListener(chosen -> field.setText(name));
            menu.add(item);
        }
        button.add(menu);
        menu.show(button, 0, button.getHeight());
    }
}
