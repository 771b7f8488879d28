"""The programme's letters, one file for each matter; importing this registers them all."""

from projects.emails import (  # noqa: F401
    initiatives,
    network,
    promises,
    team,
)
