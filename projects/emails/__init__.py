"""The programme's letters, one file for each matter; importing this registers them all."""

from projects.emails import initiatives, network, promises, questions, running, takedowns, team  # noqa: F401
