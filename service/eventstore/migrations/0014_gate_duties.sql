-- Separation of duties grows with opinions, the gate and objections (R26, R27, R39); as before,
-- service/domain/separation.py is the table.

INSERT INTO log.duties (type, act, matter, person, optional) VALUES
    ('OpinionGiven', 'opinion_signed', 'consultation_id', 'given_by_person', false),
    ('OpinionCountersigned', 'opinion_countersigned', 'consultation_id', 'countersigned_by_person', false),
    ('RecusalDeclared', 'recused', 'consultation_id', 'officer_person', false),
    ('GateOverridden', 'gate_overridden', 'decision_id', 'overridden_by_person', false),
    ('DecisionConcluded', 'concluded', 'decision_id', 'concluded_by_person', false),
    ('DecisionRevised', 'concluded', 'decision_id', 'revised_by_person', false),
    ('ObjectionAnswered', 'objection_answered', 'subject_id', 'answered_by_person', false);

INSERT INTO log.exclusions (act, earlier, refusal) VALUES
    ('opinion_signed', 'opinion_countersigned', 'opinion-signed-twice'),
    ('opinion_signed', 'served', 'not-in-own-matter'),
    ('opinion_countersigned', 'served', 'not-in-own-matter'),
    ('opinion_signed', 'recused', 'replier-recused'),
    ('opinion_countersigned', 'recused', 'replier-recused'),
    ('gate_overridden', 'served', 'not-in-own-matter'),
    ('concluded', 'gate_overridden', 'concluded-by-overrider'),
    ('objection_answered', 'served', 'not-in-own-matter'),
    ('objection_answered', 'endorsed', 'answered-by-objected-to'),
    ('objection_answered', 'declined', 'answered-by-objected-to'),
    ('objection_answered', 'revoked', 'answered-by-objected-to'),
    ('objection_answered', 'opinion_signed', 'answered-by-objected-to'),
    ('objection_answered', 'opinion_countersigned', 'answered-by-objected-to'),
    ('objection_answered', 'concluded', 'answered-by-objected-to'),
    ('objection_answered', 'feedback_given', 'answered-by-objected-to');

-- The types of log.duties: a trigger's condition cannot ask a table.
CREATE OR REPLACE TRIGGER duties_begin AFTER INSERT ON log.events
    FOR EACH ROW WHEN (NEW.type = ANY (ARRAY[
        'ParticipationRecorded', 'ParticipationCorrected', 'ParticipationVoided',
        'ParticipationEndorsed', 'EndorsementDeclined', 'EndorsementRevoked',
        'SigningKeyProposed', 'SigningKeyApproved', 'QuarterlyFeedbackGiven',
        'CommendationConcluded', 'CommendationRevoked',
        'DisqualificationConcluded', 'DisqualificationRevoked', 'ProposalDismissed',
        'RoleModelNominated', 'RoleModelAgreed', 'RoleModelPublicised',
        'OpinionGiven', 'OpinionCountersigned', 'RecusalDeclared', 'GateOverridden',
        'DecisionConcluded', 'DecisionRevised', 'ObjectionAnswered']))
    EXECUTE FUNCTION log.remember_act();
