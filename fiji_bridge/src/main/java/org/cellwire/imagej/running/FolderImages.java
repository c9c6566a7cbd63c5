package org.cellwire.imagej.running;

import ij.ImagePlus;
import ij.io.FileInfo;
import ij.io.Opener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cellwire.imagej.client.CellwireException;

/** The images of a folder, by name. */
public final class FolderImages {

    private static final Pattern IMAGE =
            Pattern.compile("(?i).*\\.(tiff?|png|jpe?g|bmp|gif)");
    private static final Pattern RESULT =
            Pattern.compile("(?i).*-(labels|flows|probability)\\.tif");

    private static final Set<Integer> KNOWN = new HashSet<>(Arrays.asList(
            Opener.TIFF, Opener.TIFF_AND_DICOM, Opener.PNG, Opener.JPEG, Opener.BMP, Opener.GIF));

    private FolderImages() {}

    /**
     * Lists the images of a folder, without those in its folders and without label images of an
     * earlier run.
     *
     * @param folder the folder
     * @param part what their names contain; empty = all
     * @throws CellwireException (FOLDER) if there are none
     */
    public static List<Path> list(String folder, String part) throws CellwireException {
        Path path = existing(folder, "input");
        try (Stream<Path> files = Files.list(path)) {
            List<Path> found = files
                    .filter(file -> IMAGE.matcher(name(file)).matches())
                    .filter(file -> !RESULT.matcher(name(file)).matches())
                    .filter(file -> !name(file).startsWith(".") && name(file).contains(part))
                    .sorted()
                    .collect(Collectors.toList());
            if (found.isEmpty()) {
                throw new CellwireException(
                        "FOLDER",
                        "The folder " + path + " has no TIFF, PNG, JPEG, BMP or GIF file"
                                + (part.isEmpty() ? "." : " with '" + part + "' in its name."),
                        "Choose another folder, or convert the files with Process > Batch > "
                                + "Convert....");
            }
            return found;
        } catch (IOException error) {
            throw new CellwireException(
                    "FOLDER", "The folder " + path + " cannot be read.", "Check its permissions.");
        }
    }

    /**
     * Opens an image without showing it.
     *
     * @throws CellwireException (IMAGE_UNREADABLE) if ImageJ cannot read it
     */
    static ImagePlus open(Path file) throws CellwireException {
        Opener opener = new Opener();
        opener.setSilentMode(true);
        // Opener tells of files that it does not know in a dialog, and ends the macro.
        int type = opener.getFileType(file.toString());
        boolean known = KNOWN.contains(type) && !(type == Opener.TIFF && isCut(file));
        ImagePlus image = known ? opener.openImage(file.toString()) : null;
        if (image == null) {
            throw new CellwireException(
                    "IMAGE_UNREADABLE", "ImageJ cannot read the file.",
                    "Check that it is whole, or convert it to TIFF.");
        }
        return image;
    }

    /** Tells whether a TIFF file lacks its end; Opener would fill it up with zeros. */
    private static boolean isCut(Path file) {
        FileInfo[] parts = Opener.getTiffFileInfo(file.toString());
        if (parts == null) {
            return true;
        }
        long end = 0;
        for (FileInfo part : parts) {
            if (part.stripOffsets != null && part.stripOffsets.length > 1) {
                int last = part.stripOffsets.length - 1;
                long begin = part.stripOffsets[last] & 0xffffffffL;
                end = Math.max(end, begin + part.stripLengths[last]);
            } else if (part.compression <= FileInfo.COMPRESSION_NONE) {
                long plane = (long) part.width * part.height * part.getBytesPerPixel();
                end = Math.max(end, part.getOffset() + plane * Math.max(1, part.nImages));
            }
        }
        return end > file.toFile().length();
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }

    private static Path existing(String folder, String what) throws CellwireException {
        if (folder.trim().isEmpty()) {
            throw new CellwireException(
                    "FOLDER", "No " + what + " folder was chosen.", "Choose one.");
        }
        Path path = path(folder);
        if (!Files.isDirectory(path)) {
            throw new CellwireException(
                    "FOLDER", "There is no folder " + path + ".", "Check its name.");
        }
        return path;
    }

    private static Path path(String folder) throws CellwireException {
        try {
            return Paths.get(folder.trim());
        } catch (InvalidPathException error) {
            throw new CellwireException(
                    "FOLDER", "'" + folder + "' is no name of a folder.", "Choose another.");
        }
    }

    /**
     * Gives the folder for results, which is made if it is not there.
     *
     * @throws CellwireException (FOLDER) if it cannot be made
     */
    public static Path output(String folder) throws CellwireException {
        if (folder.trim().isEmpty()) {
            throw new CellwireException("FOLDER", "No output folder was chosen.", "Choose one.");
        }
        Path path = path(folder);
        try {
            return Files.createDirectories(path);
        } catch (IOException error) {
            throw new CellwireException(
                    "FOLDER", "The folder " + path + " cannot be made.",
                    "Choose one that you may write to.");
        }
    }
}
