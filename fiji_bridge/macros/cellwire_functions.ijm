// Functions for your own macros: copy this file to macros/Library.txt in ImageJ's or Fiji's folder
// (or append it there), and every macro can call them.

// Segments the image in front with a model; the label image is in front afterwards.
// diameter in pixels, 0 = found by the engine. Returns the number of cells.
function cellwireSegment(model, diameter) {
    cells = cellwireSegmentWith("model=[" + model + "] diameter=" + diameter + " process=all label_image");
    return cells;
}

// The same with the options of "Cellwire Segment..." as the Recorder writes them.
function cellwireSegmentWith(options) {
    run("Cellwire Segment...", options);
    cells = parseInt(Property.get("cellwire.cells"));
    return cells;
}

// Puts the cells of the image in front into the ROI Manager, after those that are there;
// the image stays in front. Returns the number of cells.
function cellwireRois(model, diameter) {
    before = roiManager("count");
    run("Cellwire Segment...", "model=[" + model + "] diameter=" + diameter + " process=all roi_manager=append");
    after = roiManager("count");
    return after - before;
}

// Measures ROIs first to last (from 0) of the ROI Manager in one channel of an image with several.
// Each ROI is measured in its own slice and frame; the rows are added to the Results.
function cellwireMeasure(image, channel, first, last) {
    selectImage(image);
    for (i = first; i <= last; i++) {
        roiManager("select", i);
        name = Roi.getName;
        Roi.getPosition(c, slice, frame);
        Stack.getPosition(shownChannel, shownSlice, shownFrame);
        if (slice == 0) slice = shownSlice;
        if (frame == 0) frame = shownFrame;
        Stack.setPosition(channel, slice, frame);
        getStatistics(area, mean, min, max, deviation);
        row = nResults;
        setResult("Label", row, name);
        setResult("Area", row, area);
        setResult("Mean", row, mean);
        setResult("StdDev", row, deviation);
        setResult("Min", row, min);
        setResult("Max", row, max);
        setResult("Slice", row, slice);
        setResult("Frame", row, frame);
    }
    updateResults();
    run("Select None");
}
