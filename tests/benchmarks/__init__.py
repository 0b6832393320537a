"""What the log, the views and the API achieve, next to their peers in the same run: `make bench`.

Each figure is taken in a process of its own (`child`), peers and ours in turn, three times; the
median counts. `__main__` says which; `report` writes results/.
"""
