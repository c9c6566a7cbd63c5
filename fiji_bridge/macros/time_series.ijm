// Segments every frame of a time series, and plots how many cells there are over time.
// From a command line the argument is the series; otherwise you are asked for it. Frames are
// segmented one by one: labels begin at 1 in each. With link_frames among the options a cell would
// keep its number over time; its greatest one is then no count.
path = getArgument();
if (path == "") path = File.openDialog("Time series to segment");
open(path);
stem = File.getDirectory(path) + File.getNameWithoutExtension(path);

run("Cellwire Segment...", "model=nuclei diameter=0 process=[all frames] label_image");
labels = getImageID();
Stack.getDimensions(width, height, channels, slices, frames);
times = newArray(frames);
cells = newArray(frames);
run("Clear Results");
for (frame = 1; frame <= frames; frame++) {
    Stack.setFrame(frame);
    getStatistics(area, mean, min, max);
    times[frame - 1] = frame;
    cells[frame - 1] = max;
    setResult("Frame", frame - 1, frame);
    setResult("Cells", frame - 1, max);
}
updateResults();
saveAs("Results", stem + "_cells.csv");
selectImage(labels);
saveAs("Tiff", stem + "_labels");
Plot.create("Cells over time", "Frame", "Cells", times, cells);
Plot.show();
