"""The packaged sources, a folder each, with a `SOURCE` of type `bridge.upstream.source_type.SourceType`."""
