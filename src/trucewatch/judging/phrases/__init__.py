"""Words of the reasons of findings, one file a language."""
