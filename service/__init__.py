"""Off-duty (八小时外) records of in-service party members."""
