package org.cellwire.imagej.running;

import ij.IJ;
import ij.ImagePlus;
import ij.io.FileSaver;
import ij.measure.ResultsTable;
import io.cellwire.api.v1.OutputKind;
import io.cellwire.api.v1.Priority;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.cellwire.imagej.client.CellwireException;
import org.cellwire.imagej.client.Engine;
import org.cellwire.imagej.options.FolderFields;
import org.cellwire.imagej.options.OptionField;
import org.cellwire.imagej.options.SegmentOptions;
import org.cellwire.imagej.pixels.SourceImage;
import org.cellwire.imagej.results.ResultNames;
import org.cellwire.imagej.results.RoiFile;

/** Segments the images of a folder one by one and saves what was found. */
public final class FolderRun {

    /** Errors after which no other image can be segmented. */
    private static final Set<String> FATAL = new HashSet<>(Arrays.asList(
            "CANCELLED", "REFUSED", "UNREACHABLE", "HOST_UNKNOWN", "TLS", "TOKEN_MISSING",
            "TOKEN_WRONG", "INCOMPATIBLE", "ENGINE_LOST", "MODEL_UNKNOWN", "MODEL_BROKEN",
            "INVALID_PARAMETER", "OUTPUT"));

    private final Map<String, String> values;
    private final SegmentOptions options;
    private final Path output;
    private final ResultsTable table = new ResultsTable();
    private int failures;

    /**
     * Prepares.
     *
     * @param values a value for each key of {@link FolderFields#all}
     * @param output folder for the results
     */
    public FolderRun(Map<String, String> values, Path output) {
        this.values = values;
        this.output = output;
        options = new SegmentOptions(values);
    }

    /**
     * Segments one image; what is wrong with it alone goes into the table.
     *
     * @param file the image
     * @param engine the engine
     * @throws CellwireException if no other image can be segmented either, or ESC was pressed
     */
    public void take(Path file, Engine engine) throws CellwireException {
        String name = file.getFileName().toString();
        table.incrementCounter();
        table.addValue("File", name);
        try {
            JobResult found = segment(file, name, engine);
            table.addValue("Cells", found.cells());
            table.addValue("Diameter", found.diameter());
            table.addValue("Seconds", found.seconds());
            table.addValue("Remarks", String.join(" ", found.notices()));
        } catch (CellwireException error) {
            table.addValue("Cells", "");
            table.addValue("Diameter", "");
            table.addValue("Seconds", "");
            table.addValue("Remarks", error.sentences());
            failures++;
            if (FATAL.contains(error.reason())) {
                throw error;
            }
            IJ.log("Cellwire: " + name + ": " + error.sentences());
        }
    }

    private JobResult segment(Path file, String name, Engine engine) throws CellwireException {
        ImagePlus image = FolderImages.open(file);
        try {
            SegmentationJob job = new SegmentationJob(new SourceImage(image), options);
            ProgressDisplay progress = job.progress();
            JobResult found = ticked(FolderFields.SAVE_ROIS)
                    ? job.run(engine, progress, Priority.PRIORITY_BATCH,
                            OutputKind.OUTPUT_KIND_LABELS, OutputKind.OUTPUT_KIND_ROI_ZIP)
                    : job.run(engine, progress, Priority.PRIORITY_BATCH,
                            OutputKind.OUTPUT_KIND_LABELS);
            save(name, found);
            return found;
        } finally {
            image.close();
        }
    }

    private void save(String name, JobResult found) throws CellwireException {
        boolean saved = true;
        if (ticked(FolderFields.SAVE_LABELS)) {
            ImagePlus labels = found.labels();
            FileSaver saver = new FileSaver(labels);
            String path = place(name, "labels", "tif").toString();
            saved = labels.getStackSize() > 1 ? saver.saveAsTiffStack(path)
                    : saver.saveAsTiff(path);
        }
        try {
            if (ticked(FolderFields.SAVE_ROIS)) {
                RoiFile.write(place(name, "rois", "zip"), found.rois());
            }
            if (ticked(FolderFields.SAVE_TABLES)) {
                found.table().saveAs(place(name, "cells", "csv").toString());
            }
        } catch (IOException error) {
            saved = false;
        }
        if (!saved) {
            throw new CellwireException(
                    "OUTPUT", "The results cannot be written into " + output + ".",
                    "Make room there, or choose another output folder.");
        }
    }

    private Path place(String name, String suffix, String ending) {
        return output.resolve(ResultNames.title(name, suffix) + "." + ending);
    }

    private boolean ticked(OptionField field) {
        return Boolean.parseBoolean(values.get(field.key()));
    }

    /** Shows the table of all files and saves it beside the results. */
    public void finish() {
        table.show("Cellwire folder");
        Path path = output.resolve("cellwire-folder.csv");
        try {
            table.saveAs(path.toString());
        } catch (IOException error) {
            IJ.log("Cellwire: the table of the files cannot be written to " + path + ".");
        }
        IJ.log("Cellwire: " + table.getCounter() + " files, " + failures + " without a result; "
                + "results are in " + output);
    }
}
