-- Erasing a person: gateways hear at once that a key is gone, and a restored database is compared
-- with the erasures that its history knows.

create function identity_private.tell_key_destroyed() returns trigger language plpgsql as $$
begin
    perform pg_notify('teamflow_key_destroyed', new.person::text);
    return null;
end
$$;

create trigger person_keys_destroyed
    after insert or update of wrapped on identity_private.person_keys
    for each row when (new.wrapped is null)
    execute function identity_private.tell_key_destroyed();

-- What a gateway whose connection was away has to catch up with.
create index person_keys_destroyed_at
    on identity_private.person_keys (destroyed_at) where destroyed_at is not null;

create index log_records_erasures
    on teamflow.log_records (time) where kind = 1 and type = 'identity.user_erased';
