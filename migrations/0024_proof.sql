-- What a sign-in may be asked for beyond a right password.

-- A password that a program made: it opens no session, and until this instant it is good for being
-- replaced by one that its owner chose. None for every other password.
ALTER TABLE staff ADD COLUMN initial_password_until timestamptz;

-- When the owner of a session last proved to be one, where that was after it was opened.
ALTER TABLE session ADD COLUMN proved_at timestamptz;
