"""Packages: what was published, as a BagIt bag in a zip, with what it takes to check it (design 11)."""
