package org.cellwire.imagej.options;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.cellwire.imagej.client.CellwireException;

/**
 * The option string of a macro command, such as {@code "model=nuclei title=[two words] overlay"}.
 *
 * <p>It is read here and not by ImageJ's dialog, so that macros run without a window, and so that a
 * misspelt key is an error and not a default.
 */
public final class MacroOptions {

    private MacroOptions() {}

    /**
     * Reads an option string.
     *
     * @param options keys with values; values with blanks are in brackets or quotes; a bare key
     *     ticks a box
     * @param fields the fields that exist
     * @return a value for each field, in their order
     * @throws CellwireException (INVALID_PARAMETER) if there is no such field
     */
    public static Map<String, String> read(String options, List<OptionField> fields)
            throws CellwireException {
        Map<String, String> values = new LinkedHashMap<>();
        for (OptionField field : fields) {
            values.put(field.key(), field.macroDefault());
        }
        for (Map.Entry<String, String> given : split(options).entrySet()) {
            if (!values.containsKey(given.getKey())) {
                throw new CellwireException(
                        "INVALID_PARAMETER",
                        "There is no option '" + given.getKey() + "'.",
                        "Choose among " + String.join(", ", values.keySet()) + ".");
            }
            values.put(given.getKey(), given.getValue());
        }
        return values;
    }

    /** Writes values as an option string that {@link #read} reads. */
    public static String write(Map<String, String> values, List<OptionField> fields) {
        StringBuilder text = new StringBuilder();
        for (OptionField field : fields) {
            String value = values.get(field.key());
            if (field.kind() == OptionField.Kind.CHECKBOX) {
                text.append(value.equals("true") ? field.key() + " " : "");
            } else {
                boolean plain = value.matches("[^\\s\\[\\]']+");
                text.append(field.key()).append('=')
                        .append(plain ? value : "[" + value + "]").append(' ');
            }
        }
        return text.toString().trim();
    }

    private static Map<String, String> split(String options) {
        Map<String, String> found = new LinkedHashMap<>();
        int at = 0;
        while (at < options.length()) {
            if (Character.isWhitespace(options.charAt(at))) {
                at++;
                continue;
            }
            int end = at;
            while (end < options.length() && options.charAt(end) != '='
                    && !Character.isWhitespace(options.charAt(end))) {
                end++;
            }
            String key = options.substring(at, end).toLowerCase(Locale.ROOT);
            if (end >= options.length() || options.charAt(end) != '=') {
                found.put(key, "true");
                at = end;
                continue;
            }
            int start = end + 1;
            char first = start < options.length() ? options.charAt(start) : ' ';
            int stop;
            if (first == '[' || first == '\'') {
                start++;
                stop = options.indexOf(first == '[' ? ']' : '\'', start);
                stop = stop < 0 ? options.length() : stop;
                at = stop + 1;
            } else {
                stop = start;
                while (stop < options.length() && !Character.isWhitespace(options.charAt(stop))) {
                    stop++;
                }
                at = stop;
            }
            found.put(key, options.substring(Math.min(start, options.length()), stop));
        }
        return found;
    }
}
