/** The catalogue with the demo data, for its tests. */
import { seedCatalogue } from '../../../dev/demo/catalogue';
import { authorityIdOf, departmentIdOf, MUSTERSTADT, NEIGHBOUR } from '../../../dev/demo/facts';
import { newId } from '../../../kernel/ids';
import { type Staff, serviceOf } from '../../../kernel/principal';
import { staff, startTestSubgraph, type TestSubgraph } from '../../../tests/setup/subgraph';
import catalogue from '../subgraph';

export { ANONYMOUS, person } from '../../../tests/setup/subgraph';
export { MUSTERSTADT, NEIGHBOUR };

export const AMT = authorityIdOf(MUSTERSTADT.associationArs);
export const ORDNUNGSAMT = departmentIdOf(MUSTERSTADT.associationArs, 'ordnungsamt');
export const NEIGHBOUR_AMT = authorityIdOf(NEIGHBOUR.associationArs);

export async function startCatalogue(): Promise<TestSubgraph> {
  const subgraph = await startTestSubgraph(catalogue);
  await subgraph.running.db.tx(serviceOf('catalogue'), tx => seedCatalogue(tx, MUSTERSTADT));
  return subgraph;
}

/** Somebody who edits and publishes for an authority. */
export async function editor(
  subgraph: TestSubgraph,
  authorityId = AMT,
  scopes: readonly string[] = ['catalogue:edit', 'catalogue:publish'],
): Promise<Staff> {
  const somebody = staff({ authorityId, scopes });
  await subgraph.publish('identity', 'staff.changed', somebody.staffMemberId, {
    staffMemberId: somebody.staffMemberId,
    authorityId,
    departmentId: null,
    scopes,
    active: true,
  });
  return somebody;
}

/** The input of a responsibility for the trade registration of the story's Amt. */
export const draftInput = (given: Record<string, unknown> = {}) => ({
  leikaKey: '99050012104000',
  ars: MUSTERSTADT.associationArs,
  authorityId: AMT,
  channel: 'CASE_CLOUD',
  departmentRules: [{ departmentId: ORDNUNGSAMT }],
  processingDays: 3,
  validFrom: '2026-01-01',
  expectedVersion: 0,
  idempotencyKey: newId(),
  ...given,
});
