-- Fills an empty, migrated log with about :events events of a year, for analyst_queries.py.
--
-- 100 organizations, the largest with a seventh of all events; tasks that are created, given away,
-- moved, finished and sometimes taken up again; timers, corrections and logs by hand in working
-- hours; templates. Rows lie in the order of time, as appends would have left them.

\set ON_ERROR_STOP on
set synchronous_commit = off;
set work_mem = '256MB';
select setseed(0.5);

create function pg_temp.id(kind text, number bigint) returns uuid
    language sql immutable parallel safe as $$ select md5(kind || number)::uuid $$;
create function pg_temp.utc(moment timestamptz) returns text
    language sql immutable parallel safe as
    $$ select to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;
-- A moment of working hours, some days after the first of the year.
create function pg_temp.at_work(day double precision) returns timestamptz
    language sql volatile as $$
    select date_trunc('day', timestamptz '2025-11-24 00:00Z' + day * interval '1 day')
         + (7 + 11 * (random() + random()) / 2) * interval '1 hour'
$$;

create unlogged table seed_tasks as
select number, organization, pg_temp.at_work(random() * 340) as created_at,
       (random() * random() * 20 + 0.2) * interval '1 day' as took,
       pg_temp.id('project', organization * 1000 + (random() * 12)::int) as project,
       (random() * greatest(4, 250 / organization))::int as person,
       random() as fate, random() as kind
  from (select number, floor(exp(random() * ln(101.0)))::int as organization
          from generate_series(1, :events / 17) as number offset 0) as drawn;

create unlogged table seed_logs as
select row_number() over () as number, t.number as task, organization, project,
       (random() * greatest(4, 250 / organization))::int as person,
       -- Never before the task is there.
       greatest(pg_temp.at_work(extract(epoch from created_at - '2025-11-24 00:00Z') / 86400
                                + random() * 16),
                created_at + interval '1 second') as started_at,
       (60 + 5400 * random() * random() * 2)::int as seconds, random() as fate
  from seed_tasks as t, generate_series(1, 6);

create unlogged table seed_events (
    organization int, time timestamptz, type text, stream text, place int, person int, cause uuid,
    data json
);

insert into seed_events
select organization, created_at, 'task.task_created', 'task-' || pg_temp.id('task', number), 1,
       person,
       pg_temp.id('request', number),
       json_build_object(
           'task_id', pg_temp.id('task', number), 'project_id', project,
           'title', 'Task ' || number || ': look at what was asked for and say what it takes',
           'description', repeat('What is to be done is told here. ', (kind * 8)::int),
           'status', 'todo', 'priority',
           (array['low','medium','high','urgent'])[1 + (kind * 3)::int],
           'assignee_id', null, 'tags', array['backend', 'week-' || (kind * 50)::int],
           'due_date', null, 'checklist', '[]'::json, 'estimated_hours',
           round((kind * 16)::numeric, 1),
           'parent_task_id', null, 'rank', substr(md5(number::text), 1, 8),
           'template_id', case when fate < 0.2
                               then pg_temp.id('template',
                               organization * 100 + (kind * 20)::int) end)
  from seed_tasks
union all
select organization, created_at, 'template.template_applied',
       'template-usage-' || pg_temp.id('template', organization * 100 + (kind * 20)::int), 0,
       person,
       pg_temp.id('request', number),
       json_build_object('template_id', pg_temp.id('template',
       organization * 100 + (kind * 20)::int),
                         'task_id', pg_temp.id('task', number), 'project_id', project)
  from seed_tasks where fate < 0.2
union all
select organization, created_at + took * 0.1, 'task.task_assigned',
       'task-' || pg_temp.id('task', number), 2, person, pg_temp.id('assign', number),
       json_build_object('task_id', pg_temp.id('task', number), 'project_id', project, 'status',
       'todo',
                         'assignee_id', pg_temp.id('user', organization * 1000 + person),
                         'previous_assignee_id', null)
  from seed_tasks
union all
select organization, created_at + took * (0.2 + step * 0.1), 'task.task_moved',
       'task-' || pg_temp.id('task', number), 2 + step, person, pg_temp.id('move' || step, number),
       json_build_object('task_id', pg_temp.id('task', number), 'project_id', project,
                         'assignee_id', pg_temp.id('user', organization * 1000 + person),
                         'from', case step when 1 then 'todo' else 'in_progress' end,
                         'to', case step when 1 then 'in_progress' else 'in_review' end,
                         'rank', substr(md5(number::text), 2, 8))
  from seed_tasks, generate_series(1, 2) as step
union all
select organization, created_at + took, 'task.task_completed',
       'task-' || pg_temp.id('task', number), 5, person, pg_temp.id('complete', number),
       json_build_object('task_id', pg_temp.id('task', number), 'project_id', project,
                         'assignee_id', pg_temp.id('user', organization * 1000 + person),
                         'from', 'in_review', 'to', 'done', 'rank', substr(md5(number::text), 3, 8))
  from seed_tasks where kind < 0.85
union all
select organization, created_at + took + interval '5 hours', 'task.task_reopened',
       'task-' || pg_temp.id('task', number), 6, person, pg_temp.id('reopen', number),
       json_build_object('task_id', pg_temp.id('task', number), 'project_id', project,
                         'assignee_id', pg_temp.id('user', organization * 1000 + person),
                         'from', 'done', 'to', 'in_progress', 'rank', substr(md5(number::text),
                         4, 8))
  from seed_tasks where kind < 0.08
union all
select organization, started_at, 'time.timer_started', 'timelog-' || pg_temp.id('log', number),
       1, person,
       pg_temp.id('start', number),
       json_build_object('time_log_id', pg_temp.id('log', number), 'task_id', pg_temp.id('task',
       task),
                         'project_id', project,
                         'user_id', pg_temp.id('user', organization * 1000 + person),
                         'start_time', pg_temp.utc(started_at), 'description', null,
                         'category', null, 'is_billable', fate < 0.7)
  from seed_logs where fate < 0.9
union all
select organization, started_at + seconds * interval '1 second',
       case when fate < 0.9 then 'time.timer_stopped' else 'time.log_added' end,
       'timelog-' || pg_temp.id('log', number), 2, person, pg_temp.id('stop', number),
       json_build_object('time_log_id', pg_temp.id('log', number), 'task_id', pg_temp.id('task',
       task),
                         'project_id', project,
                         'user_id', pg_temp.id('user', organization * 1000 + person),
                         'start_time', pg_temp.utc(started_at),
                         'end_time', pg_temp.utc(started_at + seconds * interval '1 second'),
                         'duration_seconds', seconds, 'category', null, 'is_billable', fate < 0.7)
  from seed_logs;

-- Rows are many and in order: the indexes are made behind them.
create temp table put_aside as
select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
  from pg_index where indrelid = 'teamflow.log_records'::regclass and not indisprimary;
select 'drop index ' || name from put_aside \gexec

insert into teamflow.log_records
      (partition, "offset", kind, epoch_offset, epoch_writer, sequence, commit_id, commit_index,
       commit_count, event_id, type, schema_version, stream, stream_version, organization, actor,
       time,
       correlation_id, traceparent, data)
select organization % 12, row_number() over each_partition, 1, 0, pg_temp.id('writer',
       organization % 12),
       row_number() over each_partition - 1, cause, 0, 1,
       md5(stream || type || place || time)::uuid,
       type, 1, stream, row_number() over (partition by stream order by place, time),
       pg_temp.id('organization', organization),
       pg_temp.id('user', organization * 1000 + person)::text, time, cause, '', data
  from seed_events
window each_partition as (partition by organization % 12 order by time, stream, place)
 order by time;
drop table seed_events, seed_logs, seed_tasks;

select definition from put_aside \gexec
vacuum (analyze) teamflow.log_records;
select count(*) as events, pg_size_pretty(pg_total_relation_size('teamflow.log_records')) as size
  from teamflow.log_records;
