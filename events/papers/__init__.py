"""Papers to hang and to sign: their data come from the objects the pages show, their look from templates/pdf."""
