"""The chaos drill: a small town is warned while everything fails that can, and nothing is lost."""
