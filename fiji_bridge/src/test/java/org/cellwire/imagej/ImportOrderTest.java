package org.cellwire.imagej;

import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.Test;

/** Imports run one way through the packages, and only one of them knows gRPC. */
public class ImportOrderTest {

    private static final Path SOURCES = Paths.get("src/main/java/org/cellwire/imagej");
    private static final List<String> ORDER = Arrays.asList(
            "client", "options", "pixels", "results", "running", "dialogs", "commands");
    private static final Pattern OWN = Pattern.compile("import org\\.cellwire\\.imagej\\.(\\w+)\\.");
    private static final Pattern WIRE =
            Pattern.compile("(import (io\\.grpc|io\\.netty|com\\.google)\\.)");

    @Test
    public void importsRunOneWay() throws IOException {
        for (Path file : files()) {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            int own = ORDER.indexOf(SOURCES.relativize(file).getName(0).toString());
            assertTrue("in no known package: " + file, own >= 0);
            for (Matcher found = OWN.matcher(text); found.find();) {
                int other = ORDER.indexOf(found.group(1));
                assertTrue(file + " imports " + found.group(1), other >= 0 && other <= own);
            }
            assertTrue(file + " knows gRPC", own == 0 || !WIRE.matcher(text).find());
        }
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> found = Files.walk(SOURCES)) {
            List<Path> files = found.filter(file -> file.toString().endsWith(".java"))
                    .collect(Collectors.toList());
            assertTrue(files.size() > 30);
            return files;
        }
    }
}
