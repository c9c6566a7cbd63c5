import java.awt.Component;
import java.lang.reflect.Field;

/** The words of ImageJ's own label of several lines, which it only paints. */
final class MultiLine {
    private MultiLine() {}

    static String text(Component label) {
        try {
            Field lines = label.getClass().getDeclaredField("lines");
            lines.setAccessible(true);
            return String.join(" ", (String[]) lines.get(label));
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }
}
