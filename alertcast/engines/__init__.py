"""Who runs the steps of dispatch: threads in one process, or an existing engine."""
