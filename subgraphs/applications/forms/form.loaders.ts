/** Batched loads of forms; everybody may read them. */
import { batch, byKey } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { Form } from './form.entity';
import { formRights } from './form.rights';

export const formById = batch<string, Form>(async (ids, ctx) => {
  const found = await ctx.read(tx => rows(tx, Form, 'SELECT * FROM form WHERE id = ANY($1)', [ids]));
  return byKey(
    found.filter(form => formRights.maySee(form, ctx.asker)),
    form => form.id,
  );
});
