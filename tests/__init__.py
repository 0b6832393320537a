"""The suite: stories without a database, and everything on the real one."""
