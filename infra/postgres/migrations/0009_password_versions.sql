-- The version of the user's stream at which history says that the password became this one: changes
-- take effect in the order of history, each once (docs/decisions/0011-sign-ins.md).
alter table identity_private.credentials add column version bigint not null default 0;
