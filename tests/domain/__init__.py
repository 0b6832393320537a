"""Domain stories: given these events, when this command, then that; no database."""
