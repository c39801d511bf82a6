"""Many episodes at once: what needs work, in an order that keeps every processor busy, seen while it happens.

    folders ──marks──> what needs work ──scheduling──> tasks ──executor──> results ──> marks, history, log, metrics

`planning` and `scheduling` are pure; `running` is the loop; `advance` is what a worker does with a task, wherever it
is.
"""
