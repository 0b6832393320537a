"""The steps of the machine: every command of the domain, right, wrong and out of order."""
