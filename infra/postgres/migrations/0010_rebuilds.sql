-- Rebuilds beside the live read model (docs/decisions/0045-rebuilds.md). The build that is made
-- lies in a schema `<projection>__build_<number>` until it takes the place of the live one.

alter table teamflow.projections
    -- The build that was live before: its schema stays until then, for an undo.
    add column previous_build bigint,
    add column previous_until timestamptz;

-- The newest rebuild of each projection. Its holder is the one process that works on it.
create table teamflow.rebuilds (
    projection text primary key references teamflow.projections (name) on delete cascade,
    build bigint not null,
    -- It goes on with the build that was live before instead of making a new one.
    is_undo boolean not null,
    stage text not null check (stage in (
        'waiting', 'folding', 'indexing', 'catching_up', 'comparing', 'swapping', 'done',
        'aborted')),
    wish text not null default 'run' check (wish in ('run', 'pause', 'abort')),
    -- Why it stands still until it is resumed or aborted.
    error text,
    requested_by text not null,
    requested_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    keep_seconds bigint not null,
    -- Up to where the log reached when the fold began (`0@41,1@7`).
    target text not null default '',
    events_per_second double precision not null default 0,
    throttled boolean not null default false,
    -- What the comparison with the live build said: {"tables": [...], "first_difference": ...}.
    comparison json,
    holder text not null default '',
    lease_until timestamptz not null default '-infinity'
) with (fillfactor = 50);

-- The fence of a rebuild, apart from its progress, which is written all the time: whoever takes a
-- lease over that has run out raises the term, and every transaction of a holder holds its own.
create table teamflow.rebuild_terms (
    projection text primary key references teamflow.projections (name) on delete cascade,
    term bigint not null default 0
) with (fillfactor = 50);

-- Schemas of a fold that is no read model: comparisons, read models as of a moment, experiments.
create table teamflow.scratch_schemas (
    name text primary key,
    purpose text not null,
    made_at timestamptz not null default clock_timestamp(),
    drop_after timestamptz not null
);

-- Up to where the archive holds a partition, as a fold goes on from it; on both logs.
create view teamflow.archived_until as
    select c.partition, c."offset", c.epoch_offset, c.epoch_writer, c.next_sequence
      from teamflow.archive_checkpoints c, teamflow.log_info i
     where i.backend = 'kafka'
    union all
    select p.partition, p.next_offset - 1, p.epoch_offset, p.epoch_writer, p.next_sequence
      from teamflow.log_partitions p, teamflow.log_info i
     where i.backend = 'postgres';

create function teamflow.schema_of_build(of_name text, of_build bigint) returns text
    language sql immutable as $$ select of_name || '__build_' || of_build $$;

-- Drops the schemas of all builds of a projection but these, and forgets their checkpoints.
create function teamflow.drop_builds(of_name text, but bigint[]) returns void
    language plpgsql as $$
declare
    doomed text;
begin
    for doomed in
        select nspname from pg_namespace
         where nspname ~ ('^' || of_name || '__build_[0-9]+$')
           and substring(nspname from '[0-9]+$')::bigint <> all (but)
    loop
        execute format('drop schema %I cascade', doomed);
    end loop;
    delete from teamflow.projection_checkpoints
     where projection = of_name and build <> all (but);
    delete from teamflow.parked_events where projection = of_name and build <> all (but);
end
$$;

create function teamflow.raise_term(of_name text, out raised bigint) language sql as $$
    insert into teamflow.rebuild_terms as t (projection, term) values (of_name, 1)
        on conflict (projection) do update set term = t.term + 1
    returning t.term
$$;

-- Asks for a rebuild, or for an undo. `outcome`: requested; unknown; running (`holder` has it since
-- `since`); building (it is being made anew in its place); no_previous.
create function teamflow.request_rebuild(
    of_name text, by_whom text, keep bigint, undo boolean,
    out outcome text, out holder text, out since timestamptz
) language plpgsql as $$
declare
    known teamflow.projections;
    running teamflow.rebuilds;
    next_build bigint;
begin
    select * into known from teamflow.projections where name = of_name for no key update;
    if not found then
        outcome := 'unknown';
        return;
    end if;
    select * into running from teamflow.rebuilds
     where projection = of_name and stage not in ('done', 'aborted');
    if found then
        outcome := 'running';
        holder := running.requested_by;
        since := running.requested_at;
        return;
    end if;
    if known.status = 'rebuilding' then
        outcome := 'building';
        return;
    end if;
    if undo and (known.previous_build is null or known.previous_until < now()) then
        outcome := 'no_previous';
        return;
    end if;
    next_build := greatest(known.build, known.previous_build) + 1;
    if undo then
        next_build := known.previous_build;
    else
        perform teamflow.drop_builds(of_name,
            array_remove(array[known.build, known.previous_build], null));
        insert into teamflow.projection_checkpoints (
            projection, build, partition, "offset", epoch_offset, epoch_writer, next_sequence)
        select of_name, next_build, number, -1, -1, '00000000-0000-0000-0000-000000000000', 0
          from teamflow.log_info, generate_series(0, partitions - 1) as number;
    end if;
    insert into teamflow.rebuilds (
        projection, build, is_undo, stage, requested_by, keep_seconds)
    values (of_name, next_build, undo, 'waiting', by_whom, keep)
        on conflict (projection) do update
       set build = excluded.build, is_undo = excluded.is_undo, stage = excluded.stage,
           wish = 'run', error = null, requested_by = excluded.requested_by,
           requested_at = excluded.requested_at, ended_at = null,
           keep_seconds = excluded.keep_seconds, target = '', events_per_second = 0,
           throttled = false, comparison = null, holder = '', lease_until = '-infinity';
    perform teamflow.raise_term(of_name);
    outcome := 'requested';
    perform pg_notify('teamflow_rebuilds', of_name);
end
$$;

-- What an admin wishes of a rebuild: run (after a pause or an error), pause, abort. False: there is
-- none.
create function teamflow.steer_rebuild(of_name text, wanted text) returns boolean
    language plpgsql as $$
begin
    update teamflow.rebuilds
       set wish = wanted, error = case when wanted = 'run' then null else error end
     where projection = of_name and stage not in ('done', 'aborted');
    if not found then
        return false;
    end if;
    perform pg_notify('teamflow_rebuilds', of_name);
    return true;
end
$$;

-- Raises TF001 unless `of_term` is the newest of a rebuild, and keeps it so until the end of the
-- transaction.
create function teamflow.hold_term(of_name text, of_term bigint) returns void
    language plpgsql as $$
begin
    perform 1 from teamflow.rebuild_terms
      where projection = of_name and term = of_term for share;
    if not found then
        raise exception 'another process works on the rebuild of %', of_name
            using errcode = 'TF001';
    end if;
end
$$;

-- Takes over a rebuild whose holder is gone, if there is one: no row, or the order.
create function teamflow.take_rebuild(by_whom text, lease_seconds integer)
    returns table (
        projection text, build bigint, is_undo boolean, stage text, wish text, keep_seconds bigint,
        term bigint)
    language plpgsql as $$
declare
    taken teamflow.rebuilds;
begin
    select * into taken from teamflow.rebuilds r
     where r.stage not in ('done', 'aborted')
       and (r.lease_until < clock_timestamp() or r.holder = by_whom)
       and (r.error is null or r.wish = 'abort')
     order by r.requested_at limit 1 for update skip locked;
    if not found then
        return;
    end if;
    update teamflow.rebuilds r
       set holder = by_whom,
           lease_until = clock_timestamp() + make_interval(secs => lease_seconds)
     where r.projection = taken.projection;
    return query select taken.projection, taken.build, taken.is_undo, taken.stage, taken.wish,
                        taken.keep_seconds, teamflow.raise_term(taken.projection);
end
$$;

-- As before, but whoever is at work on a build that is no longer the live one is told so by TF002:
-- nobody else has its partitions, there is only another build to go on with.
create or replace function teamflow.move_checkpoints(
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
            using errcode = 'TF002';
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

-- As before; a rebuild beside the build that is replaced has ended, and what was kept for an undo
-- goes with it.
create or replace function teamflow.begin_build(
    of_name text, of_version integer, of_fingerprint text, from_build bigint, of_target text
) returns void language plpgsql as $$
begin
    insert into teamflow.projections as p (name, version, fingerprint, build, status, target)
    values (of_name, of_version, of_fingerprint, from_build + 1, 'rebuilding', of_target)
        on conflict (name) do update
       set version = excluded.version, fingerprint = excluded.fingerprint,
           build = excluded.build, status = 'rebuilding', error = null,
           target = excluded.target, started_at = now(), live_at = null,
           previous_build = null, previous_until = null
     where p.build = from_build;
    if not found then
        raise exception 'another projector has begun a build of projection %', of_name
            using errcode = 'TF001';
    end if;
    update teamflow.rebuilds
       set stage = 'aborted', ended_at = now(),
           error = 'the definition of the projection has changed'
     where projection = of_name and stage not in ('done', 'aborted');
    perform teamflow.raise_term(of_name);
    perform teamflow.drop_builds(of_name, array[from_build + 1]);
end
$$;

-- Commits that an admin has given up: no build of the projection takes them.
create table teamflow.skipped_commits (
    projection text not null references teamflow.projections (name) on delete cascade,
    commit_id uuid not null,
    partition integer not null,
    "offset" bigint not null,
    reason text not null,
    skipped_by text not null,
    skipped_at timestamptz not null default clock_timestamp(),
    primary key (projection, commit_id)
);

-- What admins ask of the processes that build read models, one after the other: to compare a read
-- model with a fresh fold, to try parked events again or give them up, to mend rows.
create table teamflow.admin_orders (
    id uuid primary key,
    kind text not null check (kind in ('verify', 'retry', 'skip', 'repair')),
    projection text not null,
    argument text not null default '',
    reason text not null default '',
    ordered_by text not null,
    ordered_at timestamptz not null default clock_timestamp(),
    holder text not null default '',
    lease_until timestamptz not null default '-infinity',
    -- JSON, of the order's kind; or why it was not done.
    answer json,
    error text,
    ended_at timestamptz
);

create index admin_orders_open on teamflow.admin_orders (ordered_at) where ended_at is null;

-- Takes the oldest order that nobody works on: no row, or the order. One that its holder was not
-- done with is taken again by the next: each has an effect once, since it is done and answered in
-- one transaction.
create function teamflow.take_order(by_whom text, lease_seconds integer)
    returns table (
        id uuid, kind text, projection text, argument text, reason text, ordered_by text)
    language sql as $$
    update teamflow.admin_orders o
       set holder = by_whom,
           lease_until = clock_timestamp() + make_interval(secs => lease_seconds)
     where o.id = (
        select n.id from teamflow.admin_orders n
         where n.ended_at is null
           and (n.lease_until < clock_timestamp() or n.holder = by_whom)
         order by n.ordered_at limit 1 for update skip locked)
    returning o.id, o.kind, o.projection, o.argument, o.reason, o.ordered_by
$$;

-- Gives the live build of a projection, which the caller holds, another number: whoever remembers
-- rows of it reads them anew (TF002).
create function teamflow.renumber_build(of_name text) returns bigint language plpgsql as $$
declare
    old_build bigint;
    new_build bigint;
begin
    select build into strict old_build from teamflow.projections where name = of_name for update;
    select max(number) + 1 into new_build from (
        select old_build union all
        select previous_build from teamflow.projections where name = of_name union all
        select build from teamflow.rebuilds where projection = of_name
    ) as numbers (number);
    update teamflow.projections set build = new_build where name = of_name;
    update teamflow.projection_checkpoints set build = new_build
     where projection = of_name and build = old_build;
    update teamflow.parked_events set build = new_build
     where projection = of_name and build = old_build;
    return new_build;
end
$$;
