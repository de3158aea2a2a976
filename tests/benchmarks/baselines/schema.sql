-- The tables all baselines share on PostgreSQL.
CREATE TABLE members (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, token text UNIQUE NOT NULL, name text NOT NULL);
CREATE TABLE proposals (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, circle_id int NOT NULL DEFAULT 1,
  title text NOT NULL, body text NOT NULL, state text NOT NULL DEFAULT 'open', created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE ballots (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, proposal_id bigint NOT NULL REFERENCES proposals(id),
  member_id bigint NOT NULL REFERENCES members(id), choice text NOT NULL, reason text NOT NULL DEFAULT '',
  cast_at timestamptz NOT NULL DEFAULT now(), UNIQUE (proposal_id, member_id));
CREATE TABLE audit (seq bigint PRIMARY KEY, ts timestamptz NOT NULL DEFAULT now(), kind text NOT NULL, payload text NOT NULL,
  prev bytea NOT NULL, hash bytea NOT NULL);
CREATE TABLE chain_head (id int PRIMARY KEY, seq bigint NOT NULL, hash bytea NOT NULL);
INSERT INTO chain_head VALUES (1, 0, '\x00');

-- One round trip: ballot, hash-chained audit row and chain head, one commit.
CREATE FUNCTION cast_ballot(p bigint, m bigint, c text, r text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE s bigint; h bytea; nh bytea; pay text;
BEGIN
  INSERT INTO ballots(proposal_id, member_id, choice, reason) VALUES (p, m, c, r)
    ON CONFLICT (proposal_id, member_id) DO UPDATE SET choice = excluded.choice, reason = excluded.reason, cast_at = now();
  pay := json_build_object('p', p, 'm', m, 'c', c, 'r', r)::text;
  SELECT seq, hash INTO s, h FROM chain_head WHERE id = 1 FOR UPDATE;
  nh := sha256(h || convert_to(pay, 'UTF8'));
  INSERT INTO audit(seq, kind, payload, prev, hash) VALUES (s + 1, 'ballot.cast', pay, h, nh);
  UPDATE chain_head SET seq = s + 1, hash = nh WHERE id = 1;
  RETURN s + 1;
END $$;

INSERT INTO members(token, name) SELECT 'tok' || i, 'member ' || i FROM generate_series(1, 100000) i;
INSERT INTO proposals(title, body) SELECT 'Proposal ' || i, repeat('Body text of the proposal. ', 30) FROM generate_series(1, 200) i;
