"""Migrations of the storage's schema.

Each step is a file in versions/. Alembic runs the missing ones when a storage is opened.
"""
