-- What SQL and QGIS users read; documented in docs/sql-views.md. Views over the stored text cannot disagree with it.

-- jsonb cannot hold the character NUL, which a typed text may: it is left out here, and only here.
CREATE FUNCTION document(body text) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN strpos(body, '\u0000') = 0 THEN body
                ELSE regexp_replace(body, '(?<!\\)((?:\\\\)*)\\u0000', '\1', 'g') END::jsonb
$$;

CREATE VIEW incident_history AS
SELECT e.journal_id || '-' || e.seq AS key, e.journal_id, e.seq, d.doc ->> 'id' AS incident_id,
       d.doc ->> 'number' AS number, d.doc ->> 'case_type' AS case_type, d.doc #>> '{title,zh}' AS title_zh,
       d.doc #>> '{title,en}' AS title_en, (d.doc ->> 'priority')::integer AS priority, d.doc ->> 'status' AS status,
       d.doc ->> 'island_id' AS island_id, d.doc ->> 'note' AS note,
       (d.doc ->> 'reported_at')::timestamptz AS reported_at, e.kind, e.actor, e.mode, e.world_at, e.recorded_at, e.geom
FROM event e CROSS JOIN LATERAL (SELECT document(e.body) -> 'incident' AS doc) d
WHERE e.kind IN ('IncidentReported', 'IncidentRevised');

CREATE VIEW incident AS
WITH fact AS (
    SELECT DISTINCT ON (i.incident_id) i.* FROM incident_history i JOIN head h ON h.journal_id = i.journal_id
    ORDER BY i.incident_id, i.seq DESC
), change AS (
    SELECT DISTINCT ON (document(e.body) ->> 'incident_id') document(e.body) ->> 'incident_id' AS incident_id,
           document(e.body) ->> 'status' AS status, e.seq, e.world_at
    FROM event e JOIN head h ON h.journal_id = e.journal_id WHERE e.kind = 'IncidentStatusChanged'
    ORDER BY 1, e.seq DESC
)
SELECT f.incident_id AS key, f.journal_id, f.incident_id, f.number, f.case_type, f.title_zh, f.title_en, f.priority,
       CASE WHEN c.seq > f.seq THEN c.status ELSE f.status END AS status,
       CASE WHEN c.seq > f.seq THEN c.world_at ELSE f.world_at END AS status_at,
       f.island_id, f.note, f.reported_at, f.mode, f.world_at, f.recorded_at, f.geom
FROM fact f LEFT JOIN change c USING (incident_id);

CREATE VIEW unit_history AS
SELECT e.journal_id || '-' || e.seq AS key, e.journal_id, e.seq, d.doc ->> 'unit_id' AS unit_id,
       d.doc ->> 'status' AS status, d.doc ->> 'site_id' AS site_id, d.doc ->> 'incident_id' AS incident_id,
       d.doc ->> 'plan_id' AS plan_id, e.actor, e.mode, e.world_at, e.recorded_at, e.geom
FROM event e CROSS JOIN LATERAL (SELECT document(e.body) AS doc) d WHERE e.kind = 'UnitStatusChanged';

CREATE VIEW unit_now AS
WITH report AS (
    SELECT DISTINCT ON (u.unit_id) u.* FROM unit_history u JOIN head h ON h.journal_id = u.journal_id
    ORDER BY u.unit_id, u.seq DESC
), fix AS (
    SELECT u.unit_id, p.* FROM unit_position p JOIN head h ON h.journal_id = p.journal_id JOIN unit u ON u.number = p.unit
)
SELECT coalesce(f.unit_id, r.unit_id) AS key, h.journal_id, coalesce(f.unit_id, r.unit_id) AS unit_id, r.status,
       r.world_at AS status_at, r.incident_id, r.plan_id, f.heading_deg, f.speed_mps, h.mode,
       greatest(f.world_at, r.world_at) AS world_at,
       CASE WHEN r.world_at > f.world_at OR f.unit_id IS NULL THEN r.geom
            ELSE ST_SetSRID(ST_MakePoint(f.lon_deg, f.lat_deg), 4326) END::geometry(Geometry, 4326) AS geom
FROM fix f FULL JOIN report r ON r.unit_id = f.unit_id CROSS JOIN head h;

CREATE VIEW orders AS
SELECT e.journal_id || '-' || e.seq AS key, e.journal_id, e.seq, d.doc ->> 'id' AS order_id,
       d.doc ->> 'unit_id' AS unit_id, d.doc ->> 'incident_id' AS incident_id, d.doc ->> 'plan_id' AS plan_id,
       d.doc #>> '{text,zh}' AS text_zh, d.doc #>> '{text,en}' AS text_en,
       (d.doc ->> 'issued_at')::timestamptz AS issued_at,
       EXISTS (SELECT FROM event w WHERE w.journal_id = e.journal_id AND w.kind = 'PlanWithdrawn'
               AND document(w.body) ->> 'plan_id' = d.doc ->> 'plan_id') AS withdrawn,
       e.actor, e.mode, e.world_at, e.recorded_at, e.geom
FROM event e CROSS JOIN LATERAL (SELECT document(e.body) -> 'order' AS doc) d WHERE e.kind = 'OrderIssued';

CREATE VIEW closures AS
SELECT e.journal_id || '-' || e.seq AS key, e.journal_id, e.seq, d.doc ->> 'id' AS closure_id,
       d.doc ->> 'target_kind' AS target_kind, d.doc ->> 'target_id' AS target_id,
       (d.doc ->> 'from_at')::timestamptz AS from_at, (d.doc ->> 'until_at')::timestamptz AS until_at,
       d.doc #>> '{reason,zh}' AS reason_zh, d.doc #>> '{reason,en}' AS reason_en,
       (SELECT min(l.world_at) FROM event l WHERE l.journal_id = e.journal_id AND l.kind = 'ClosureLifted'
        AND l.seq > e.seq AND document(l.body) ->> 'closure_id' = d.doc ->> 'id') AS lifted_at,
       e.actor, e.mode, e.world_at, e.recorded_at, e.geom
FROM event e CROSS JOIN LATERAL (SELECT document(e.body) -> 'closure' AS doc) d WHERE e.kind = 'ClosureSet';

CREATE VIEW positions AS
SELECT p.journal_id || '-' || p.unit || '-' || (extract(epoch FROM p.world_at) * 1000000)::bigint AS key,
       p.journal_id, u.unit_id, p.world_at, p.lon_deg, p.lat_deg, p.heading_deg, p.speed_mps, o.mode,
       ST_SetSRID(ST_MakePoint(p.lon_deg, p.lat_deg), 4326)::geometry(Point, 4326) AS geom
FROM position p JOIN unit u ON u.number = p.unit JOIN event o ON o.journal_id = p.journal_id AND o.seq = 1;
