"""One folder a system that is read; each has a `SOURCE` of type `bridge.upstream.source_type.SourceType`."""
