"""The page of an agreement file."""
