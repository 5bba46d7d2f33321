-- The ten questions of docs/sql-for-analysts.md, asked as an analyst. analyst_queries.py measures
-- them; each begins with a line `-- N. The question`. :task and :request are ids of the history.

-- 1. How many hours did each person work in each week of the third quarter?
select user_id, date_trunc('week', start_time)::date as week,
       round(sum(duration_seconds) / 3600.0, 1) as hours
  from (select time, user_id, start_time, duration_seconds from timer_stopped
        union all
        select time, user_id, start_time, duration_seconds from log_added) as work
 where time >= '2026-07-01' and time < '2026-10-01'
 group by user_id, week
 order by week, hours desc;

-- 2. How long do tasks take from creation to their first completion, by month?
select date_trunc('month', c.time)::date as month, count(*) as tasks,
       percentile_cont(0.5) within group (order by d.done - c.time) as half_within,
       percentile_cont(0.9) within group (order by d.done - c.time) as nine_of_ten_within
  from task_created as c
  join (select stream, min(time) as done from task_completed group by stream) as d using (stream)
 group by month
 order by month;

-- 3. Which tasks were done and had to be taken up again, and how often by project?
select project_id, count(distinct task_id) as tasks, count(*) as times
  from task_reopened
 group by project_id
 order by times desc;

-- 4. Which templates are used, and are the tasks made from them finished?
select a.template_id, count(*) as made, count(d.stream) as finished
  from template_applied as a
  left join (select distinct stream from task_completed) as d
    on d.stream = 'task-' || a.task_id
 group by a.template_id
 order by made desc;

-- 5. At which hours of the week does work begin?
select extract(isodow from time) as day, extract(hour from time) as hour, count(*) as timers
  from timer_started
 group by day, hour
 order by timers desc
 limit 10;

-- 6. Who changed this task, when and how?
select time, actor, type, data
  from events
 where stream = 'task-' || :'task'
 order by stream_version;

-- 7. What did this request bring about?
select time, type, stream, actor, commit_index
  from events
 where correlation_id = :'request'
 order by time, log_offset;

-- 8. How long did tasks wait in each column of the board last month?
with steps as (
    select "from" as status, time,
           lag(time) over (partition by stream order by stream_version) as since
      from task_moved
     where time >= '2026-09-01' and time < '2026-11-01'
)
select status, count(*) as tasks, avg(time - since) as on_average
  from steps
 where since is not null and time >= '2026-10-01'
 group by status;

-- 9. Which share of each project's hours was billable in the third quarter, by month?
select project_id, date_trunc('month', time)::date as month,
       round(sum(duration_seconds) / 3600.0) as hours,
       round(100.0 * sum(duration_seconds) filter (where is_billable) / sum(duration_seconds))
           as billable_percent
  from timer_stopped
 where time >= '2026-07-01' and time < '2026-10-01'
 group by project_id, month
 order by project_id, month;

-- 10. What happened last week, type by type and day by day?
select time::date as day, type, count(*)
  from events
 where time >= '2026-10-26' and time < '2026-11-02'
 group by day, type
 order by day, type;
