-- History in SQL for analysts (docs/decisions/0050-sql-for-analysts.md). The views of the schema
-- are no migration: the program makes them anew when the events have changed.

create schema history;
comment on schema history is 'What has happened: one view for each event type, and all of them.';

-- Which definition of the views is there; a program that knows an older one leaves them alone.
create table teamflow.history_views (
    only_row boolean primary key default true check (only_row),
    version integer not null,
    made_by text not null,
    made_at timestamptz not null default now()
);

-- Login roles that read the history of one organization.
create table teamflow.analysts (
    role_name name primary key,
    organization uuid not null,
    created_at timestamptz not null default now()
);

-- Walls between organizations. Who owns the tables is not asked: the program pays nothing.
alter table teamflow.analysts enable row level security;
create policy own_row on teamflow.analysts for select using (role_name = current_user);

alter table teamflow.log_records enable row level security;
create policy own_organization on teamflow.log_records for select using (
    kind = 1
    and organization = (
        select a.organization from teamflow.analysts as a where a.role_name = current_user
    )
);

revoke execute on all functions in schema teamflow from public;
revoke execute on all functions in schema identity_private from public;

-- What happened of one kind in one organization, over a time.
create index log_records_type on teamflow.log_records (organization, type, time) where kind = 1;

-- Analysts have their rights from one group without a login, which the first of them brings about:
-- roles belong to the whole server, and the program need not be allowed to make any.
create function teamflow.grant_history() returns void language plpgsql as $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'teamflow_analysts') then
        return;
    end if;
    execute format(
        'grant connect on database %I to teamflow_analysts', pg_catalog.current_database()
    );
    grant usage on schema history to teamflow_analysts;
    grant select on all tables in schema history to teamflow_analysts;
    -- Views run with the rights of their reader. Keys and answers of commands are not among these
    -- columns, and without a right to the schema nobody can name the table.
    grant select (
        partition, "offset", kind, commit_id, commit_index, event_id, type, schema_version, stream,
        stream_version, organization, actor, time, correlation_id, causation_id, traceparent, data
    ) on teamflow.log_records to teamflow_analysts;
    grant select on teamflow.analysts to teamflow_analysts;
end
$$;

-- Makes an analyst, or gives one another password and organization. `of_verifier` is what
-- PostgreSQL keeps of the password. Raises TF002 when the name is that of another role.
create function teamflow.put_analyst(of_name text, of_organization uuid, of_verifier text)
returns void language plpgsql as $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'teamflow_analysts') then
        create role teamflow_analysts nologin;
    end if;
    perform teamflow.grant_history();
    if not exists (select from pg_catalog.pg_roles where rolname = of_name) then
        execute format('create role %I', of_name);
    elsif not exists (select from teamflow.analysts where role_name = of_name) then
        raise exception 'role % exists and is no analyst of this database', of_name
            using errcode = 'TF002';
    end if;
    execute format(
        'alter role %I login inherit nosuperuser nocreatedb nocreaterole connection limit 8'
        ' password %L', of_name, of_verifier
    );
    execute format('grant teamflow_analysts to %I', of_name);
    execute format('alter role %I set default_transaction_read_only = on', of_name);
    execute format('alter role %I set statement_timeout = ''60s''', of_name);
    execute format('alter role %I set idle_in_transaction_session_timeout = ''60s''', of_name);
    execute format('alter role %I set search_path = history', of_name);
    insert into teamflow.analysts (role_name, organization) values (of_name, of_organization)
        on conflict (role_name) do update set organization = excluded.organization;
end
$$;

-- An open session of the role reads nothing more: its organization is gone.
create function teamflow.drop_analyst(of_name text) returns void language plpgsql as $$
begin
    delete from teamflow.analysts where role_name = of_name;
    execute format('drop role if exists %I', of_name);
end
$$;

revoke execute on function
    teamflow.grant_history(), teamflow.put_analyst(text, uuid, text), teamflow.drop_analyst(text)
    from public;
