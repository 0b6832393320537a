"""The REST API: one module per capability, and one room for each convention they share."""
