"""The operator's pages, on the same functions as the API and the commands."""
