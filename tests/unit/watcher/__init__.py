"""The watcher, against a manager interface that the tests play."""
