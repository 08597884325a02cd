"""The table of work orders for analysts. Its columns are contracts: add at the end, never rename."""

from integrations.core.analyst_tables import Column, Family, Table, register, same

JOBS = Table(
    name="jobs",
    about="One row for each work order",
    key=("job_id",),
    source=same(
        "workorders_workorder t LEFT JOIN workorders_externalid x ON x.id = "
        "(SELECT MIN(first.id) FROM workorders_externalid first WHERE first.work_order_id = t.id) "
        "LEFT JOIN connections_connection c ON c.id = x.system_id"
    ),
    columns=[
        Column("job_id", "whole", "The work order's number here; key", same("t.id")),
        Column("job", "text", "What its system of record calls it", same("x.external_id")),
        Column("system", "text", "Short name of that system's connection", same("c.slug")),
        Column("title", "text", "Title", same("t.title")),
        Column("asset", "text", "Asset", same("t.asset")),
        Column("site", "text", "Site", same("t.site")),
        Column("status", "text", "Status, as the system of record calls it", same("t.status")),
        Column("priority", "text", "Priority, as the system of record calls it", same("t.priority")),
        Column("assignee", "text", "Who it is assigned to", same("t.assignee")),
        Column("opened_at", "time", "When it was opened", same("t.opened_at")),
        Column("resolved_at", "time", "When it was last resolved", same("t.resolved_at")),
        Column("is_closed", "truth", "Whether it is closed", same("t.closed")),
        Column("is_stub", "truth", "Whether only its key is known so far", same("t.stub")),
        Column("created_at", "time", "When it was first heard of", same("t.created_at")),
        Column("row_changed_at", "time", "When this row was last written here", same("t.changed_at")),
    ],
)


def register_tables() -> None:
    register(Family("job_id", "row_changed_at", [JOBS], order=4))
