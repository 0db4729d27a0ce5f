"""What it can do, measured beside what others do in the same run: `python -m tests.benchmarks`."""
