/** Registering forms: the same content is the same form. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../kernel/chain';
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { badInput } from '../../../kernel/errors';
import { once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { provenStaff } from '../../../kernel/membership';
import { refuse } from '../refusals';
import { areHints, SCHEMA_PROBLEMS, schemaProblem } from './form.check';
import { Form } from './form.entity';
import type { RegisterFormInput } from './form.inputs';

/** @returns the SHA-256, as hex, of schema and hints in canonical JSON. */
export const formHash = (schema: unknown, uiSchema: unknown): string =>
  createHash('sha256').update(canonicalJson({ schema, uiSchema })).digest('hex');

export async function registerForm(ctx: Context, input: RegisterFormInput): Promise<Form> {
  const { title, schema, uiSchema } = input;
  if (title.trim() === '' || title.length > 200) throw badInput('input.title');
  if (!areHints(uiSchema)) throw badInput('input.uiSchema');
  const problem = schemaProblem(schema);
  if (problem) {
    const text = SCHEMA_PROBLEMS[problem];
    throw refuse('BAD_SCHEMA', { problems: [{ path: '/schema', code: 'BAD_SCHEMA', text }] });
  }
  return ctx.write(async tx => {
    await provenStaff(tx, ctx.principal, 'catalogue:edit');
    const { id } = await once(tx, ctx.principal, 'registerForm', { ...input }, async () => {
      const hash = formHash(schema, uiSchema);
      await tx.query(
        `INSERT INTO form (id, title, schema, ui_schema, hash, registered_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (hash) DO NOTHING`,
        [newId(), title, JSON.stringify(schema), JSON.stringify(uiSchema), hash, now()],
      );
      const [{ id: known }] = await tx.query(`SELECT id FROM form WHERE hash = $1`, [hash]);
      return known;
    });
    return (await findForm(tx, id))!;
  });
}

export async function findForm(tx: Tx, id: string): Promise<Form | null> {
  const [found] = await rows(tx, Form, 'SELECT * FROM form WHERE id = $1', [id]);
  return found ?? null;
}
