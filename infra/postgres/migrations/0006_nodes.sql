-- What runs: one row for each process, written again and again while it lives. Nothing depends on
-- it; it is what operators see.
create table teamflow.nodes (
    id uuid primary key,
    address text not null,
    roles text[] not null,
    host text not null,
    process_id integer not null,
    version text not null,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    partitions integer[] not null,
    projections text[] not null
) with (fillfactor = 50);

-- The history of ownership, and what counted for nobody.
create index log_records_without_event
    on teamflow.log_records (partition, "offset") where kind <> 1;
