-- What admins did to read models and the log does not say yet: a row is written in the transaction
-- of the act, and goes once the event that tells of it is in the archive
-- (docs/decisions/0052-acts-of-admins.md).
create table teamflow.admin_acts (
    id uuid primary key default gen_random_uuid(),
    -- The event to be: type, version and payload.
    type text not null,
    schema_version smallint not null,
    data text not null,
    -- The id of an operator, or cli:<user>@<host>.
    actor text not null,
    noted_at timestamptz not null default clock_timestamp()
);
