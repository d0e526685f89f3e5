"""What is reported: from logs to records, figures, report, seal and verification.

The rooms, in the order in which data pass through them: `metrics` (statistics), `scanners` (signs
in answers), `records` (one a sample), `seal`, `calibration`, `review`, `report` (figures as data),
`pages` (for people), `bundle` (writing), `frames` (pandas tables), `verify`, `compare`. `schemas`
holds the JSON Schemas.
"""
