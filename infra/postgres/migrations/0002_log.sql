-- The log of the PostgreSQL back end, and the archive of the Kafka one: the same table, so that
-- loading streams and asking history are one piece of code.

create table teamflow.log_info (
    only_row boolean primary key default true check (only_row),
    log_id uuid not null,
    backend text not null check (backend in ('postgres', 'kafka')),
    partitions integer not null check (partitions between 1 and 1024),
    created_at timestamptz not null default now()
);

-- One counter row for each partition. Its lock orders the appends, so that the order of offsets is
-- the order of commits; a sequence would leave gaps after a crash.
create table teamflow.log_partitions (
    partition integer primary key,
    next_offset bigint not null default 0,
    epoch_offset bigint not null default -1,
    epoch_writer uuid not null default '00000000-0000-0000-0000-000000000000',
    next_sequence bigint not null default 0,
    owner_address text not null default '',
    claimed_at timestamptz
) with (fillfactor = 50);

-- kind: 1 event, 2 claim, 3 ghost, 4 incomplete (events/record.hpp).
create table teamflow.log_records (
    partition integer not null,
    "offset" bigint not null,
    kind smallint not null check (kind between 1 and 4),
    epoch_offset bigint not null,
    epoch_writer uuid not null,
    sequence bigint not null,
    commit_id uuid not null,
    commit_index smallint not null,
    commit_count smallint not null,
    event_id uuid not null,
    type text not null,
    schema_version smallint not null,
    stream text not null,
    stream_version bigint not null,
    organization uuid not null,
    actor text not null,
    time timestamptz not null,
    correlation_id uuid not null,
    causation_id uuid,
    traceparent text not null,
    data json,
    idempotency_key text,
    fingerprint text,
    answer text,
    primary key (partition, "offset")
);

-- Loading a stream; and no two events can ever hold one version of it.
create unique index log_records_stream
    on teamflow.log_records (organization, stream, stream_version) where kind = 1;

-- Loading a directory after its snapshot; history of one organization.
create index log_records_organization
    on teamflow.log_records (organization, "offset") where kind = 1;

create index log_records_event_id on teamflow.log_records (event_id) where kind = 1;

create unique index log_records_idempotency
    on teamflow.log_records (idempotency_key) where kind = 1 and idempotency_key is not null;

create view teamflow.events as
    select partition, "offset", event_id as id, type, schema_version, stream, stream_version,
           organization, actor, time, correlation_id, causation_id, traceparent, commit_id, data
      from teamflow.log_records
     where kind = 1;

-- How far the archive of a Kafka log reaches: the fold's checkpoint, moved with the rows.
create table teamflow.archive_checkpoints (
    partition integer primary key,
    "offset" bigint not null,
    epoch_offset bigint not null,
    epoch_writer uuid not null,
    next_sequence bigint not null
) with (fillfactor = 50);

-- Folded states, a cache: any row may be deleted at any time.
create table teamflow.snapshots (
    organization uuid not null,
    stream text not null,
    version bigint not null,
    "offset" bigint not null,
    format integer not null,
    state json not null,
    saved_at timestamptz not null default now(),
    primary key (organization, stream)
);
