"""Many workers for one run: processes of this machine, or those of a Dask cluster.

Workers ask, and write each answer to a journal as it comes. The coordinator hands out shards with
leases on the endpoint's connections and on the cap, gathers the journals, and then lets the sweep
go through all samples: it finds the answers there, and scores and logs them as one process does.

Modules, in the order in which data pass through them:

- `shard`: A shard: questions of one model with their leases, fit to be sent to another process.
- `journal`: The answers of a shard, each written as it comes, on any path that workers reach.
- `lease`: How the endpoint's connections and the run's cap are shared out among shards.
- `ask`: What a worker does: ask a shard's questions within its leases.
- `pools`: Where workers are: processes of this machine, or a Dask cluster.
- `coordinate`: Handing out shards until every question has an answer that is kept.
"""
