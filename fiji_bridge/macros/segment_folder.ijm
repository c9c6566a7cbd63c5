// Segments all images of a folder; label images and one table of all cells go into its folder "cellwire".
// From a command line the argument is the folder; otherwise you are asked for it.
// (Plugins > Cellwire > Cellwire Segment Folder... does this with a dialog; here you can change each step.)
folder = getArgument();
if (folder == "") folder = getDirectory("Folder with images");
if (!endsWith(folder, File.separator)) folder = folder + File.separator;
out = folder + "cellwire" + File.separator;
File.makeDirectory(out);

setBatchMode(true);
table = File.open(out + "cells.csv");
print(table, "Image,Cells,Pixels in cells");
names = getFileList(folder);
for (i = 0; i < names.length; i++) {
    if (!matches(toLowerCase(names[i]), ".*\\.(tif|tiff|png|jpg|jpeg|bmp)")) continue;
    open(folder + names[i]);
    run("Cellwire Segment...", "model=nuclei diameter=0 label_image");
    cells = Property.get("cellwire.cells");
    getHistogram(values, counts, 65536);
    print(table, names[i] + "," + cells + "," + (getWidth() * getHeight() - counts[0]));
    saveAs("Tiff", out + File.getNameWithoutExtension(names[i]) + "_labels");
    close("*");
}
File.close(table);
