"""One file a figure. A figure is found by being here; its name is the file's, its title the first line of its file."""
