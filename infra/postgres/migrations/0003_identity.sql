-- What is no event: keys of persons, password hashes, refresh tokens, tickets, operators. A schema
-- of its own, so that a role that reads history has no right to any of it, and so that it can be
-- backed up apart from the data that the keys open.

create schema identity_private;
revoke all on schema identity_private from public;

-- The key under which a person's text is sealed, itself encrypted under the master key of the
-- instance. Erasing a person empties it and leaves the row, so that it is never made again.
create table identity_private.person_keys (
    person uuid primary key,
    wrapped bytea,
    created_at timestamptz not null,
    destroyed_at timestamptz,
    check ((wrapped is null) = (destroyed_at is not null))
);

-- Written before the user's first event; rows whose user never came to be are swept.
create table identity_private.credentials (
    user_id uuid primary key,
    password_hash text not null,
    created_at timestamptz not null,
    changed_at timestamptz not null
);

create index credentials_created on identity_private.credentials (created_at);

-- One sign-in and all refresh tokens that follow from it. Being revoked is a property of the family
-- alone, so that no token issued at the same moment can escape it.
create table identity_private.refresh_families (
    family uuid primary key,
    user_id uuid not null,
    is_operator boolean not null,
    started_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);

create index refresh_families_user on identity_private.refresh_families (user_id);
create index refresh_families_expiry on identity_private.refresh_families (expires_at);

-- SHA-256 of each token; used ones stay until they expire, to notice their reuse.
create table identity_private.refresh_tokens (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    family uuid not null references identity_private.refresh_families on delete cascade,
    organization_id uuid not null,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);

create index refresh_tokens_family on identity_private.refresh_tokens (family);
create index refresh_tokens_expiry on identity_private.refresh_tokens (expires_at);

create table identity_private.tickets (
    ticket_hash bytea primary key check (octet_length(ticket_hash) = 32),
    kind text not null check (kind in ('ws', 'sse')),
    claims json not null,
    expires_at timestamptz not null
);

create index tickets_expiry on identity_private.tickets (expires_at);

-- Those who run the instance. They belong to no organization and have no events of their own.
create table identity_private.operators (
    user_id uuid primary key,
    email text not null unique,
    password_hash text not null,
    active boolean not null default true,
    created_at timestamptz not null,
    changed_at timestamptz not null
);
