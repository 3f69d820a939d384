"""The web: pages for people and operators, and the API for programs."""
