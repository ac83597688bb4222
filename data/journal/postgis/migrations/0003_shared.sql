-- What consoles share beside the journal. Seats are worth nothing after a crash: their table is not logged.

CREATE TABLE beat (
    is_the_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_one),
    world_at timestamptz NOT NULL,
    speed double precision NOT NULL,
    told_at timestamptz NOT NULL
);

CREATE UNLOGGED TABLE seat (
    teller text NOT NULL,
    seat_id text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    console text NOT NULL,
    incident_id text,
    since timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    heard_at timestamptz NOT NULL,
    PRIMARY KEY (teller, seat_id)
);
