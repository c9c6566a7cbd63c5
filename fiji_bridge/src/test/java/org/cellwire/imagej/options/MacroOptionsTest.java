package org.cellwire.imagej.options;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.cellwire.imagej.client.CellwireException;
import org.junit.Test;

public class MacroOptionsTest {

    private static final List<OptionField> ALL = SegmentFields.all();

    @Test
    public void readsARecordedLine() throws CellwireException {
        Map<String, String> values = MacroOptions.read(
                "model=[my cells] diameter=28 channel=2 process=[current plane] label_image "
                        + "roi_manager=append ", ALL);
        assertEquals("my cells", values.get("model"));
        assertEquals("28", values.get("diameter"));
        assertEquals("current plane", values.get("process"));
        assertEquals("true", values.get("label_image"));
        assertEquals("false", values.get("overlay"));
        assertEquals("append", values.get("roi_manager"));
        assertEquals("default", values.get("flow_threshold"));
    }

    @Test
    public void emptyAndQuotedValues() throws CellwireException {
        Map<String, String> values =
                MacroOptions.read("model=[] low='1 2' high= overlay", ALL);
        assertEquals("", values.get("model"));
        assertEquals("1 2", values.get("low"));
        assertEquals("", values.get("high"));
        assertEquals("true", values.get("overlay"));
    }

    @Test
    public void aMisspeltKeyIsAnErrorThatNamesTheKeys() {
        CellwireException error = assertThrows(CellwireException.class,
                () -> MacroOptions.read("flow_treshold=0.4", ALL));
        assertTrue(error.getMessage().contains("flow_treshold"));
        assertTrue(error.nextStep().contains("flow_threshold"));
    }

    @Test
    public void whatIsWrittenIsRead() throws CellwireException {
        Random random = new Random(3);
        String letters = "abc=_-. 1";
        for (int round = 0; round < 500; round++) {
            Map<String, String> values = new LinkedHashMap<>();
            for (OptionField field : ALL) {
                StringBuilder text = new StringBuilder();
                for (int i = random.nextInt(6); i > 0; i--) {
                    text.append(letters.charAt(random.nextInt(letters.length())));
                }
                values.put(field.key(), field.kind() == OptionField.Kind.CHECKBOX
                        ? String.valueOf(random.nextBoolean()) : text.toString());
            }
            assertEquals(values, MacroOptions.read(MacroOptions.write(values, ALL), ALL));
        }
    }

    /** ImageJ takes the first word of a label as the key: two with the same would be one. */
    @Test
    public void keysDiffer() {
        for (List<OptionField> fields : java.util.Arrays.asList(
                ALL, FolderFields.all(), EngineSettings.FIELDS)) {
            Set<String> keys = new HashSet<>();
            for (OptionField field : fields) {
                assertTrue(field.key(), keys.add(field.key()));
                assertTrue(field.key(), field.key().matches("[a-z_]+"));
            }
        }
    }
}
