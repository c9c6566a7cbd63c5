import java.awt.Button;
import java.awt.Checkbox;
import java.awt.Choice;
import java.awt.Component;
import java.awt.Container;
import java.awt.Dialog;
import java.awt.EventQueue;
import java.awt.Frame;
import java.awt.Label;
import java.awt.TextArea;
import java.awt.TextComponent;
import java.awt.TextField;
import java.awt.Toolkit;
import java.awt.Window;
import java.awt.event.ActionEvent;
import java.awt.event.ItemEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Dialogs as a person sees them: their words, fields and buttons. */
final class Dialogs {
    private Dialogs() {}

    static List<Dialog> open() {
        List<Dialog> found = new ArrayList<>();
        for (Window window : Window.getWindows()) {
            // A window counts as showing while its constructor runs; only later has it a peer.
            if (window instanceof Dialog && window.isDisplayable() && window.isShowing()) {
                found.add((Dialog) window);
            }
        }
        return found;
    }

    /** The dialog that is on top, waited for. */
    static Dialog await(double seconds) {
        return await(seconds, "no dialog came", () -> {
            List<Dialog> dialogs = open();
            return dialogs.isEmpty() ? null : dialogs.get(dialogs.size() - 1);
        });
    }

    /** Presses OK in the moment in which a dialog opens, and waits until it is gone. */
    static void rush(double seconds) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (open().isEmpty() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        press(await(0.1), "OK");
        await(seconds, "the dialog that was closed at once stayed", () -> open().isEmpty() ? "" : null);
    }

    static Frame awaitFrame(String title, double seconds) {
        return await(seconds, "no window " + title + " came", () -> {
            for (Frame frame : Frame.getFrames()) {
                if (frame.isShowing() && frame.getTitle().startsWith(title)) {
                    return frame;
                }
            }
            return null;
        });
    }

    /** Title, and then each component on a line of its own: kind, tab, words. */
    static String describe(Dialog dialog) {
        StringBuilder text = new StringBuilder("title\t" + dialog.getTitle());
        for (Component each : all(dialog)) {
            String words = words(each);
            if (!words.isEmpty()) {
                text.append('\n').append(each.getClass().getSimpleName()).append('\t').append(words);
            }
        }
        return text.toString();
    }

    /** Fill the field with that label in. */
    static void set(Dialog dialog, String label, String value) throws Exception {
        List<Component> components = all(dialog);
        for (int i = 0; i < components.size(); i++) {
            Component each = components.get(i);
            if (each instanceof Checkbox && ((Checkbox) each).getLabel().equals(label)) {
                Checkbox box = (Checkbox) each;
                EventQueue.invokeAndWait(() -> {
                    box.setState(Boolean.parseBoolean(value));
                    box.dispatchEvent(new ItemEvent(box, ItemEvent.ITEM_STATE_CHANGED, box.getLabel(),
                            box.getState() ? ItemEvent.SELECTED : ItemEvent.DESELECTED));
                });
                return;
            }
            if (each instanceof Label && ((Label) each).getText().replace(":", "").trim().equals(label)) {
                fill(field(components, i + 1, label), value);
                return;
            }
        }
        throw new IllegalArgumentException("no field " + label + " in\n" + describe(dialog));
    }

    static void press(Dialog dialog, String label) {
        for (Component each : all(dialog)) {
            if (each instanceof Button && ((Button) each).getLabel().trim().equals(label)) {
                EventQueue queue = Toolkit.getDefaultToolkit().getSystemEventQueue();
                queue.postEvent(new ActionEvent(each, ActionEvent.ACTION_PERFORMED, label));
                return;
            }
        }
        throw new IllegalArgumentException("no button " + label + " in\n" + describe(dialog));
    }

    /** Move a window: title, x, y and, if given, width and height. */
    static void arrange(String title, String[] words) throws Exception {
        Window window = title.equals("dialog") ? await(5) : awaitFrame(title, 5);
        EventQueue.invokeAndWait(() -> {
            window.setLocation(Integer.parseInt(words[2]), Integer.parseInt(words[3]));
            if (words.length > 5) {
                window.setSize(Integer.parseInt(words[4]), Integer.parseInt(words[5]));
            }
            window.validate();
            window.toFront();
        });
    }

    private static Component field(List<Component> components, int start, String label) {
        for (Component each : components.subList(start, components.size())) {
            if (each instanceof TextField || each instanceof Choice) {
                return each;
            }
        }
        throw new IllegalArgumentException("nothing to fill in after " + label);
    }

    private static void fill(Component field, String value) throws Exception {
        EventQueue.invokeAndWait(() -> {
            if (field instanceof Choice) {
                Choice choice = (Choice) field;
                choice.select(value);
                if (!choice.getSelectedItem().equals(value)) {
                    throw new IllegalArgumentException("no choice " + value);
                }
                choice.dispatchEvent(
                        new ItemEvent(choice, ItemEvent.ITEM_STATE_CHANGED, value, ItemEvent.SELECTED));
            } else {
                ((TextField) field).setText(value);
            }
        });
    }

    private static String words(Component each) {
        if (each instanceof Label) {
            return ((Label) each).getText();
        }
        if (each instanceof Button) {
            return ((Button) each).getLabel();
        }
        if (each instanceof Checkbox) {
            return ((Checkbox) each).getLabel() + "=" + ((Checkbox) each).getState();
        }
        if (each instanceof Choice) {
            Choice choice = (Choice) each;
            StringBuilder items = new StringBuilder(choice.getSelectedItem());
            for (int i = 0; i < choice.getItemCount(); i++) {
                items.append(i == 0 ? " of " : ", ").append(choice.getItem(i));
            }
            return items.toString();
        }
        if (each instanceof TextField || each instanceof TextArea) {
            return ((TextComponent) each).getText();
        }
        if (each.getClass().getSimpleName().equals("MultiLineLabel")) {
            return MultiLine.text(each);
        }
        return "";
    }

    private static List<Component> all(Container container) {
        List<Component> found = new ArrayList<>();
        for (Component each : container.getComponents()) {
            found.add(each);
            if (each instanceof Container) {
                found.addAll(all((Container) each));
            }
        }
        return found;
    }

    private static <T> T await(double seconds, String otherwise, Supplier<T> look) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end) {
            T found = look.get();
            if (found != null) {
                return found;
            }
            ij.IJ.wait(20);
        }
        throw new IllegalStateException(otherwise + " within " + seconds + " s");
    }
}
