// Segments one image and saves its label image and its ROIs beside it.
// From a command line the argument is the image; otherwise you are asked for it.
path = getArgument();
if (path == "") path = File.openDialog("Image to segment");
open(path);
stem = File.getDirectory(path) + File.getNameWithoutExtension(path);

roiManager("reset");
run("Cellwire Segment...", "model=nuclei diameter=0 label_image roi_manager=append");
print(getInfo("window.title") + ": " + Property.get("cellwire.cells") + " cells");

saveAs("Tiff", stem + "_labels");
if (roiManager("count") > 0) {
    roiManager("deselect");
    roiManager("save", stem + "_rois.zip");
}
