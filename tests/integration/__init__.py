"""The service as real processes on a free port; the tests play Asterisk."""
