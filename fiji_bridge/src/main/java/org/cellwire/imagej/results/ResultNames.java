package org.cellwire.imagej.results;

/** Titles and file names of results. */
public final class ResultNames {

    private static final String ENDINGS =
            "(?i)(\\.ome)?\\.(tiff?|png|jpe?g|gif|bmp|zip|czi|nd2|lif|dcm|stk|lsm)$";

    private ResultNames() {}

    /**
     * Gives the title of a result.
     *
     * @param source title of the image, with or without the ending of a file's name
     * @param suffix what it is, such as labels
     */
    public static String title(String source, String suffix) {
        return source.replaceAll(ENDINGS, "") + "-" + suffix;
    }
}
