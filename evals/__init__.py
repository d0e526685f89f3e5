"""What to run: suites, endpoints, planning, running, and the command line."""
