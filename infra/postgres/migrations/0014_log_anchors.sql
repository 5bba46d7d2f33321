-- Heads of the hash chains of a log (infra/log/log_chain.hpp), kept by `teamflow log verify
-- --anchor`: a later run proves that nothing up to there has changed.
create table teamflow.log_anchors (
    log_id uuid not null,
    partition integer not null,
    "offset" bigint not null,
    -- Valid events up to there.
    events bigint not null,
    hash bytea not null check (octet_length(hash) = 32),
    made_at timestamptz not null,
    primary key (log_id, partition, "offset")
);
