"""The policies that were once in force, kept as they were."""
