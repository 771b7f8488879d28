"""The try-out's PostgreSQL: a Django database backend that starts its own server at the first query.

The binaries come with a Python package, the data lives under ``var/postgresql``. A city hall sets DATABASE_URL instead.
"""
