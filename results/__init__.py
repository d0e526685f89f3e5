"""What is reported: from logs to records, statistics, report, seal and verification."""
