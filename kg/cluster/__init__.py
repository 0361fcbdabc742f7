"""Workers on other machines: the same functions over the same items as in this process, run by dask.distributed.

What is sent are articles, shards of files and mapping tasks; what comes back are records and lines of N-Quads, in the order
of the items. A worker that dies is replaced by the others: its items are done again, which gives the same bytes.
"""

from kg.cluster.pool import Cluster, connected

__all__ = ["Cluster", "connected"]
