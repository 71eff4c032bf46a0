-- For the estimate on the patient's page: the last consultations of a department.
CREATE INDEX stage_completed ON stage (department_id, ended_at DESC) WHERE state = 'COMPLETED' AND NOT inaccurate;
