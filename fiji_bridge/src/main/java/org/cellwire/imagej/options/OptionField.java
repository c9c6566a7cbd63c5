package org.cellwire.imagej.options;

import java.util.Locale;

/** One field of a dialog, which is also one key of the macro command. */
public final class OptionField {

    /** How a field looks. */
    public enum Kind {
        /** A line of text. */
        TEXT,
        /** One of several texts. */
        CHOICE,
        /** Yes or no; in macros the bare key says yes. */
        CHECKBOX
    }

    private final String label;
    private final Kind kind;
    private final String macroDefault;
    private final String dialogDefault;
    private final String[] choices;

    private OptionField(
            String label, Kind kind, String macroDefault, String dialogDefault,
            String... choices) {
        this.label = label;
        this.kind = kind;
        this.macroDefault = macroDefault;
        this.dialogDefault = dialogDefault;
        this.choices = choices;
    }

    /**
     * Makes a line of text.
     *
     * @param label what the dialog shows; its first word is the key
     * @param usual what it holds at first, and in macros that leave it out
     */
    static OptionField text(String label, String usual) {
        return new OptionField(label, Kind.TEXT, usual, usual);
    }

    /**
     * Makes a choice.
     *
     * @param label what the dialog shows; its first word is the key
     * @param macroDefault what macros mean that leave it out
     * @param dialogDefault what the dialog shows at first
     * @param choices the texts
     */
    static OptionField choice(
            String label, String macroDefault, String dialogDefault, String... choices) {
        return new OptionField(label, Kind.CHOICE, macroDefault, dialogDefault, choices);
    }

    /**
     * Makes a box to tick; macros that leave it out mean no.
     *
     * @param label what the dialog shows; its first word is the key
     * @param ticked whether the dialog shows it ticked at first
     */
    static OptionField checkbox(String label, boolean ticked) {
        return new OptionField(label, Kind.CHECKBOX, "false", String.valueOf(ticked));
    }

    /** Gives what the dialog shows; underscores stand for blanks. */
    public String label() {
        return label;
    }

    /** Gives the key in macros: the label's first word in lower case, as ImageJ's Recorder does. */
    public String key() {
        return label.split(" ", 2)[0].toLowerCase(Locale.ROOT);
    }

    /** Gives how it looks. */
    public Kind kind() {
        return kind;
    }

    /** Gives the value of macros that leave it out. */
    public String macroDefault() {
        return macroDefault;
    }

    /** Gives the value that the dialog shows at first. */
    public String dialogDefault() {
        return dialogDefault;
    }

    /** Gives the texts of a choice. */
    public String[] choices() {
        return choices.clone();
    }
}
