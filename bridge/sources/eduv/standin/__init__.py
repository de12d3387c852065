"""A stand-in: a server that speaks this API, at least as strict as the real one, for the demo and for tests."""
