package org.cellwire.imagej;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ij.plugin.PlugIn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cellwire.imagej.client.ClientVersion;
import org.cellwire.imagej.dialogs.HelpText;
import org.junit.Test;

public class MenuTest {

    private static final Pattern LINE =
            Pattern.compile("Plugins>Cellwire, \"(Cellwire [^\"]+)\", (\\S+)");

    @Test
    public void everyEntryOfTheMenuIsACommand() throws IOException, ReflectiveOperationException {
        Set<String> labels = new HashSet<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                MenuTest.class.getResourceAsStream("/plugins.config"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("#") || line.endsWith("\"-\"")) {
                    continue;
                }
                Matcher entry = LINE.matcher(line);
                assertTrue(line, entry.matches());
                assertTrue(line, labels.add(entry.group(1)));
                Object command = Class.forName(entry.group(2)).getConstructor().newInstance();
                assertTrue(line, command instanceof PlugIn);
            }
        }
        assertEquals(5, labels.size());
    }

    @Test
    public void theJarHasItsVersionAndHelp() {
        assertTrue(ClientVersion.name(), ClientVersion.name().matches("\\d+\\.\\d+\\.\\d+.*"));
        assertTrue(HelpText.page().contains("Cellwire Settings..."));
    }
}
