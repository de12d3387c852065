"""The operator's JSON API under `/api/v1`.

Each endpoint is a function with typed values; `endpoints` lists them all. These types read the requests and make the
OpenAPI document.
"""
