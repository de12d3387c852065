"""Imported last in the process that commands are forked off: what it holds is neither collected nor copied in them."""

import gc

from bridge.upstream.discovery import discover

discover()  # which is remembered
gc.collect()
gc.freeze()
