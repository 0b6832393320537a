-- Separation of duties grows with feedback, conclusions and role models (R25, R31, R33); as before,
-- service/domain/separation.py is the table.

INSERT INTO log.duties (type, act, matter, person, optional) VALUES
    ('QuarterlyFeedbackGiven', 'feedback_given', 'feedback_id', 'given_by_person', false),
    ('CommendationConcluded', 'concluded', 'commendation_id', 'concluded_by_person', false),
    ('CommendationRevoked', 'concluded', 'commendation_id', 'revoked_by_person', false),
    ('DisqualificationConcluded', 'concluded', 'disqualification_id', 'concluded_by_person', false),
    ('DisqualificationRevoked', 'concluded', 'disqualification_id', 'revoked_by_person', false),
    ('ProposalDismissed', 'concluded', 'proposal_id', 'dismissed_by_person', false),
    ('RoleModelNominated', 'nominated', 'role_model_id', 'nominated_by_person', false),
    ('RoleModelAgreed', 'agreed', 'role_model_id', 'agreed_by_person', false),
    ('RoleModelPublicised', 'publicised', 'role_model_id', 'publicised_by_person', false);

INSERT INTO log.exclusions (act, earlier, refusal) VALUES
    ('feedback_given', 'served', 'not-in-own-matter'),
    ('concluded', 'served', 'not-in-own-matter'),
    ('nominated', 'served', 'not-in-own-matter'),
    ('agreed', 'served', 'not-in-own-matter'),
    ('publicised', 'served', 'not-in-own-matter'),
    ('agreed', 'nominated', 'agreed-by-nominator');

-- The types of log.duties: a trigger's condition cannot ask a table.
CREATE OR REPLACE TRIGGER duties_begin AFTER INSERT ON log.events
    FOR EACH ROW WHEN (NEW.type = ANY (ARRAY[
        'ParticipationRecorded', 'ParticipationCorrected', 'ParticipationVoided',
        'ParticipationEndorsed', 'EndorsementDeclined', 'EndorsementRevoked',
        'SigningKeyProposed', 'SigningKeyApproved', 'QuarterlyFeedbackGiven',
        'CommendationConcluded', 'CommendationRevoked',
        'DisqualificationConcluded', 'DisqualificationRevoked', 'ProposalDismissed',
        'RoleModelNominated', 'RoleModelAgreed', 'RoleModelPublicised']))
    EXECUTE FUNCTION log.remember_act();
