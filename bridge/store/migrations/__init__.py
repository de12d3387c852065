"""Bringing a storage to the schema of this program.

Each step is a file under versions/, run by alembic whenever a storage is opened.
"""
