"""Search over all that the portal shows: what kinds there are, what answers a query, how a line of the results looks."""
