// Without the plugin, for those who have Cellwire's command: it writes the ROIs, ImageJ opens them.
// The argument is the image, then, after a vertical bar, the command (usually just cellwire).
argument = split(getArgument(), "|");
path = "";
command = "cellwire";
if (argument.length > 0) path = argument[0];
if (argument.length > 1) command = argument[1];
if (path == "") path = File.openDialog("Image to segment");
stem = File.getDirectory(path) + File.getNameWithoutExtension(path);

said = exec(command, "segment", path, "--model", "nuclei", "--save", "rois", "--overwrite");
if (!File.exists(stem + "_rois.zip")) exit("cellwire did not write the ROIs. It said:\n" + said);
open(path);
roiManager("open", stem + "_rois.zip");
roiManager("show all");
