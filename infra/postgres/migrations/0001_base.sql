-- The schema of the fixed tables, and the record of what was done to it (migrations.cpp).

create schema if not exists teamflow;

create table teamflow.migrations (
    number integer primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
);
