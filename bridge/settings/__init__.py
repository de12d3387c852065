"""The settings: their names, types and defaults, and how they are loaded.

Settings come from a TOML file, from secret files and from environment variables.
"""
