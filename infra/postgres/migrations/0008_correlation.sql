-- What one request did (GET /events/{id}/causes, GET /events?correlation_id=), without reading the
-- organization's whole history. A summary of a few kilobytes for each megabyte, made behind the
-- appends and not by them (docs/decisions/0004-event-log.md).
create index log_records_correlation
    on teamflow.log_records using brin (correlation_id uuid_bloom_ops)
    with (autosummarize = on);
