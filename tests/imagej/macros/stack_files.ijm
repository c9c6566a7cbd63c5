// Opens NAME_labels.tif and NAME_rois.zip of a folder, without the plugin; NAME.csv tells what ImageJ makes of them.
folder = getArgument();
setBatchMode(true);
names = newArray("ZYX", "TYX", "TZYX");
for (n = 0; n < names.length; n++) {
    open(folder + names[n] + "_labels.tif");
    getDimensions(width, height, channels, slices, frames);
    getVoxelSize(across, down, deep, unit);
    text = "image," + channels + "," + slices + "," + frames + "," + across + "," + down + "," + deep + "," + unit + "\n";
    roiManager("reset");
    roiManager("open", folder + names[n] + "_rois.zip");
    for (i = 0; i < roiManager("count"); i++) {
        roiManager("select", i);
        Stack.getPosition(c, z, t);
        getRawStatistics(area, mean, min, max);
        text = text + RoiManager.getName(i) + "," + Roi.getName + "," + z + "," + t + "," + area + "," + min + "," + max + "\n";
    }
    File.saveString(text, folder + names[n] + ".csv");
    close("*");
}
