-- What happened in some days, without reading all of history: the log grows with the time, so a
-- summary of a few bytes for each megabyte tells where a day lies. Made behind the appends and
-- not by them, as log_records_correlation is.
create index log_records_time
    on teamflow.log_records using brin (time)
    with (autosummarize = on);
