"""What the service counts, and where Prometheus reads it.

`meters` names every metric, `folder` is what the workers of one service share, `metering` counts
as a store, a log of decisions and a hash pool are used, `gauging` looks now and then at what is
held, and `endpoint` answers a scrape. Without `[metrics]` none of it is loaded into a call's way.
"""
