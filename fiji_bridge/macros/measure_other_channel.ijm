// Finds nuclei in channel 1 and measures channel 2 inside them, in every slice and frame.
// From a command line the argument is the image; otherwise you are asked for it.
path = getArgument();
if (path == "") path = File.openDialog("Image with two channels or more");
open(path);
image = getImageID();
stem = File.getDirectory(path) + File.getNameWithoutExtension(path);

roiManager("reset");
run("Cellwire Segment...", "model=nuclei diameter=0 channel=1 process=all roi_manager=append");

// The ROIs know their slice and frame, and no channel: each is measured where it lies, in channel 2.
selectImage(image);
run("Clear Results");
for (i = 0; i < roiManager("count"); i++) {
    roiManager("select", i);
    name = Roi.getName;
    Stack.setChannel(2);
    getStatistics(area, mean, min, max);
    Stack.getPosition(channel, slice, frame);
    setResult("Label", i, name);
    setResult("Area", i, area);
    setResult("Mean", i, mean);
    setResult("Min", i, min);
    setResult("Max", i, max);
    setResult("Slice", i, slice);
    setResult("Frame", i, frame);
}
updateResults();
saveAs("Results", stem + "_channel2.csv");
