"""``voicedr demo``: a Region dies on this machine, and the calls come back."""
