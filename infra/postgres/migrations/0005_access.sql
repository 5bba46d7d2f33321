-- Access that ends before its token does: gateways hear of it at once, and read what they missed.

create function identity_private.tell_sign_in_ended() returns trigger language plpgsql as $$
begin
    perform pg_notify('teamflow_sign_in_ended', new.family::text);
    return null;
end
$$;

create trigger refresh_families_ended
    after update of revoked_at on identity_private.refresh_families
    for each row when (old.revoked_at is null and new.revoked_at is not null)
    execute function identity_private.tell_sign_in_ended();

create index refresh_families_revoked
    on identity_private.refresh_families (revoked_at) where revoked_at is not null;

create index log_records_member_changes
    on teamflow.log_records (time) where kind = 1 and type = 'organization.member_changed';
