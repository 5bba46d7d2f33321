-- Several processes build one read model at once, in different partitions.

-- The partitions of which a process builds its read models.
alter table teamflow.nodes
    add column projected_partitions integer[] not null default '{}';

-- Begins the build after `from_build` (0: there was none), or raises TF001 because another
-- projector did so first. A transaction that moves checkpoints of the build before is over when
-- they can be deleted; whoever comes later finds the build gone.
create function teamflow.begin_build(
    of_name text, of_version integer, of_fingerprint text, from_build bigint, of_target text
) returns void language plpgsql as $$
begin
    insert into teamflow.projections as p (name, version, fingerprint, build, status, target)
    values (of_name, of_version, of_fingerprint, from_build + 1, 'rebuilding', of_target)
        on conflict (name) do update
       set version = excluded.version, fingerprint = excluded.fingerprint,
           build = excluded.build, status = 'rebuilding', error = null,
           target = excluded.target, started_at = now(), live_at = null
     where p.build = from_build;
    if not found then
        raise exception 'another projector has begun a build of projection %', of_name
            using errcode = 'TF001';
    end if;
end
$$;
