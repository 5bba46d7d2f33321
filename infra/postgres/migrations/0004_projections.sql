-- What the projectors keep beside their read models, which lie in schemas of their own.

-- One row for each projection. A build is one run of a definition from the start of the log; its
-- number tells the checkpoints of different builds apart.
create table teamflow.projections (
    name text primary key,
    version integer not null,
    fingerprint text not null,
    build bigint not null,
    status text not null check (status in ('rebuilding', 'live', 'failed')),
    error text,
    -- Up to where the log reached when the build began (`0@41,1@7`): behind it the build is live.
    target text not null default '',
    started_at timestamptz not null default now(),
    live_at timestamptz
);

-- Saved only at commit boundaries, with what the fold needs to go on from there.
create table teamflow.projection_checkpoints (
    projection text not null references teamflow.projections (name) on delete cascade,
    build bigint not null,
    partition integer not null,
    "offset" bigint not null,
    epoch_offset bigint not null,
    epoch_writer uuid not null,
    next_sequence bigint not null,
    updated_at timestamptz not null default now(),
    primary key (projection, build, partition)
) with (fillfactor = 20);

-- Events that wait, in order of their position, until an admin retries or skips them.
create table teamflow.parked_events (
    projection text not null references teamflow.projections (name) on delete cascade,
    build bigint not null,
    key text not null,
    partition integer not null,
    "offset" bigint not null,
    commit_id uuid not null,
    type text not null,
    error text not null,
    attempt integer not null default 1,
    parked_at timestamptz not null default now(),
    primary key (projection, build, partition, "offset")
);

-- Moves checkpoints from exactly where the caller believes them to be, or raises TF001 and with it
-- rolls back the rows that were written on that belief. This is what keeps two projectors of one
-- partition from applying anything twice.
create function teamflow.move_checkpoints(
    of_projection text, of_build bigint, of_partitions integer[],
    from_offsets bigint[], from_epoch_offsets bigint[], from_epoch_writers uuid[],
    from_next_sequences bigint[],
    to_offsets bigint[], to_epoch_offsets bigint[], to_epoch_writers uuid[],
    to_next_sequences bigint[]
) returns void language plpgsql as $$
declare
    moved bigint;
begin
    perform 1 from teamflow.projections
      where name = of_projection and build = of_build and status in ('rebuilding', 'live')
        for key share;
    if not found then
        raise exception 'projection % has left build %', of_projection, of_build
            using errcode = 'TF001';
    end if;
    update teamflow.projection_checkpoints as c
       set "offset" = n.to_offset, epoch_offset = n.to_epoch_offset,
           epoch_writer = n.to_epoch_writer, next_sequence = n.to_next_sequence,
           updated_at = clock_timestamp()
      from unnest(
               of_partitions, from_offsets, from_epoch_offsets, from_epoch_writers,
               from_next_sequences, to_offsets, to_epoch_offsets, to_epoch_writers,
               to_next_sequences
           ) as n (partition, from_offset, from_epoch_offset, from_epoch_writer,
                   from_next_sequence, to_offset, to_epoch_offset, to_epoch_writer,
                   to_next_sequence)
     where c.projection = of_projection and c.build = of_build and c.partition = n.partition
       and c."offset" = n.from_offset and c.epoch_offset = n.from_epoch_offset
       and c.epoch_writer = n.from_epoch_writer and c.next_sequence = n.from_next_sequence;
    get diagnostics moved = row_count;
    if moved <> cardinality(of_partitions) then
        raise exception 'a checkpoint of projection % is not where it was left', of_projection
            using errcode = 'TF001';
    end if;
end
$$;
