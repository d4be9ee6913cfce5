-- How the balances of an owner and year change; the posting door (post_batch.sql) calls this.

-- The balances of one owner and year after some moves: those that stand are changed, new ones are
-- added at the end. A ceiling of -1 leaves the one that stands; null says that there is none.
CREATE OR REPLACE FUNCTION moved_balances(
  INOUT slots text[], INOUT openings bigint[], INOUT amounts bigint[], INOUT ceilings bigint[],
  moved text[], by bigint[], under bigint[]
) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  place int;
BEGIN
  FOR i IN 1 .. cardinality(moved) LOOP
    place := array_position(slots, moved[i]);
    IF place IS NULL THEN
      slots := slots || moved[i];
      openings := openings || 0::bigint;
      amounts := amounts || by[i];
      ceilings := ceilings || nullif(under[i], -1);
    ELSE
      amounts[place] := amounts[place] + by[i];
      IF under[i] IS DISTINCT FROM -1 THEN
        ceilings[place] := under[i];
      END IF;
    END IF;
  END LOOP;
END $$;

-- What stands in the named slots, in their order.
CREATE OR REPLACE FUNCTION amounts_in(slots text[], amounts bigint[], named text[])
RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  found bigint[] := '{}';
BEGIN
  FOR i IN 1 .. cardinality(named) LOOP
    found := found || amounts[array_position(slots, named[i])];
  END LOOP;
  RETURN found;
END $$;
