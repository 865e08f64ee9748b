"""Intake: files as they come, to checked records. Reads only; what is stored is the mission's act."""
