"""The steps of the schema, a file each, in order."""
