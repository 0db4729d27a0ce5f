"""Run Alembic's revisions on the connection that `alertcast.store.db` hands over."""

from alembic import context

from alertcast.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction holds it all
    render_as_batch=True,
)
context.run_migrations()
