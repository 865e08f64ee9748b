"""Nothing is shared between tests but the words of the domain."""
