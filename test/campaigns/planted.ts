/** Faults planted in the database that more than one campaign must catch. */

/**
 * The statement that changes the text of a function of the database; it fails where the text does
 * not hold what is to be changed, as a fault that is not planted would never be caught.
 */
export const changed = (name: string, text: string, into: string): string => `do $plant$
declare
  was text := pg_get_functiondef('${name}'::regproc);
  planted text := replace(was, $text$${text}$text$, $text$${into}$text$);
begin
  if planted = was then raise exception '% does not hold the text to change', '${name}'; end if;
  execute planted;
end $plant$`

/** No key is looked up, and none is unique: what comes twice happens twice. */
export const KEYS_UNCHECKED = `${changed(
  'batch_verdicts',
  'i.client_id = p.client AND i.key = p.key',
  'false',
)};
alter table idempotency drop constraint idempotency_client_id_key_pk`
