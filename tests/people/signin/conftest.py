from tests.provider import provider

__all__ = ["provider"]
