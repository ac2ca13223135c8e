/** How long a right outlives its end, under load: from identity's answer until a commit elsewhere is refused. */
import { PERSONAS, staffMemberIdOf } from '../../dev/demo/facts';
import { eventually } from '../../dev/demo/player';
import { newId } from '../../kernel/ids';
import type { Staff } from '../../kernel/principal';
import type { World } from '../../tests/hostile/world';
import { ask } from '../../tests/rights/askers';
import type { Row } from '../main';

const ENDS = 30;
/** Clients that load an inbox of 50 all the time. */
const LOAD = 12;
const INBOX = `query ($id: ID!) { inbox(authorityId: $id, first: 50) { nodes { id state applicant { id displayName } } } }`;
const NOTE = `mutation ($input: AddNoteInput!) { addNote(input: $input) { note { id } refusal { code } } }`;
const SOON = 600_000;
const [, , MAX, ERIKA] = PERSONAS;

export async function measureRightsEnd(world: World, applicationId: string): Promise<Row[]> {
  const url = world.stack.env.APPLICATIONS_URL!;
  // a principal token of before the end, as the gateway would still sign it for a moment
  const erika: Staff = {
    kind: 'staff',
    sessionId: newId(),
    staffMemberId: staffMemberIdOf(ERIKA.subject),
    authorityId: world.authorityId,
    departmentId: null,
    scopes: ['staff:read', 'staff:work', 'staff:decide'],
  };
  const mayWrite = async (): Promise<boolean> => {
    const input = { applicationId, text: 'Noch da?', idempotencyKey: newId() };
    const { body } = await ask({ name: 'erika', principal: erika, is: [] }, 'applications', url, NOTE, { input });
    if (body.data?.addNote?.note) return true;
    if (body.errors?.[0]?.extensions.code === 'FORBIDDEN') return false;
    throw new Error(`Neither yes nor no: ${JSON.stringify(body)}`);
  };

  let loading = true;
  let looks = 0;
  const load = Array.from({ length: LOAD }, async () => {
    while (loading) {
      await world.max.ask(INBOX, { id: world.authorityId });
      looks += 1;
    }
  });
  const began = performance.now();
  const lags: number[] = [];
  try {
    for (let n = 0; n < ENDS; n += 1) {
      const { substitution } = await world.thea.done(
        'arrangeSubstitution',
        {
          absentStaffMemberId: staffMemberIdOf(MAX.subject),
          substituteStaffMemberId: erika.staffMemberId,
          validFrom: new Date().toISOString(),
          validTo: new Date(Date.now() + SOON).toISOString(),
          idempotencyKey: newId(),
        },
        'substitution { id version }',
      );
      await eventually(mayWrite, may => may, 'the right begins');
      const input = { substitutionId: substitution.id, expectedVersion: substitution.version };
      await world.thea.done('endSubstitution', input, 'substitution { state }');
      const ended = performance.now();
      while (await mayWrite()); // each try takes as long as the answer of a busy subgraph
      lags.push(performance.now() - ended);
    }
  } finally {
    loading = false;
    await Promise.all(load);
  }
  const perSecond = (looks / (performance.now() - began)) * 1000;
  lags.sort((a, b) => a - b);
  const at = (share: number) => Math.round(lags[Math.min(lags.length - 1, Math.floor(lags.length * share))]!);
  const under = `under ${perSecond.toFixed(0)} inboxes of 50 a second`;
  return [
    { name: `rights end, ${under}: p50 ms from identity's answer to the first refused commit`, ours: at(0.5) },
    { name: `rights end, ${under}: longest ms (must: at most 1000)`, ours: at(1) },
  ];
}
