// Segments a z-stack as a volume; saves its label stack, its ROIs and a table of volumes beside it.
// From a command line the argument is the stack; otherwise you are asked for it. A series of stacks is
// segmented frame by frame; with link_frames among the options cells keep their number over time.
path = getArgument();
if (path == "") path = File.openDialog("Stack to segment");
open(path);
title = getTitle();
stem = File.getDirectory(path) + File.getNameWithoutExtension(path);

// How far apart slices are is read from Image > Properties...; where the image does not say it,
// anisotropy=3 would mean: three times the width of a pixel.
roiManager("reset");
run("Cellwire Segment...", "model=nuclei diameter=0 process=all stack=volume anisotropy=0"
    + " label_image roi_manager=append results_table");
print(getTitle() + ": " + Property.get("cellwire.cells") + " cells");

saveAs("Tiff", stem + "_labels");
Table.save(stem + "_volumes.csv", File.getNameWithoutExtension(title) + "-cells");
if (roiManager("count") > 0) {
    roiManager("deselect");
    roiManager("save", stem + "_rois.zip");
}
