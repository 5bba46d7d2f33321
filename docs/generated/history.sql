do $$
declare
    old record;
begin
    for old in select viewname from pg_catalog.pg_views where schemaname = 'history' loop
        execute format('drop view history.%I', old.viewname);
    end loop;
end
$$;

create view history."events" with (security_invoker = true) as
select r.event_id as "event_id",
       r.type as "type",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       r.traceparent as "traceparent",
       r.data as "data"
  from teamflow.log_records as r
 where r.kind = 1;
comment on view history."events" is 'Every event, with its payload as it was written. The payload of one type has a view of its own, with a column for each member.';
comment on column history."events"."event_id" is 'The event, a UUIDv7.';
comment on column history."events"."time" is 'When it happened.';
comment on column history."events"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."events"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."events"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."events"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."events"."schema_version" is 'Of the payload as it was written.';
comment on column history."events"."correlation_id" is 'All that one request brought about.';
comment on column history."events"."causation_id" is 'The event that caused it; null for none.';
comment on column history."events"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."events"."commit_index" is 'Place in the commit, from 0.';
comment on column history."events"."log_partition" is 'The partition in which it lies.';
comment on column history."events"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."events"."type" is 'The event type: <family>.<noun>_<past tense>.';
comment on column history."events"."traceparent" is 'W3C trace context; empty for none.';
comment on column history."events"."data" is 'The payload in the version it was written in.';

create view history."email_released" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       r.data->>'email_hmac' as "email_hmac",
       (r.data->>'user_id')::uuid as "user_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'identity.email_released';
comment on view history."email_released" is 'An e-mail address belongs to no account any more and may be registered again.';
comment on column history."email_released"."event_id" is 'The event, a UUIDv7.';
comment on column history."email_released"."time" is 'When it happened.';
comment on column history."email_released"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."email_released"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."email_released"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."email_released"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."email_released"."schema_version" is 'Of the payload as it was written.';
comment on column history."email_released"."correlation_id" is 'All that one request brought about.';
comment on column history."email_released"."causation_id" is 'The event that caused it; null for none.';
comment on column history."email_released"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."email_released"."commit_index" is 'Place in the commit, from 0.';
comment on column history."email_released"."log_partition" is 'The partition in which it lies.';
comment on column history."email_released"."log_offset" is 'Its place there: the order of what happened.';

create view history."email_reserved" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       r.data->>'email_hmac' as "email_hmac",
       (r.data->>'user_id')::uuid as "user_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'identity.email_reserved';
comment on view history."email_reserved" is 'An e-mail address belongs to an account from now on.';
comment on column history."email_reserved"."event_id" is 'The event, a UUIDv7.';
comment on column history."email_reserved"."time" is 'When it happened.';
comment on column history."email_reserved"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."email_reserved"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."email_reserved"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."email_reserved"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."email_reserved"."schema_version" is 'Of the payload as it was written.';
comment on column history."email_reserved"."correlation_id" is 'All that one request brought about.';
comment on column history."email_reserved"."causation_id" is 'The event that caused it; null for none.';
comment on column history."email_reserved"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."email_reserved"."commit_index" is 'Place in the commit, from 0.';
comment on column history."email_reserved"."log_partition" is 'The partition in which it lies.';
comment on column history."email_reserved"."log_offset" is 'Its place there: the order of what happened.';

create view history."password_changed" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'user_id')::uuid as "user_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'identity.password_changed';
comment on view history."password_changed" is 'A user changed the own password; the password itself is in no event.';
comment on column history."password_changed"."event_id" is 'The event, a UUIDv7.';
comment on column history."password_changed"."time" is 'When it happened.';
comment on column history."password_changed"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."password_changed"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."password_changed"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."password_changed"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."password_changed"."schema_version" is 'Of the payload as it was written.';
comment on column history."password_changed"."correlation_id" is 'All that one request brought about.';
comment on column history."password_changed"."causation_id" is 'The event that caused it; null for none.';
comment on column history."password_changed"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."password_changed"."commit_index" is 'Place in the commit, from 0.';
comment on column history."password_changed"."log_partition" is 'The partition in which it lies.';
comment on column history."password_changed"."log_offset" is 'Its place there: the order of what happened.';

create view history."profile_changed" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'user_id')::uuid as "user_id",
       r.data->'name'->>'sealed' as "name"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'identity.profile_changed';
comment on view history."profile_changed" is 'A user changed the own name.';
comment on column history."profile_changed"."event_id" is 'The event, a UUIDv7.';
comment on column history."profile_changed"."time" is 'When it happened.';
comment on column history."profile_changed"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."profile_changed"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."profile_changed"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."profile_changed"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."profile_changed"."schema_version" is 'Of the payload as it was written.';
comment on column history."profile_changed"."correlation_id" is 'All that one request brought about.';
comment on column history."profile_changed"."causation_id" is 'The event that caused it; null for none.';
comment on column history."profile_changed"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."profile_changed"."commit_index" is 'Place in the commit, from 0.';
comment on column history."profile_changed"."log_partition" is 'The partition in which it lies.';
comment on column history."profile_changed"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."profile_changed"."name" is 'Text of a person, sealed: equal texts of one person are equal here.';

create view history."user_erased" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'user_id')::uuid as "user_id",
       (r.data->>'invitations')::jsonb as "invitations"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'identity.user_erased';
comment on view history."user_erased" is 'The personal data of a user was made unreadable for good, and the account ended.';
comment on column history."user_erased"."event_id" is 'The event, a UUIDv7.';
comment on column history."user_erased"."time" is 'When it happened.';
comment on column history."user_erased"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."user_erased"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."user_erased"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."user_erased"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."user_erased"."schema_version" is 'Of the payload as it was written.';
comment on column history."user_erased"."correlation_id" is 'All that one request brought about.';
comment on column history."user_erased"."causation_id" is 'The event that caused it; null for none.';
comment on column history."user_erased"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."user_erased"."commit_index" is 'Place in the commit, from 0.';
comment on column history."user_erased"."log_partition" is 'The partition in which it lies.';
comment on column history."user_erased"."log_offset" is 'Its place there: the order of what happened.';

create view history."user_registered" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'user_id')::uuid as "user_id",
       r.data->'email'->>'sealed' as "email",
       r.data->>'email_hmac' as "email_hmac",
       r.data->'name'->>'sealed' as "name",
       (case when r.schema_version <= 1 then case when (r.data->>'organization_name') is not null then r.data->>'organization_id' end else r.data->>'founded_organization_id' end)::uuid as "founded_organization_id",
       r.data->>'organization_name' as "organization_name",
       (case when r.schema_version <= 1 then case when (r.data->>'invitation_id') is not null then r.data->>'organization_id' end else r.data->>'joined_organization_id' end)::uuid as "joined_organization_id",
       (r.data->>'invitation_id')::uuid as "invitation_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'identity.user_registered';
comment on view history."user_registered" is 'A user account came to be; the organization it founds or joins is fixed with it.';
comment on column history."user_registered"."event_id" is 'The event, a UUIDv7.';
comment on column history."user_registered"."time" is 'When it happened.';
comment on column history."user_registered"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."user_registered"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."user_registered"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."user_registered"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."user_registered"."schema_version" is 'Of the payload as it was written.';
comment on column history."user_registered"."correlation_id" is 'All that one request brought about.';
comment on column history."user_registered"."causation_id" is 'The event that caused it; null for none.';
comment on column history."user_registered"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."user_registered"."commit_index" is 'Place in the commit, from 0.';
comment on column history."user_registered"."log_partition" is 'The partition in which it lies.';
comment on column history."user_registered"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."user_registered"."email" is 'Text of a person, sealed: equal texts of one person are equal here.';
comment on column history."user_registered"."name" is 'Text of a person, sealed: equal texts of one person are equal here.';

create view history."invitation_accepted" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'organization_id')::uuid as "data_organization_id",
       (r.data->>'invitation_id')::uuid as "invitation_id",
       r.data->>'email_hmac' as "email_hmac",
       (r.data->>'user_id')::uuid as "user_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'organization.invitation_accepted';
comment on view history."invitation_accepted" is 'An invitation was used by a user.';
comment on column history."invitation_accepted"."event_id" is 'The event, a UUIDv7.';
comment on column history."invitation_accepted"."time" is 'When it happened.';
comment on column history."invitation_accepted"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."invitation_accepted"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."invitation_accepted"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."invitation_accepted"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."invitation_accepted"."schema_version" is 'Of the payload as it was written.';
comment on column history."invitation_accepted"."correlation_id" is 'All that one request brought about.';
comment on column history."invitation_accepted"."causation_id" is 'The event that caused it; null for none.';
comment on column history."invitation_accepted"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."invitation_accepted"."commit_index" is 'Place in the commit, from 0.';
comment on column history."invitation_accepted"."log_partition" is 'The partition in which it lies.';
comment on column history."invitation_accepted"."log_offset" is 'Its place there: the order of what happened.';

create view history."invitation_created" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'organization_id')::uuid as "data_organization_id",
       (r.data->>'invitation_id')::uuid as "invitation_id",
       r.data->'email'->>'sealed' as "email",
       r.data->>'email_hmac' as "email_hmac",
       r.data->>'role' as "role",
       r.data->>'token_hash' as "token_hash",
       (r.data->>'expires_at')::timestamptz as "expires_at"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'organization.invitation_created';
comment on view history."invitation_created" is 'Somebody was invited by e-mail address.';
comment on column history."invitation_created"."event_id" is 'The event, a UUIDv7.';
comment on column history."invitation_created"."time" is 'When it happened.';
comment on column history."invitation_created"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."invitation_created"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."invitation_created"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."invitation_created"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."invitation_created"."schema_version" is 'Of the payload as it was written.';
comment on column history."invitation_created"."correlation_id" is 'All that one request brought about.';
comment on column history."invitation_created"."causation_id" is 'The event that caused it; null for none.';
comment on column history."invitation_created"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."invitation_created"."commit_index" is 'Place in the commit, from 0.';
comment on column history."invitation_created"."log_partition" is 'The partition in which it lies.';
comment on column history."invitation_created"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."invitation_created"."email" is 'Text of a person, sealed: equal texts of one person are equal here.';
comment on column history."invitation_created"."role" is 'One of viewer, member, admin, owner.';

create view history."invitation_erased" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'organization_id')::uuid as "data_organization_id",
       (r.data->>'invitation_id')::uuid as "invitation_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'organization.invitation_erased';
comment on view history."invitation_erased" is 'The address that an invitation was sent to was made unreadable for good.';
comment on column history."invitation_erased"."event_id" is 'The event, a UUIDv7.';
comment on column history."invitation_erased"."time" is 'When it happened.';
comment on column history."invitation_erased"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."invitation_erased"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."invitation_erased"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."invitation_erased"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."invitation_erased"."schema_version" is 'Of the payload as it was written.';
comment on column history."invitation_erased"."correlation_id" is 'All that one request brought about.';
comment on column history."invitation_erased"."causation_id" is 'The event that caused it; null for none.';
comment on column history."invitation_erased"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."invitation_erased"."commit_index" is 'Place in the commit, from 0.';
comment on column history."invitation_erased"."log_partition" is 'The partition in which it lies.';
comment on column history."invitation_erased"."log_offset" is 'Its place there: the order of what happened.';

create view history."invitation_revoked" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'organization_id')::uuid as "data_organization_id",
       (r.data->>'invitation_id')::uuid as "invitation_id",
       r.data->>'email_hmac' as "email_hmac"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'organization.invitation_revoked';
comment on view history."invitation_revoked" is 'An invitation was withdrawn before it was used.';
comment on column history."invitation_revoked"."event_id" is 'The event, a UUIDv7.';
comment on column history."invitation_revoked"."time" is 'When it happened.';
comment on column history."invitation_revoked"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."invitation_revoked"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."invitation_revoked"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."invitation_revoked"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."invitation_revoked"."schema_version" is 'Of the payload as it was written.';
comment on column history."invitation_revoked"."correlation_id" is 'All that one request brought about.';
comment on column history."invitation_revoked"."causation_id" is 'The event that caused it; null for none.';
comment on column history."invitation_revoked"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."invitation_revoked"."commit_index" is 'Place in the commit, from 0.';
comment on column history."invitation_revoked"."log_partition" is 'The partition in which it lies.';
comment on column history."invitation_revoked"."log_offset" is 'Its place there: the order of what happened.';

create view history."member_added" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'organization_id')::uuid as "data_organization_id",
       (r.data->>'user_id')::uuid as "user_id",
       r.data->>'role' as "role",
       (r.data->>'joined_at')::timestamptz as "joined_at",
       (r.data->>'invitation_id')::uuid as "invitation_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'organization.member_added';
comment on view history."member_added" is 'A user became a member, as founder or by accepting an invitation.';
comment on column history."member_added"."event_id" is 'The event, a UUIDv7.';
comment on column history."member_added"."time" is 'When it happened.';
comment on column history."member_added"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."member_added"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."member_added"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."member_added"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."member_added"."schema_version" is 'Of the payload as it was written.';
comment on column history."member_added"."correlation_id" is 'All that one request brought about.';
comment on column history."member_added"."causation_id" is 'The event that caused it; null for none.';
comment on column history."member_added"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."member_added"."commit_index" is 'Place in the commit, from 0.';
comment on column history."member_added"."log_partition" is 'The partition in which it lies.';
comment on column history."member_added"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."member_added"."role" is 'One of viewer, member, admin, owner.';

create view history."member_changed" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'organization_id')::uuid as "data_organization_id",
       (r.data->>'user_id')::uuid as "user_id",
       r.data->>'role' as "role",
       (r.data->>'active')::boolean as "active",
       r.data->>'previous_role' as "previous_role",
       (r.data->>'previously_active')::boolean as "previously_active"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'organization.member_changed';
comment on view history."member_changed" is 'The role of a member changed, or a member was deactivated or activated again.';
comment on column history."member_changed"."event_id" is 'The event, a UUIDv7.';
comment on column history."member_changed"."time" is 'When it happened.';
comment on column history."member_changed"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."member_changed"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."member_changed"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."member_changed"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."member_changed"."schema_version" is 'Of the payload as it was written.';
comment on column history."member_changed"."correlation_id" is 'All that one request brought about.';
comment on column history."member_changed"."causation_id" is 'The event that caused it; null for none.';
comment on column history."member_changed"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."member_changed"."commit_index" is 'Place in the commit, from 0.';
comment on column history."member_changed"."log_partition" is 'The partition in which it lies.';
comment on column history."member_changed"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."member_changed"."role" is 'One of viewer, member, admin, owner.';
comment on column history."member_changed"."previous_role" is 'One of viewer, member, admin, owner.';

create view history."organization_created" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'organization_id')::uuid as "data_organization_id",
       r.data->>'name' as "name",
       (case when r.schema_version <= 1 then r.data->>'owner_id' else r.data->>'founder_id' end)::uuid as "founder_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'organization.organization_created';
comment on view history."organization_created" is 'An organization came to be, owned by its founder.';
comment on column history."organization_created"."event_id" is 'The event, a UUIDv7.';
comment on column history."organization_created"."time" is 'When it happened.';
comment on column history."organization_created"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."organization_created"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."organization_created"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."organization_created"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."organization_created"."schema_version" is 'Of the payload as it was written.';
comment on column history."organization_created"."correlation_id" is 'All that one request brought about.';
comment on column history."organization_created"."causation_id" is 'The event that caused it; null for none.';
comment on column history."organization_created"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."organization_created"."commit_index" is 'Place in the commit, from 0.';
comment on column history."organization_created"."log_partition" is 'The partition in which it lies.';
comment on column history."organization_created"."log_offset" is 'Its place there: the order of what happened.';

create view history."settings_changed" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'organization_id')::uuid as "data_organization_id",
       r.data->>'name' as "name",
       (r.data->>'single_running_timer')::boolean as "single_running_timer",
       r.data->>'time_zone' as "time_zone",
       (r.data->>'max_concurrent_generations')::integer as "max_concurrent_generations"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'organization.settings_changed';
comment on view history."settings_changed" is 'An owner changed the name or the settings.';
comment on column history."settings_changed"."event_id" is 'The event, a UUIDv7.';
comment on column history."settings_changed"."time" is 'When it happened.';
comment on column history."settings_changed"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."settings_changed"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."settings_changed"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."settings_changed"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."settings_changed"."schema_version" is 'Of the payload as it was written.';
comment on column history."settings_changed"."correlation_id" is 'All that one request brought about.';
comment on column history."settings_changed"."causation_id" is 'The event that caused it; null for none.';
comment on column history."settings_changed"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."settings_changed"."commit_index" is 'Place in the commit, from 0.';
comment on column history."settings_changed"."log_partition" is 'The partition in which it lies.';
comment on column history."settings_changed"."log_offset" is 'Its place there: the order of what happened.';

create view history."project_archived" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'project_id')::uuid as "project_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'project.project_archived';
comment on view history."project_archived" is 'A project was put away; its timers cannot start.';
comment on column history."project_archived"."event_id" is 'The event, a UUIDv7.';
comment on column history."project_archived"."time" is 'When it happened.';
comment on column history."project_archived"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."project_archived"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."project_archived"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."project_archived"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."project_archived"."schema_version" is 'Of the payload as it was written.';
comment on column history."project_archived"."correlation_id" is 'All that one request brought about.';
comment on column history."project_archived"."causation_id" is 'The event that caused it; null for none.';
comment on column history."project_archived"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."project_archived"."commit_index" is 'Place in the commit, from 0.';
comment on column history."project_archived"."log_partition" is 'The partition in which it lies.';
comment on column history."project_archived"."log_offset" is 'Its place there: the order of what happened.';

create view history."project_created" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'project_id')::uuid as "project_id",
       r.data->>'name' as "name",
       r.data->>'key' as "key",
       r.data->>'description' as "description",
       r.data->>'colour' as "colour"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'project.project_created';
comment on view history."project_created" is 'A project came to be.';
comment on column history."project_created"."event_id" is 'The event, a UUIDv7.';
comment on column history."project_created"."time" is 'When it happened.';
comment on column history."project_created"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."project_created"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."project_created"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."project_created"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."project_created"."schema_version" is 'Of the payload as it was written.';
comment on column history."project_created"."correlation_id" is 'All that one request brought about.';
comment on column history."project_created"."causation_id" is 'The event that caused it; null for none.';
comment on column history."project_created"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."project_created"."commit_index" is 'Place in the commit, from 0.';
comment on column history."project_created"."log_partition" is 'The partition in which it lies.';
comment on column history."project_created"."log_offset" is 'Its place there: the order of what happened.';

create view history."project_deleted" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'project_id')::uuid as "project_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'project.project_deleted';
comment on view history."project_deleted" is 'A project without open tasks was deleted.';
comment on column history."project_deleted"."event_id" is 'The event, a UUIDv7.';
comment on column history."project_deleted"."time" is 'When it happened.';
comment on column history."project_deleted"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."project_deleted"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."project_deleted"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."project_deleted"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."project_deleted"."schema_version" is 'Of the payload as it was written.';
comment on column history."project_deleted"."correlation_id" is 'All that one request brought about.';
comment on column history."project_deleted"."causation_id" is 'The event that caused it; null for none.';
comment on column history."project_deleted"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."project_deleted"."commit_index" is 'Place in the commit, from 0.';
comment on column history."project_deleted"."log_partition" is 'The partition in which it lies.';
comment on column history."project_deleted"."log_offset" is 'Its place there: the order of what happened.';

create view history."project_edited" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'project_id')::uuid as "project_id",
       r.data->>'name' as "name",
       r.data->>'key' as "key",
       r.data->>'description' as "description",
       r.data->>'colour' as "colour",
       array(select name from json_object_keys(r.data) as name where name not in ('project_id')) as "changed"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'project.project_edited';
comment on view history."project_edited" is 'Name, key, description or colour changed.';
comment on column history."project_edited"."event_id" is 'The event, a UUIDv7.';
comment on column history."project_edited"."time" is 'When it happened.';
comment on column history."project_edited"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."project_edited"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."project_edited"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."project_edited"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."project_edited"."schema_version" is 'Of the payload as it was written.';
comment on column history."project_edited"."correlation_id" is 'All that one request brought about.';
comment on column history."project_edited"."causation_id" is 'The event that caused it; null for none.';
comment on column history."project_edited"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."project_edited"."commit_index" is 'Place in the commit, from 0.';
comment on column history."project_edited"."log_partition" is 'The partition in which it lies.';
comment on column history."project_edited"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."project_edited"."name" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."project_edited"."key" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."project_edited"."description" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."project_edited"."colour" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."project_edited"."changed" is 'Names of the members that changed.';

create view history."project_restored" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'project_id')::uuid as "project_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'project.project_restored';
comment on view history."project_restored" is 'An archived project came back.';
comment on column history."project_restored"."event_id" is 'The event, a UUIDv7.';
comment on column history."project_restored"."time" is 'When it happened.';
comment on column history."project_restored"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."project_restored"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."project_restored"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."project_restored"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."project_restored"."schema_version" is 'Of the payload as it was written.';
comment on column history."project_restored"."correlation_id" is 'All that one request brought about.';
comment on column history."project_restored"."causation_id" is 'The event that caused it; null for none.';
comment on column history."project_restored"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."project_restored"."commit_index" is 'Place in the commit, from 0.';
comment on column history."project_restored"."log_partition" is 'The partition in which it lies.';
comment on column history."project_restored"."log_offset" is 'Its place there: the order of what happened.';

create view history."commit_retried" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       r.data->>'read_model' as "read_model",
       (r.data->>'commit_id')::uuid as "data_commit_id",
       (r.data->>'applied')::bigint as "applied",
       (r.data->>'waiting')::bigint as "waiting",
       (r.data->>'acted_at')::timestamptz as "acted_at"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'read_model.commit_retried';
comment on view history."commit_retried" is 'An admin had a parked commit tried again, with what waited behind it.';
comment on column history."commit_retried"."event_id" is 'The event, a UUIDv7.';
comment on column history."commit_retried"."time" is 'When it happened.';
comment on column history."commit_retried"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."commit_retried"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."commit_retried"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."commit_retried"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."commit_retried"."schema_version" is 'Of the payload as it was written.';
comment on column history."commit_retried"."correlation_id" is 'All that one request brought about.';
comment on column history."commit_retried"."causation_id" is 'The event that caused it; null for none.';
comment on column history."commit_retried"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."commit_retried"."commit_index" is 'Place in the commit, from 0.';
comment on column history."commit_retried"."log_partition" is 'The partition in which it lies.';
comment on column history."commit_retried"."log_offset" is 'Its place there: the order of what happened.';

create view history."commit_skipped" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       r.data->>'read_model' as "read_model",
       (r.data->>'commit_id')::uuid as "data_commit_id",
       r.data->>'reason' as "reason",
       (r.data->>'applied')::bigint as "applied",
       (r.data->>'waiting')::bigint as "waiting",
       (r.data->>'acted_at')::timestamptz as "acted_at"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'read_model.commit_skipped';
comment on view history."commit_skipped" is 'An admin gave a parked commit up, for this build of the read model and all to come.';
comment on column history."commit_skipped"."event_id" is 'The event, a UUIDv7.';
comment on column history."commit_skipped"."time" is 'When it happened.';
comment on column history."commit_skipped"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."commit_skipped"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."commit_skipped"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."commit_skipped"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."commit_skipped"."schema_version" is 'Of the payload as it was written.';
comment on column history."commit_skipped"."correlation_id" is 'All that one request brought about.';
comment on column history."commit_skipped"."causation_id" is 'The event that caused it; null for none.';
comment on column history."commit_skipped"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."commit_skipped"."commit_index" is 'Place in the commit, from 0.';
comment on column history."commit_skipped"."log_partition" is 'The partition in which it lies.';
comment on column history."commit_skipped"."log_offset" is 'Its place there: the order of what happened.';

create view history."rebuild_aborted" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       r.data->>'read_model' as "read_model",
       (r.data->>'acted_at')::timestamptz as "acted_at"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'read_model.rebuild_aborted';
comment on view history."rebuild_aborted" is 'An admin gave a rebuild up; the live build stayed.';
comment on column history."rebuild_aborted"."event_id" is 'The event, a UUIDv7.';
comment on column history."rebuild_aborted"."time" is 'When it happened.';
comment on column history."rebuild_aborted"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."rebuild_aborted"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."rebuild_aborted"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."rebuild_aborted"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."rebuild_aborted"."schema_version" is 'Of the payload as it was written.';
comment on column history."rebuild_aborted"."correlation_id" is 'All that one request brought about.';
comment on column history."rebuild_aborted"."causation_id" is 'The event that caused it; null for none.';
comment on column history."rebuild_aborted"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."rebuild_aborted"."commit_index" is 'Place in the commit, from 0.';
comment on column history."rebuild_aborted"."log_partition" is 'The partition in which it lies.';
comment on column history."rebuild_aborted"."log_offset" is 'Its place there: the order of what happened.';

create view history."rebuild_paused" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       r.data->>'read_model' as "read_model",
       (r.data->>'acted_at')::timestamptz as "acted_at"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'read_model.rebuild_paused';
comment on view history."rebuild_paused" is 'An admin let a rebuild rest.';
comment on column history."rebuild_paused"."event_id" is 'The event, a UUIDv7.';
comment on column history."rebuild_paused"."time" is 'When it happened.';
comment on column history."rebuild_paused"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."rebuild_paused"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."rebuild_paused"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."rebuild_paused"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."rebuild_paused"."schema_version" is 'Of the payload as it was written.';
comment on column history."rebuild_paused"."correlation_id" is 'All that one request brought about.';
comment on column history."rebuild_paused"."causation_id" is 'The event that caused it; null for none.';
comment on column history."rebuild_paused"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."rebuild_paused"."commit_index" is 'Place in the commit, from 0.';
comment on column history."rebuild_paused"."log_partition" is 'The partition in which it lies.';
comment on column history."rebuild_paused"."log_offset" is 'Its place there: the order of what happened.';

create view history."rebuild_resumed" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       r.data->>'read_model' as "read_model",
       (r.data->>'acted_at')::timestamptz as "acted_at"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'read_model.rebuild_resumed';
comment on view history."rebuild_resumed" is 'An admin let a rebuild go on.';
comment on column history."rebuild_resumed"."event_id" is 'The event, a UUIDv7.';
comment on column history."rebuild_resumed"."time" is 'When it happened.';
comment on column history."rebuild_resumed"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."rebuild_resumed"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."rebuild_resumed"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."rebuild_resumed"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."rebuild_resumed"."schema_version" is 'Of the payload as it was written.';
comment on column history."rebuild_resumed"."correlation_id" is 'All that one request brought about.';
comment on column history."rebuild_resumed"."causation_id" is 'The event that caused it; null for none.';
comment on column history."rebuild_resumed"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."rebuild_resumed"."commit_index" is 'Place in the commit, from 0.';
comment on column history."rebuild_resumed"."log_partition" is 'The partition in which it lies.';
comment on column history."rebuild_resumed"."log_offset" is 'Its place there: the order of what happened.';

create view history."rebuild_started" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       r.data->>'read_model' as "read_model",
       (r.data->>'keep_seconds')::bigint as "keep_seconds",
       (r.data->>'acted_at')::timestamptz as "acted_at"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'read_model.rebuild_started';
comment on view history."rebuild_started" is 'An admin had a read model built anew.';
comment on column history."rebuild_started"."event_id" is 'The event, a UUIDv7.';
comment on column history."rebuild_started"."time" is 'When it happened.';
comment on column history."rebuild_started"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."rebuild_started"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."rebuild_started"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."rebuild_started"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."rebuild_started"."schema_version" is 'Of the payload as it was written.';
comment on column history."rebuild_started"."correlation_id" is 'All that one request brought about.';
comment on column history."rebuild_started"."causation_id" is 'The event that caused it; null for none.';
comment on column history."rebuild_started"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."rebuild_started"."commit_index" is 'Place in the commit, from 0.';
comment on column history."rebuild_started"."log_partition" is 'The partition in which it lies.';
comment on column history."rebuild_started"."log_offset" is 'Its place there: the order of what happened.';

create view history."rebuild_undone" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       r.data->>'read_model' as "read_model",
       (r.data->>'acted_at')::timestamptz as "acted_at"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'read_model.rebuild_undone';
comment on view history."rebuild_undone" is 'An admin had a read model return to the build before.';
comment on column history."rebuild_undone"."event_id" is 'The event, a UUIDv7.';
comment on column history."rebuild_undone"."time" is 'When it happened.';
comment on column history."rebuild_undone"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."rebuild_undone"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."rebuild_undone"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."rebuild_undone"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."rebuild_undone"."schema_version" is 'Of the payload as it was written.';
comment on column history."rebuild_undone"."correlation_id" is 'All that one request brought about.';
comment on column history."rebuild_undone"."causation_id" is 'The event that caused it; null for none.';
comment on column history."rebuild_undone"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."rebuild_undone"."commit_index" is 'Place in the commit, from 0.';
comment on column history."rebuild_undone"."log_partition" is 'The partition in which it lies.';
comment on column history."rebuild_undone"."log_offset" is 'Its place there: the order of what happened.';

create view history."rows_repaired" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       r.data->>'read_model' as "read_model",
       r.data->>'key' as "key",
       (r.data->>'acted_at')::timestamptz as "acted_at"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'read_model.rows_repaired';
comment on view history."rows_repaired" is 'An admin had rows made anew from the events of their organization.';
comment on column history."rows_repaired"."event_id" is 'The event, a UUIDv7.';
comment on column history."rows_repaired"."time" is 'When it happened.';
comment on column history."rows_repaired"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."rows_repaired"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."rows_repaired"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."rows_repaired"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."rows_repaired"."schema_version" is 'Of the payload as it was written.';
comment on column history."rows_repaired"."correlation_id" is 'All that one request brought about.';
comment on column history."rows_repaired"."causation_id" is 'The event that caused it; null for none.';
comment on column history."rows_repaired"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."rows_repaired"."commit_index" is 'Place in the commit, from 0.';
comment on column history."rows_repaired"."log_partition" is 'The partition in which it lies.';
comment on column history."rows_repaired"."log_offset" is 'Its place there: the order of what happened.';

create view history."task_assigned" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       r.data->>'status' as "status",
       (r.data->>'assignee_id')::uuid as "assignee_id",
       (r.data->>'previous_assignee_id')::uuid as "previous_assignee_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'task.task_assigned';
comment on view history."task_assigned" is 'A task was given to somebody, or to nobody when assignee_id is null.';
comment on column history."task_assigned"."event_id" is 'The event, a UUIDv7.';
comment on column history."task_assigned"."time" is 'When it happened.';
comment on column history."task_assigned"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."task_assigned"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."task_assigned"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."task_assigned"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."task_assigned"."schema_version" is 'Of the payload as it was written.';
comment on column history."task_assigned"."correlation_id" is 'All that one request brought about.';
comment on column history."task_assigned"."causation_id" is 'The event that caused it; null for none.';
comment on column history."task_assigned"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."task_assigned"."commit_index" is 'Place in the commit, from 0.';
comment on column history."task_assigned"."log_partition" is 'The partition in which it lies.';
comment on column history."task_assigned"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."task_assigned"."status" is 'One of todo, in_progress, in_review, done, cancelled.';

create view history."task_completed" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       (r.data->>'assignee_id')::uuid as "assignee_id",
       r.data->>'from' as "from",
       r.data->>'to' as "to",
       r.data->>'rank' as "rank"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'task.task_completed';
comment on view history."task_completed" is 'A task is done.';
comment on column history."task_completed"."event_id" is 'The event, a UUIDv7.';
comment on column history."task_completed"."time" is 'When it happened.';
comment on column history."task_completed"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."task_completed"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."task_completed"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."task_completed"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."task_completed"."schema_version" is 'Of the payload as it was written.';
comment on column history."task_completed"."correlation_id" is 'All that one request brought about.';
comment on column history."task_completed"."causation_id" is 'The event that caused it; null for none.';
comment on column history."task_completed"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."task_completed"."commit_index" is 'Place in the commit, from 0.';
comment on column history."task_completed"."log_partition" is 'The partition in which it lies.';
comment on column history."task_completed"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."task_completed"."from" is 'One of todo, in_progress, in_review, done, cancelled.';
comment on column history."task_completed"."to" is 'One of todo, in_progress, in_review, done, cancelled.';

create view history."task_created" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       r.data->>'title' as "title",
       r.data->>'description' as "description",
       r.data->>'status' as "status",
       r.data->>'priority' as "priority",
       (r.data->>'assignee_id')::uuid as "assignee_id",
       (r.data->>'tags')::jsonb as "tags",
       (r.data->>'due_date')::date as "due_date",
       (r.data->>'checklist')::jsonb as "checklist",
       (r.data->>'estimated_hours')::double precision as "estimated_hours",
       (r.data->>'parent_task_id')::uuid as "parent_task_id",
       r.data->>'rank' as "rank",
       (r.data->>'template_id')::uuid as "template_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'task.task_created';
comment on view history."task_created" is 'A task was created in a project, by hand or from a template.';
comment on column history."task_created"."event_id" is 'The event, a UUIDv7.';
comment on column history."task_created"."time" is 'When it happened.';
comment on column history."task_created"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."task_created"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."task_created"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."task_created"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."task_created"."schema_version" is 'Of the payload as it was written.';
comment on column history."task_created"."correlation_id" is 'All that one request brought about.';
comment on column history."task_created"."causation_id" is 'The event that caused it; null for none.';
comment on column history."task_created"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."task_created"."commit_index" is 'Place in the commit, from 0.';
comment on column history."task_created"."log_partition" is 'The partition in which it lies.';
comment on column history."task_created"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."task_created"."status" is 'One of todo, in_progress, in_review, done, cancelled.';
comment on column history."task_created"."priority" is 'One of low, medium, high, urgent.';

create view history."task_deleted" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       r.data->>'status' as "status",
       (r.data->>'assignee_id')::uuid as "assignee_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'task.task_deleted';
comment on view history."task_deleted" is 'A task was deleted; its running timers were discarded in the same commit.';
comment on column history."task_deleted"."event_id" is 'The event, a UUIDv7.';
comment on column history."task_deleted"."time" is 'When it happened.';
comment on column history."task_deleted"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."task_deleted"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."task_deleted"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."task_deleted"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."task_deleted"."schema_version" is 'Of the payload as it was written.';
comment on column history."task_deleted"."correlation_id" is 'All that one request brought about.';
comment on column history."task_deleted"."causation_id" is 'The event that caused it; null for none.';
comment on column history."task_deleted"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."task_deleted"."commit_index" is 'Place in the commit, from 0.';
comment on column history."task_deleted"."log_partition" is 'The partition in which it lies.';
comment on column history."task_deleted"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."task_deleted"."status" is 'One of todo, in_progress, in_review, done, cancelled.';

create view history."task_edited" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       r.data->>'title' as "title",
       r.data->>'description' as "description",
       r.data->>'priority' as "priority",
       (r.data->>'tags')::jsonb as "tags",
       (r.data->>'due_date')::date as "due_date",
       (r.data->>'checklist')::jsonb as "checklist",
       (r.data->>'estimated_hours')::double precision as "estimated_hours",
       (r.data->>'parent_task_id')::uuid as "parent_task_id",
       array(select name from json_object_keys(r.data) as name where name not in ('task_id', 'project_id')) as "changed"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'task.task_edited';
comment on view history."task_edited" is 'Fields of a task were changed; only the changed ones are here, null where cleared.';
comment on column history."task_edited"."event_id" is 'The event, a UUIDv7.';
comment on column history."task_edited"."time" is 'When it happened.';
comment on column history."task_edited"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."task_edited"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."task_edited"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."task_edited"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."task_edited"."schema_version" is 'Of the payload as it was written.';
comment on column history."task_edited"."correlation_id" is 'All that one request brought about.';
comment on column history."task_edited"."causation_id" is 'The event that caused it; null for none.';
comment on column history."task_edited"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."task_edited"."commit_index" is 'Place in the commit, from 0.';
comment on column history."task_edited"."log_partition" is 'The partition in which it lies.';
comment on column history."task_edited"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."task_edited"."title" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."task_edited"."description" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."task_edited"."priority" is 'One of low, medium, high, urgent. The new value; null where it was cleared or did not change (see changed).';
comment on column history."task_edited"."tags" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."task_edited"."due_date" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."task_edited"."checklist" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."task_edited"."estimated_hours" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."task_edited"."parent_task_id" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."task_edited"."changed" is 'Names of the members that changed.';

create view history."task_moved" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       (r.data->>'assignee_id')::uuid as "assignee_id",
       r.data->>'from' as "from",
       r.data->>'to' as "to",
       r.data->>'rank' as "rank"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'task.task_moved';
comment on view history."task_moved" is 'A task went to another place on the board without being finished or taken up again.';
comment on column history."task_moved"."event_id" is 'The event, a UUIDv7.';
comment on column history."task_moved"."time" is 'When it happened.';
comment on column history."task_moved"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."task_moved"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."task_moved"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."task_moved"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."task_moved"."schema_version" is 'Of the payload as it was written.';
comment on column history."task_moved"."correlation_id" is 'All that one request brought about.';
comment on column history."task_moved"."causation_id" is 'The event that caused it; null for none.';
comment on column history."task_moved"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."task_moved"."commit_index" is 'Place in the commit, from 0.';
comment on column history."task_moved"."log_partition" is 'The partition in which it lies.';
comment on column history."task_moved"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."task_moved"."from" is 'One of todo, in_progress, in_review, done, cancelled.';
comment on column history."task_moved"."to" is 'One of todo, in_progress, in_review, done, cancelled.';

create view history."task_reopened" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       (r.data->>'assignee_id')::uuid as "assignee_id",
       r.data->>'from' as "from",
       r.data->>'to' as "to",
       r.data->>'rank' as "rank"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'task.task_reopened';
comment on view history."task_reopened" is 'A task that was done is open again.';
comment on column history."task_reopened"."event_id" is 'The event, a UUIDv7.';
comment on column history."task_reopened"."time" is 'When it happened.';
comment on column history."task_reopened"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."task_reopened"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."task_reopened"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."task_reopened"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."task_reopened"."schema_version" is 'Of the payload as it was written.';
comment on column history."task_reopened"."correlation_id" is 'All that one request brought about.';
comment on column history."task_reopened"."causation_id" is 'The event that caused it; null for none.';
comment on column history."task_reopened"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."task_reopened"."commit_index" is 'Place in the commit, from 0.';
comment on column history."task_reopened"."log_partition" is 'The partition in which it lies.';
comment on column history."task_reopened"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."task_reopened"."from" is 'One of todo, in_progress, in_review, done, cancelled.';
comment on column history."task_reopened"."to" is 'One of todo, in_progress, in_review, done, cancelled.';

create view history."task_restored" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       r.data->>'status' as "status",
       (r.data->>'assignee_id')::uuid as "assignee_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'task.task_restored';
comment on view history."task_restored" is 'A deleted task is back as it was.';
comment on column history."task_restored"."event_id" is 'The event, a UUIDv7.';
comment on column history."task_restored"."time" is 'When it happened.';
comment on column history."task_restored"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."task_restored"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."task_restored"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."task_restored"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."task_restored"."schema_version" is 'Of the payload as it was written.';
comment on column history."task_restored"."correlation_id" is 'All that one request brought about.';
comment on column history."task_restored"."causation_id" is 'The event that caused it; null for none.';
comment on column history."task_restored"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."task_restored"."commit_index" is 'Place in the commit, from 0.';
comment on column history."task_restored"."log_partition" is 'The partition in which it lies.';
comment on column history."task_restored"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."task_restored"."status" is 'One of todo, in_progress, in_review, done, cancelled.';

create view history."template_applied" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'template_id')::uuid as "template_id",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'template.template_applied';
comment on view history."template_applied" is 'A template was applied: the task was created in the same commit.';
comment on column history."template_applied"."event_id" is 'The event, a UUIDv7.';
comment on column history."template_applied"."time" is 'When it happened.';
comment on column history."template_applied"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."template_applied"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."template_applied"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."template_applied"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."template_applied"."schema_version" is 'Of the payload as it was written.';
comment on column history."template_applied"."correlation_id" is 'All that one request brought about.';
comment on column history."template_applied"."causation_id" is 'The event that caused it; null for none.';
comment on column history."template_applied"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."template_applied"."commit_index" is 'Place in the commit, from 0.';
comment on column history."template_applied"."log_partition" is 'The partition in which it lies.';
comment on column history."template_applied"."log_offset" is 'Its place there: the order of what happened.';

create view history."template_created" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'template_id')::uuid as "template_id",
       r.data->>'name' as "name",
       r.data->>'description' as "description",
       r.data->>'category' as "category",
       (r.data->>'template_data')::jsonb as "template_data"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'template.template_created';
comment on view history."template_created" is 'A template for tasks was created.';
comment on column history."template_created"."event_id" is 'The event, a UUIDv7.';
comment on column history."template_created"."time" is 'When it happened.';
comment on column history."template_created"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."template_created"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."template_created"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."template_created"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."template_created"."schema_version" is 'Of the payload as it was written.';
comment on column history."template_created"."correlation_id" is 'All that one request brought about.';
comment on column history."template_created"."causation_id" is 'The event that caused it; null for none.';
comment on column history."template_created"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."template_created"."commit_index" is 'Place in the commit, from 0.';
comment on column history."template_created"."log_partition" is 'The partition in which it lies.';
comment on column history."template_created"."log_offset" is 'Its place there: the order of what happened.';

create view history."template_deactivated" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'template_id')::uuid as "template_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'template.template_deactivated';
comment on view history."template_deactivated" is 'A template can no longer be applied.';
comment on column history."template_deactivated"."event_id" is 'The event, a UUIDv7.';
comment on column history."template_deactivated"."time" is 'When it happened.';
comment on column history."template_deactivated"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."template_deactivated"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."template_deactivated"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."template_deactivated"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."template_deactivated"."schema_version" is 'Of the payload as it was written.';
comment on column history."template_deactivated"."correlation_id" is 'All that one request brought about.';
comment on column history."template_deactivated"."causation_id" is 'The event that caused it; null for none.';
comment on column history."template_deactivated"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."template_deactivated"."commit_index" is 'Place in the commit, from 0.';
comment on column history."template_deactivated"."log_partition" is 'The partition in which it lies.';
comment on column history."template_deactivated"."log_offset" is 'Its place there: the order of what happened.';

create view history."template_edited" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'template_id')::uuid as "template_id",
       r.data->>'name' as "name",
       r.data->>'description' as "description",
       r.data->>'category' as "category",
       (r.data->>'template_data')::jsonb as "template_data",
       array(select name from json_object_keys(r.data) as name where name not in ('template_id')) as "changed"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'template.template_edited';
comment on view history."template_edited" is 'A template was changed; only the changed fields are here, template_data whole.';
comment on column history."template_edited"."event_id" is 'The event, a UUIDv7.';
comment on column history."template_edited"."time" is 'When it happened.';
comment on column history."template_edited"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."template_edited"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."template_edited"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."template_edited"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."template_edited"."schema_version" is 'Of the payload as it was written.';
comment on column history."template_edited"."correlation_id" is 'All that one request brought about.';
comment on column history."template_edited"."causation_id" is 'The event that caused it; null for none.';
comment on column history."template_edited"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."template_edited"."commit_index" is 'Place in the commit, from 0.';
comment on column history."template_edited"."log_partition" is 'The partition in which it lies.';
comment on column history."template_edited"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."template_edited"."name" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."template_edited"."description" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."template_edited"."category" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."template_edited"."template_data" is 'The new value; null where it was cleared or did not change (see changed).';
comment on column history."template_edited"."changed" is 'Names of the members that changed.';

create view history."template_reactivated" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'template_id')::uuid as "template_id"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'template.template_reactivated';
comment on view history."template_reactivated" is 'A deactivated template can be applied again.';
comment on column history."template_reactivated"."event_id" is 'The event, a UUIDv7.';
comment on column history."template_reactivated"."time" is 'When it happened.';
comment on column history."template_reactivated"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."template_reactivated"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."template_reactivated"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."template_reactivated"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."template_reactivated"."schema_version" is 'Of the payload as it was written.';
comment on column history."template_reactivated"."correlation_id" is 'All that one request brought about.';
comment on column history."template_reactivated"."causation_id" is 'The event that caused it; null for none.';
comment on column history."template_reactivated"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."template_reactivated"."commit_index" is 'Place in the commit, from 0.';
comment on column history."template_reactivated"."log_partition" is 'The partition in which it lies.';
comment on column history."template_reactivated"."log_offset" is 'Its place there: the order of what happened.';

create view history."log_added" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'time_log_id')::uuid as "time_log_id",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       (r.data->>'user_id')::uuid as "user_id",
       (r.data->>'start_time')::timestamptz as "start_time",
       (r.data->>'end_time')::timestamptz as "end_time",
       (r.data->>'duration_seconds')::bigint as "duration_seconds",
       r.data->'description'->>'sealed' as "description",
       r.data->>'category' as "category",
       (r.data->>'is_billable')::boolean as "is_billable"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'time.log_added';
comment on view history."log_added" is 'Work that was not timed was logged by hand.';
comment on column history."log_added"."event_id" is 'The event, a UUIDv7.';
comment on column history."log_added"."time" is 'When it happened.';
comment on column history."log_added"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."log_added"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."log_added"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."log_added"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."log_added"."schema_version" is 'Of the payload as it was written.';
comment on column history."log_added"."correlation_id" is 'All that one request brought about.';
comment on column history."log_added"."causation_id" is 'The event that caused it; null for none.';
comment on column history."log_added"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."log_added"."commit_index" is 'Place in the commit, from 0.';
comment on column history."log_added"."log_partition" is 'The partition in which it lies.';
comment on column history."log_added"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."log_added"."description" is 'Text of a person, sealed: equal texts of one person are equal here.';

create view history."log_deleted" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'time_log_id')::uuid as "time_log_id",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       (r.data->>'user_id')::uuid as "user_id",
       (r.data->>'previous_start_time')::timestamptz as "previous_start_time",
       (r.data->>'previous_end_time')::timestamptz as "previous_end_time",
       (r.data->>'previous_duration_seconds')::bigint as "previous_duration_seconds",
       r.data->>'previous_category' as "previous_category",
       (r.data->>'previous_is_billable')::boolean as "previous_is_billable"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'time.log_deleted';
comment on view history."log_deleted" is 'A finished time log was deleted; its time no longer counts.';
comment on column history."log_deleted"."event_id" is 'The event, a UUIDv7.';
comment on column history."log_deleted"."time" is 'When it happened.';
comment on column history."log_deleted"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."log_deleted"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."log_deleted"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."log_deleted"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."log_deleted"."schema_version" is 'Of the payload as it was written.';
comment on column history."log_deleted"."correlation_id" is 'All that one request brought about.';
comment on column history."log_deleted"."causation_id" is 'The event that caused it; null for none.';
comment on column history."log_deleted"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."log_deleted"."commit_index" is 'Place in the commit, from 0.';
comment on column history."log_deleted"."log_partition" is 'The partition in which it lies.';
comment on column history."log_deleted"."log_offset" is 'Its place there: the order of what happened.';

create view history."log_edited" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'time_log_id')::uuid as "time_log_id",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       (r.data->>'user_id')::uuid as "user_id",
       (r.data->>'start_time')::timestamptz as "start_time",
       (r.data->>'end_time')::timestamptz as "end_time",
       (r.data->>'duration_seconds')::bigint as "duration_seconds",
       r.data->'description'->>'sealed' as "description",
       r.data->>'category' as "category",
       (r.data->>'is_billable')::boolean as "is_billable",
       (r.data->>'previous_start_time')::timestamptz as "previous_start_time",
       (r.data->>'previous_end_time')::timestamptz as "previous_end_time",
       (r.data->>'previous_duration_seconds')::bigint as "previous_duration_seconds",
       r.data->>'previous_category' as "previous_category",
       (r.data->>'previous_is_billable')::boolean as "previous_is_billable"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'time.log_edited';
comment on view history."log_edited" is 'A time log was corrected: the log as it is now, with the figures from before.';
comment on column history."log_edited"."event_id" is 'The event, a UUIDv7.';
comment on column history."log_edited"."time" is 'When it happened.';
comment on column history."log_edited"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."log_edited"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."log_edited"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."log_edited"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."log_edited"."schema_version" is 'Of the payload as it was written.';
comment on column history."log_edited"."correlation_id" is 'All that one request brought about.';
comment on column history."log_edited"."causation_id" is 'The event that caused it; null for none.';
comment on column history."log_edited"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."log_edited"."commit_index" is 'Place in the commit, from 0.';
comment on column history."log_edited"."log_partition" is 'The partition in which it lies.';
comment on column history."log_edited"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."log_edited"."description" is 'Text of a person, sealed: equal texts of one person are equal here.';

create view history."timer_discarded" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'time_log_id')::uuid as "time_log_id",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       (r.data->>'user_id')::uuid as "user_id",
       (r.data->>'start_time')::timestamptz as "start_time"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'time.timer_discarded';
comment on view history."timer_discarded" is 'A running timer was thrown away, by its user or because its task was deleted.';
comment on column history."timer_discarded"."event_id" is 'The event, a UUIDv7.';
comment on column history."timer_discarded"."time" is 'When it happened.';
comment on column history."timer_discarded"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."timer_discarded"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."timer_discarded"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."timer_discarded"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."timer_discarded"."schema_version" is 'Of the payload as it was written.';
comment on column history."timer_discarded"."correlation_id" is 'All that one request brought about.';
comment on column history."timer_discarded"."causation_id" is 'The event that caused it; null for none.';
comment on column history."timer_discarded"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."timer_discarded"."commit_index" is 'Place in the commit, from 0.';
comment on column history."timer_discarded"."log_partition" is 'The partition in which it lies.';
comment on column history."timer_discarded"."log_offset" is 'Its place there: the order of what happened.';

create view history."timer_flagged" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'time_log_id')::uuid as "time_log_id",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       (r.data->>'user_id')::uuid as "user_id",
       (r.data->>'start_time')::timestamptz as "start_time"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'time.timer_flagged';
comment on view history."timer_flagged" is 'A timer has been running for 24 hours or more; probably it was forgotten.';
comment on column history."timer_flagged"."event_id" is 'The event, a UUIDv7.';
comment on column history."timer_flagged"."time" is 'When it happened.';
comment on column history."timer_flagged"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."timer_flagged"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."timer_flagged"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."timer_flagged"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."timer_flagged"."schema_version" is 'Of the payload as it was written.';
comment on column history."timer_flagged"."correlation_id" is 'All that one request brought about.';
comment on column history."timer_flagged"."causation_id" is 'The event that caused it; null for none.';
comment on column history."timer_flagged"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."timer_flagged"."commit_index" is 'Place in the commit, from 0.';
comment on column history."timer_flagged"."log_partition" is 'The partition in which it lies.';
comment on column history."timer_flagged"."log_offset" is 'Its place there: the order of what happened.';

create view history."timer_started" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'time_log_id')::uuid as "time_log_id",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       (r.data->>'user_id')::uuid as "user_id",
       (r.data->>'start_time')::timestamptz as "start_time",
       r.data->'description'->>'sealed' as "description",
       r.data->>'category' as "category",
       (r.data->>'is_billable')::boolean as "is_billable"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'time.timer_started';
comment on view history."timer_started" is 'Somebody began to work on a task.';
comment on column history."timer_started"."event_id" is 'The event, a UUIDv7.';
comment on column history."timer_started"."time" is 'When it happened.';
comment on column history."timer_started"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."timer_started"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."timer_started"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."timer_started"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."timer_started"."schema_version" is 'Of the payload as it was written.';
comment on column history."timer_started"."correlation_id" is 'All that one request brought about.';
comment on column history."timer_started"."causation_id" is 'The event that caused it; null for none.';
comment on column history."timer_started"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."timer_started"."commit_index" is 'Place in the commit, from 0.';
comment on column history."timer_started"."log_partition" is 'The partition in which it lies.';
comment on column history."timer_started"."log_offset" is 'Its place there: the order of what happened.';
comment on column history."timer_started"."description" is 'Text of a person, sealed: equal texts of one person are equal here.';

create view history."timer_stopped" with (security_invoker = true) as
select r.event_id as "event_id",
       r.time as "time",
       r.organization as "organization_id",
       r.actor as "actor",
       r.stream as "stream",
       r.stream_version as "stream_version",
       r.schema_version as "schema_version",
       r.correlation_id as "correlation_id",
       r.causation_id as "causation_id",
       r.commit_id as "commit_id",
       r.commit_index as "commit_index",
       r.partition as "log_partition",
       r."offset" as "log_offset",
       (r.data->>'time_log_id')::uuid as "time_log_id",
       (r.data->>'task_id')::uuid as "task_id",
       (r.data->>'project_id')::uuid as "project_id",
       (r.data->>'user_id')::uuid as "user_id",
       (r.data->>'start_time')::timestamptz as "start_time",
       (r.data->>'end_time')::timestamptz as "end_time",
       (r.data->>'duration_seconds')::bigint as "duration_seconds",
       r.data->>'category' as "category",
       (r.data->>'is_billable')::boolean as "is_billable"
  from teamflow.log_records as r
 where r.kind = 1 and r.type = 'time.timer_stopped';
comment on view history."timer_stopped" is 'A running timer was stopped; its time counts from now on.';
comment on column history."timer_stopped"."event_id" is 'The event, a UUIDv7.';
comment on column history."timer_stopped"."time" is 'When it happened.';
comment on column history."timer_stopped"."organization_id" is 'Nil for user accounts and read models.';
comment on column history."timer_stopped"."actor" is 'The user who did it, system:<process manager>, or cli:<user>@<host>.';
comment on column history."timer_stopped"."stream" is 'What it happened to, such as task-<id>.';
comment on column history."timer_stopped"."stream_version" is 'Its number in the stream, from 1.';
comment on column history."timer_stopped"."schema_version" is 'Of the payload as it was written.';
comment on column history."timer_stopped"."correlation_id" is 'All that one request brought about.';
comment on column history."timer_stopped"."causation_id" is 'The event that caused it; null for none.';
comment on column history."timer_stopped"."commit_id" is 'The events of one command, with commit_index.';
comment on column history."timer_stopped"."commit_index" is 'Place in the commit, from 0.';
comment on column history."timer_stopped"."log_partition" is 'The partition in which it lies.';
comment on column history."timer_stopped"."log_offset" is 'Its place there: the order of what happened.';

select teamflow.grant_history();
