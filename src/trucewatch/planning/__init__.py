"""Where to look next: which visit, call, image or question is expected to tell most, after safety."""
