"""Imported last in the process that commands are forked off: what it holds is neither collected nor copied in them."""

import gc

gc.collect()
gc.freeze()
