// Everything that a macro can ask of the plugin, in one run. The argument is a folder with images;
// label images, ROIs as ImageJ sees them, and tables go to its folder "out".
folder = getArgument();
out = folder + "out/";
File.makeDirectory(out);
setBatchMode(true);

segment("plane", "model=nuclei diameter=17 label_image roi_manager=replace");
segment("calibrated", "model=nuclei diameter=8.5 diameter_unit=calibrated label_image roi_manager=replace");
segment("automatic", "model=nuclei diameter=0 label_image");
segment("parameters", "model=nuclei diameter=17 flow_threshold=0.2 cellprob_threshold=-1 minimum_size=200 exclude_edges"
    + " normalisation=percentiles low=2 high=98 label_image roi_manager=replace");
segment("two_channels", "model=cyto diameter=26 channel=2 nucleus=1 label_image roi_manager=replace");
segment("colour", "model=nuclei diameter=17 channel=3 label_image");
segment("colour_mean", "model=nuclei diameter=17 label_image");
segment("stack", "model=nuclei diameter=17 process=[all slices] label_image roi_manager=replace");
segment("current", "model=nuclei diameter=17 label_image roi_manager=replace");
segment("frames", "model=nuclei diameter=17 process=[all frames] label_image roi_manager=replace");
segment("hyperstack", "model=nuclei diameter=17 channel=2 process=all label_image roi_manager=replace");
segment("selection", "model=nuclei diameter=17 inside_selection label_image roi_manager=replace");
segment("lattice", "model=nuclei diameter=17 inside_selection label_image roi_manager=replace");
segment("empty", "model=nuclei diameter=17 label_image roi_manager=replace results_table");
segment("one_pixel", "model=nuclei diameter=17 label_image roi_manager=replace");

// ROIs that are there stay, with their names, before the new ones.
openImage("plane");
roiManager("reset");
makeRectangle(3, 4, 5, 6);
Roi.setName("mine");
roiManager("add");
makeOval(50, 40, 20, 10);
roiManager("add");
run("Select None");
run("Cellwire Segment...", "model=nuclei diameter=17 label_image roi_manager=append");
selectImage(nImages);
report("kept");
close("*");
roiManager("reset");

// All other outputs.
openImage("plane");
source = getImageID();
run("Cellwire Segment...", "model=nuclei diameter=17 flows probability overlay results_table label_image");
Table.save(out + "table.csv", "plane-cells");
selectImage("plane-flows");
saveAs("Tiff", out + "flows");
selectImage("plane-probability");
saveAs("Tiff", out + "probability");
selectImage(source);
f = File.open(out + "overlay.csv");
for (i = 0; i < Overlay.size; i++) {
    Overlay.activateSelection(i);
    getRawStatistics(pixels);
    print(f, Roi.getName + "," + pixels);
}
File.close(f);
close("*");
run("Quit");

function openImage(name) {
    open(folder + name + ".tif");
    if (name == "current") {
        Stack.setSlice(2);
    }
    if (name == "selection") {
        makeOval(40, 30, 100, 90);
    }
    if (name == "lattice") {
        // An area with a hole every 6 pixels, so that cells have holes and parts.
        makeRectangle(0, 0, getWidth(), getHeight());
        roiManager("reset");
        newImage("lattice", "8-bit white", 192, 160, 1);
        for (y = 2; y < 160; y += 6) {
            for (x = 2; x < 192; x += 6) {
                setPixel(x, y, 0);
                setPixel(x, y + 1, 0);
            }
        }
        setThreshold(1, 255);
        run("Create Selection");
        roiManager("add");
        close();
        roiManager("select", 0);
    }
}

function segment(name, options) {
    openImage(name);
    run("Cellwire Segment...", options);
    report(name);
    close("*");
    roiManager("reset");
}

function report(name) {
    saveAs("Tiff", out + name);
    f = File.open(out + name + ".csv");
    for (i = 0; i < roiManager("count"); i++) {
        roiManager("select", i);
        Roi.getPosition(channel, slice, frame);
        getRawStatistics(pixels, mean, min, max);
        print(f, Roi.getName + "," + channel + "," + slice + "," + frame + "," + pixels + "," + min + "," + max);
    }
    File.close(f);
}
