"""``voicedr sample``: a highly available application on this machine, to break part by part."""
