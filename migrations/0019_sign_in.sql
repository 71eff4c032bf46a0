-- What the first step of a sign-in added to the counter of its address: nothing, where the address
-- was blocked already. The second step takes back so much and no more.
ALTER TABLE login_challenge
    ADD COLUMN address_charges smallint NOT NULL DEFAULT 1 CHECK (address_charges BETWEEN 0 AND 1);

-- When a counter of failed sign-ins is over: whoever guesses names must not fill the table. Rows of
-- builds before this one have none, and go by their age.
ALTER TABLE login_throttle ADD COLUMN forget_at timestamptz;
CREATE INDEX login_throttle_forget ON login_throttle (forget_at);
