/** Faults planted in the database that more than one campaign must catch. */

/** No key is looked up, and none is unique: what comes twice happens twice. */
export const KEYS_UNCHECKED = `do $$ begin
  execute replace(pg_get_functiondef('batch_verdicts'::regproc),
    'i.client_id = p.client AND i.key = p.key', 'false');
end $$;
alter table idempotency drop constraint idempotency_client_id_key_pk`
