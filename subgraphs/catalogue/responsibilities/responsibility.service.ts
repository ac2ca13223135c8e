/** Drafts of responsibilities: what an editor enters, checked and kept until it is published. */
import type { QueryDeepPartialEntity } from 'typeorm';
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { badInput, forbidden, notFound } from '../../../kernel/errors';
import { once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { refuseCommon } from '../../../kernel/refusal';
import { change, checkVersion } from '../../../kernel/version';
import { RoutingChannel } from '../../../schema/channels';
import { edits, provenEditor } from '../entries/entry.rights';
import { CatalogueState } from '../entries/entry.states';
import { type Problem, problem, refuseProblems } from '../refusals';
import { Responsibility } from './responsibility.entity';
import type { SaveResponsibilityDraftInput } from './responsibility.inputs';

const MOST_RULES = 50;
const LONGEST_NOTE = 1_000;
const MOST_DAYS = 3_650;
const EMAIL = /^[^\s@<>]{1,64}@[^\s@<>]{1,190}$/;
const POINTER = /^(\/([^~/]|~[01])*)+$/;

/**
 * Makes or changes a draft.
 * @throws Refusal VALIDATION_FAILED, VERSION_CONFLICT, INVALID_TRANSITION (no draft any more)
 */
export async function saveResponsibilityDraft(
  ctx: Context,
  input: SaveResponsibilityDraftInput,
): Promise<Responsibility | null> {
  const id = await ctx.write(async tx => {
    const { staff, area } = await provenEditor(tx, ctx.principal, 'catalogue:edit');
    if (!edits(area, input.ars)) throw forbidden();
    const made = await once(tx, staff, 'saveResponsibilityDraft', input, async () => {
      const draft = input.id ? await openDraft(tx, input.id, area, input.expectedVersion) : null;
      if (!draft && input.expectedVersion !== 0) throw badInput('input.expectedVersion');
      await check(tx, input, area);
      const content = {
        leikaKey: input.leikaKey,
        ars: input.ars,
        authorityId: input.authorityId,
        channel: input.channel,
        channelAddress: input.channelAddress ?? null,
        departmentRules: input.departmentRules.map(({ path, equals, departmentId }) => ({
          path: path ?? null,
          equals: equals ?? null,
          departmentId,
        })),
        processingDays: input.processingDays ?? null,
        validFrom: input.validFrom,
        validTo: input.validTo ?? null,
        changeNote: input.changeNote ?? null,
        changedAt: now(),
        changedById: staff.staffMemberId,
      };
      if (draft) return (await change(tx, Responsibility, draft, content)).id;
      const fresh = { ...content, id: newId(), version: 1, state: CatalogueState.DRAFT, publishedAt: null };
      await tx.insert(Responsibility, fresh as QueryDeepPartialEntity<Responsibility>);
      return fresh.id;
    });
    return made.id;
  });
  const [saved] = await ctx.read(tx => rows(tx, Responsibility, 'SELECT * FROM responsibility WHERE id = $1', [id]));
  return saved ?? null;
}

async function openDraft(tx: Tx, id: string, area: string, expectedVersion: number): Promise<Responsibility> {
  const [draft] = await rows(tx, Responsibility, 'SELECT * FROM responsibility WHERE id = $1 FOR UPDATE', [id]);
  if (!draft || !edits(area, draft.ars)) throw notFound();
  checkVersion(draft, expectedVersion);
  if (draft.state !== CatalogueState.DRAFT) throw refuseCommon('INVALID_TRANSITION', { stored: draft });
  return draft;
}

async function check(tx: Tx, input: SaveResponsibilityDraftInput, area: string): Promise<void> {
  const departments = [...new Set(input.departmentRules.map(rule => rule.departmentId))];
  const [known]: [{ service: boolean; area: boolean; authority: string | null; departments: string[] }] =
    await tx.query(
      `SELECT EXISTS (SELECT FROM service_version WHERE leika_key = $1 AND published_at IS NOT NULL) AS service,
         EXISTS (SELECT FROM area WHERE ars = $2) AS area,
         (SELECT ars FROM authority WHERE id = $3 AND kind <> 'DEPARTMENT') AS authority,
         ARRAY(SELECT id FROM authority WHERE id = ANY($4) AND parent_id = $3 AND kind = 'DEPARTMENT') AS departments`,
      [input.leikaKey, input.ars, input.authorityId, departments],
    );
  const problems: Problem[] = [];
  const when = (wrong: boolean, path: string, code: Problem['code']) => {
    if (wrong) problems.push(problem(path, code));
  };
  when(!known.service, '/leikaKey', 'UNKNOWN_SERVICE');
  when(!known.area, '/ars', 'UNKNOWN_AREA');
  when(known.authority === null || !edits(area, known.authority), '/authorityId', 'UNKNOWN_AUTHORITY');
  when(input.departmentRules.length > MOST_RULES, '/departmentRules', 'TOO_LONG');
  for (const [i, { departmentId, path }] of input.departmentRules.entries()) {
    when(!known.departments.includes(departmentId), `/departmentRules/${i}/departmentId`, 'UNKNOWN_DEPARTMENT');
    when(path != null && !POINTER.test(path), `/departmentRules/${i}/path`, 'BAD_POINTER');
  }
  const address = input.channelAddress?.trim();
  when(input.channel !== RoutingChannel.CASE_CLOUD && !address, '/channelAddress', 'ADDRESS_MISSING');
  const isMailbox = input.channel === RoutingChannel.SHARED_MAILBOX;
  when(isMailbox && !!address && !EMAIL.test(address), '/channelAddress', 'BAD_ADDRESS');
  when((address?.length ?? 0) > 255, '/channelAddress', 'TOO_LONG');
  const days = input.processingDays ?? 0;
  when(days < 0 || days > MOST_DAYS, '/processingDays', 'OUT_OF_RANGE');
  when(input.validTo != null && input.validTo < input.validFrom, '/validTo', 'BAD_PERIOD');
  when((input.changeNote?.length ?? 0) > LONGEST_NOTE, '/changeNote', 'TOO_LONG');
  refuseProblems(problems);
}
