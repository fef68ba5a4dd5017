"""The engine for registries that one machine cannot link: a Spark 4 cluster, or Sail, over Spark Connect.

The registry stays in its file, and its key with the process that links. This process reads the codes, takes off the
pads of the registry key, and puts them on the cluster under a key that it draws for the run (`secret`). The cluster
joins the codes on their match keys and compares the pairs (`work`, the same functions as in the embedded engine), and
what comes back is a row of some numbers per pair. The rest of the run works on these, as it always does, so the answer
is the same.
"""
