"""The server, module by module."""
