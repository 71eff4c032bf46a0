-- What the first step of a sign-in added to the counter of its address: nothing, where the address
-- was blocked already. The second step takes back so much and no more.
ALTER TABLE login_challenge
    ADD COLUMN address_charges smallint NOT NULL DEFAULT 1 CHECK (address_charges BETWEEN 0 AND 1);
