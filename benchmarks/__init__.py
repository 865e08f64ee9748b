"""Every number that the README promises, beside a plain alternative in the same run: `python -m benchmarks`."""
