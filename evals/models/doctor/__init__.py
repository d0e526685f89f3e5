"""What there is to know of an endpoint before a suite is run against it.

Modules, in the order in which data pass through them:

- `findings`: What was found out of an endpoint, as data.
- `headers`: Rate limits in the headers of an answer, and the certificate of a connection.
- `probes`: The questions that find it out, one request each.
- `examine`: All questions to one endpoint, in order.
- `endpoint_file`: The endpoint file that follows, with a comment on each line.
"""
