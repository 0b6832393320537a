"""The whole domain against a simple model of it, step by step (see `test_whole_domain`)."""
