"""The register of complaints as it leaves: its gate, its counts, its page, and its part of the daily report."""
