-- What the table checks of the next migration call.
CREATE EXTENSION IF NOT EXISTS btree_gist;
--> statement-breakpoint
-- Sum of amounts in fen. A loop in plpgsql is several times faster here than an aggregate.
CREATE FUNCTION fen_sum(amounts bigint[]) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  total bigint := 0;
  amount bigint;
BEGIN
  FOREACH amount IN ARRAY amounts LOOP
    total := total + amount;
  END LOOP;
  RETURN total;
END $$;
--> statement-breakpoint
-- Sum of the line amounts of a settlement document, in fen; amounts stand there as yuan text.
CREATE FUNCTION lines_sum(document jsonb) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  total numeric := 0;
  line jsonb;
BEGIN
  FOR line IN SELECT jsonb_array_elements(document -> 'lines') LOOP
    total := total + (line ->> 'amount')::numeric;
  END LOOP;
  RETURN (total * 100)::bigint;
END $$;
