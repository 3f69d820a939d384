"""The protocol, module by module."""
