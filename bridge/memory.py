"""What the process asks of the C library's allocator."""

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT = 64 * 1024 * 1024


def keep_freed_memory() -> None:
    """Keep some tens of MiB of freed memory for the next answers, instead of giving it back after each.

    An answer has hundreds of KB, and every page that the system hands out anew costs a fault. Only glibc has
    mallopt(3); elsewhere nothing happens.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    mallopt(_M_MMAP_THRESHOLD, _KEPT // 2)
    mallopt(_M_TRIM_THRESHOLD, _KEPT)
