"""The road of a complaint: received, looked into, heard, ruled, followed up, and the clocks that an agreement sets."""
