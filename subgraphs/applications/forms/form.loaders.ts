/** Batched loads of forms; everybody may read them. */
import { batch, byKey } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { Form } from './form.entity';

export const formById = batch<string, Form>(async (ids, ctx) =>
  byKey(await ctx.read(tx => rows(tx, Form, 'SELECT * FROM form WHERE id = ANY($1)', [ids])), form => form.id),
);
